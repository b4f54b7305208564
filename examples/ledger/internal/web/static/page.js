"use strict";

const find = (id) => document.getElementById(id);

// --- amounts: integers of the smallest unit, never fractions -----------------

const shown = (minor) => {
	const text = String(Math.abs(minor)).padStart(3, "0");
	const whole = text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, "\u2009");
	return (minor < 0 ? "\u2212" : "") + whole + "." + text.slice(-2);
};

const parsed = (text) => {
	const [whole, fraction = ""] = text.trim().replace(",", ".").split(".");
	return Number(whole + fraction.padEnd(2, "0"));
};

// --- requests ----------------------------------------------------------------

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const get = async (path) => {
	const answer = await fetch(path);
	const body = await answer.json();
	if (!answer.ok) throw new Error(body.detail || body.title);
	return body;
};

// post makes a request, again and again with the same key as long as it is not known
// what has become of it.
const post = async (path, body) => {
	const key = crypto.randomUUID();
	for (let tries = 0; ; tries++) {
		let answer;
		try {
			answer = await fetch(path, {
				method: "POST",
				headers: { "Content-Type": "application/json", "Idempotency-Key": key },
				body: JSON.stringify(body),
			});
		} catch (err) {
			if (tries >= 20) throw err;
		}
		if (answer && answer.status < 500) {
			const result = await answer.json();
			if (!answer.ok) throw new Error(result.detail || result.title);
			return result;
		}
		if (tries >= 20) throw new Error("The ledger does not answer.");
		await pause(500);
	}
};

const say = (text) => {
	find("message").textContent = text;
	find("message").hidden = text === "";
};

// --- accounts ----------------------------------------------------------------

const rows = new Map(); // account -> its row

const cell = (row, text, name) => {
	const td = row.insertCell();
	td.textContent = text;
	if (name) td.className = name;
	return td;
};

const fresh = (row) => {
	row.classList.remove("fresh");
	void row.offsetWidth; // so that the animation begins anew
	row.classList.add("fresh");
	row.addEventListener("animationend", () => row.classList.remove("fresh"), { once: true });
};

const showAccount = (account) => {
	let row = rows.get(account.id);
	if (!row) {
		const behind = [...rows.keys()].filter((id) => id < account.id).length;
		row = find("accounts").insertRow(behind);
		row.dataset.account = account.id;
		cell(row, account.id);
		cell(row, "", "amount");
		rows.set(account.id, row);
		const option = document.createElement("option");
		option.value = account.id;
		find("names").append(option);
	}
	const text = shown(account.balance);
	if (row.cells[1].textContent !== text) {
		row.cells[1].textContent = text;
		fresh(row);
	}
};

let nextAccounts = "";
const loadAccounts = async () => {
	const page = await get("/api/accounts?limit=100&after=" + encodeURIComponent(nextAccounts));
	page.accounts.forEach(showAccount);
	nextAccounts = page.next || "";
	find("more-accounts").hidden = !page.next;
};

// Accounts whose balance has changed are asked for together, a few times a second.
const changed = new Set();
let asking = false;
const balances = async () => {
	if (asking) return;
	asking = true;
	try {
		while (changed.size > 0) {
			await pause(100);
			const ids = [...changed];
			changed.clear();
			await Promise.all(ids.map(async (id) => {
				try {
					showAccount(await get("/api/accounts/" + encodeURIComponent(id)));
				} catch {
					changed.add(id); // later
				}
			}));
		}
	} finally {
		asking = false;
	}
};

// --- transfers ---------------------------------------------------------------

const mostShown = 200;

const fillTransfer = (row, t) => {
	cell(row, t.id, "number");
	cell(row, t.from);
	cell(row, t.to);
	cell(row, shown(t.amount), "amount");
	cell(row, new Date(t.at).toLocaleTimeString(), "time");
};

let nextTransfers = 0;
const loadTransfers = async () => {
	const page = await get("/api/transfers?limit=20" + (nextTransfers ? "&before=" + nextTransfers : ""));
	for (const t of page.transfers) fillTransfer(find("transfers").insertRow(), t);
	nextTransfers = page.next || 0;
	find("more-transfers").hidden = !page.next;
	return page.transfers.length ? page.transfers[0].id : 0;
};

// live shows each transfer behind one. The browser opens a stream again that was cut off,
// but not one that was refused, because there are too many.
const live = (after) => {
	const events = new EventSource("/api/events?after=" + after);
	events.onopen = () => {
		find("live").textContent = "live";
		find("live").classList.remove("broken");
	};
	events.onerror = () => {
		find("live").textContent = "reconnecting…";
		find("live").classList.add("broken");
		if (events.readyState === EventSource.CLOSED) setTimeout(() => live(after), 1000);
	};
	events.addEventListener("transfer", (event) => {
		const t = JSON.parse(event.data);
		after = t.id;
		const list = find("transfers");
		const row = list.insertRow(0);
		fillTransfer(row, t);
		fresh(row);
		if (list.rows.length > mostShown) {
			list.deleteRow(-1);
			nextTransfers = Number(list.rows[list.rows.length - 1].cells[0].textContent);
			find("more-transfers").hidden = false;
		}
		for (const id of [t.from, t.to]) if (rows.has(id)) changed.add(id);
		balances();
	});
};

// --- forms -------------------------------------------------------------------

const onSubmit = (id, send) => {
	const form = find(id);
	const button = form.querySelector("button");
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		button.disabled = true;
		say("");
		try {
			await send(form);
		} catch (err) {
			say(err.message);
		} finally {
			button.disabled = false;
		}
	});
};

onSubmit("open", async (form) => {
	showAccount(await post("/api/accounts", { id: form.elements.id.value, balance: parsed(form.elements.balance.value) }));
	form.reset();
});

onSubmit("transfer", async (form) => {
	const from = form.elements.from.value;
	const to = form.elements.to.value;
	await post("/api/transfers", { from, to, amount: parsed(form.elements.amount.value) });
	form.reset(); // else what is empty now would be marked as wrong
	form.elements.from.value = from;
	form.elements.to.value = to;
});

onSubmit("crash", async (form) => {
	const name = form.elements.name.value;
	find("crashed").textContent = "crashing " + name + "…";
	await post("/chaos", { name });
	find("crashed").textContent = name + " has crashed, and is back.";
});

find("more-accounts").addEventListener("click", () => loadAccounts().catch((err) => say(err.message)));
find("more-transfers").addEventListener("click", () => loadTransfers().catch((err) => say(err.message)));

// --- begin -------------------------------------------------------------------

// patiently does something until it succeeds, also if the ledger is overloaded or away.
const patiently = async (what) => {
	for (;;) {
		try {
			const result = await what();
			say("");
			return result;
		} catch (err) {
			say(err.message);
		}
		await pause(1000);
	}
};

const offerCrashes = async () => {
	const answer = await fetch("/chaos");
	if (answer.status >= 500) throw new Error("The ledger does not answer.");
	if (!answer.ok) return; // nothing may be crashed
	for (const name of await answer.json()) find("crash").elements.name.add(new Option(name));
	find("chaos").hidden = false;
};

const begin = async () => {
	// Transfers first: those that come meanwhile are sent as events, and have their accounts
	// asked for again.
	const last = await patiently(loadTransfers);
	await patiently(loadAccounts);
	live(last);
	await patiently(offerCrashes);
};

begin();
