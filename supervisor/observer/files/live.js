"use strict";
// Keeps the page live: takes what has changed from a stream of events, and puts it where it
// belongs. Without this script the page is whole; it only does not change by itself.
(() => {
	const live = document.getElementById("live");
	if (!live || !window.EventSource) return;
	const say = text => { if (live.textContent !== text) live.textContent = text; };

	// morph makes an element like another one, and touches what differs only: what has the
	// focus, or is selected or opened, stays so.
	const morph = (old, now) => {
		if (old.nodeName !== now.nodeName) return old.replaceWith(now);
		if (old.nodeType !== Node.ELEMENT_NODE) {
			if (old.data !== now.data) old.data = now.data;
			return;
		}
		for (const { name } of [...old.attributes])
			if (!now.hasAttribute(name) && name !== "open") old.removeAttribute(name);
		for (const { name, value } of now.attributes)
			if (old.getAttribute(name) !== value) old.setAttribute(name, value);
		const before = [...old.childNodes], after = [...now.childNodes];
		after.forEach((child, i) => i < before.length ? morph(before[i], child) : old.append(child));
		before.slice(after.length).forEach(child => child.remove());
	};

	const put = ([id, html]) => {
		const template = document.createElement("template");
		template.innerHTML = html;
		const now = template.content.firstElementChild, old = document.getElementById(id);
		if (old) morph(old, now);
		else document.getElementById("rows")?.append(now);
	};

	let source = null, again = 0;
	const close = () => {
		source?.close();
		source = null;
		clearTimeout(again);
	};
	const open = () => {
		close();
		if (document.hidden) return;
		source = new EventSource(live.dataset.from);
		source.onmessage = event => {
			const { put: parts, drop } = JSON.parse(event.data);
			parts.forEach(put);
			drop.forEach(id => document.getElementById(id)?.remove());
			say("live");
		};
		source.addEventListener("end", event => {
			say("not live: " + JSON.parse(event.data));
			later();
		});
		source.onerror = () => {
			if (!source) return;
			say("not live: no answer, trying again");
			if (source.readyState === EventSource.CLOSED) later();
		};
	};
	const later = () => {
		close();
		again = setTimeout(open, 5000);
	};
	document.addEventListener("visibilitychange", () => document.hidden ? close() : open());
	addEventListener("pagehide", close);
	addEventListener("pageshow", event => { if (event.persisted) open(); });
	say("connecting");
	open();
})();
