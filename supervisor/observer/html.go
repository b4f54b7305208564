package observer

import (
	"html"
	"strconv"
	"strings"
)

// markup is HTML that is being put together. Rows are not made by templates, which take ten times
// as long: a page has many rows, and a live one makes nearly all of them again each second.
type markup []byte

// put appends pieces. The first, the third and so on are HTML, as it is written in this file;
// those between them are texts of any kind, and are escaped.
func (m *markup) put(pieces ...string) {
	for i, piece := range pieces {
		if i%2 == 1 && strings.ContainsAny(piece, `&<>"'`) {
			piece = html.EscapeString(piece)
		}
		*m = append(*m, piece...)
	}
}

// row puts a row of the table.
func (m *markup) row(r *row) {
	if r.Remark != "" {
		m.put(`<tr id="`, r.id(), `" class="remark"><td colspan="7" class="d`, strconv.Itoa(r.Who.Depth), `">`, r.Remark,
			` (<a href="`, string(r.Who.Link), `">show all</a>)</td></tr>`)
		return
	}
	m.put(`<tr id="`, r.id(), `">`)
	m.who(&r.Who)
	m.standing(&r.State)
	m.lapse(&r.Lapse)
	m.put("\n"+`<td data-label="Queue" class="n">`, r.Queue.Now)
	m.some(`<div class="quiet">`, r.Queue.Most, `</div>`)
	m.put("</td>\n" + `<td data-label="Rate" class="n">`)
	m.some("", r.Rate.PerSecond, `<span class="quiet">/s</span>`)
	m.put("</td>\n" + `<td data-label="p50 · p99" class="times">`)
	if r.Times.Text != "" {
		m.put("", r.Times.Text, `<svg class="bars" viewBox="0 0 88 12" aria-hidden="true"><path d="`, r.Times.Bars, `"/></svg>`)
	}
	m.put("</td>")
	m.doing(&r.Doing)
	m.put("\n</tr>")
}

// some puts a text with what is around it; if the text is missing, nothing.
func (m *markup) some(before, text, after string) {
	if text != "" {
		m.put(before, text, after)
	}
}

func (m *markup) who(w *who) {
	m.put("\n"+`<th scope="row" class="name d`, strconv.Itoa(w.Depth), `">`)
	switch {
	case w.Fold != "" && w.Folded:
		m.put(`<a class="fold" href="`, string(w.Fold), `" aria-label="unfold `, w.Path, `">▸</a>`)
	case w.Fold != "":
		m.put(`<a class="fold" href="`, string(w.Fold), `" aria-label="fold `, w.Path, `">▾</a>`)
	case w.Leaf:
		m.put(`<span class="fold"></span>`)
	}
	m.put(`<a href="`, string(w.Link), `"`)
	if w.Cyclic {
		m.put(` class="bad"`)
	}
	m.put(`>`, w.Name, `</a></th>`)
}

func (m *markup) standing(s *standing) {
	m.put("\n"+`<td data-label="State" class="`, s.Class, `"><div><i class="sign `, s.Class, `" aria-hidden="true"></i>`, s.State)
	m.some(` <span class="quiet">`, s.Age, `</span>`)
	m.put(`</div>`)
	m.some(`<div class="quiet">`, s.Restarts, `</div>`)
	m.put(`</td>`)
}

func (m *markup) lapse(l *lapse) {
	m.put("\n" + `<td data-label="Last crash" class="text">`)
	if l.Crash != "" {
		m.put(`<div class="line"><a href="`, string(l.To), `">`, l.Crash, `</a></div>`)
		m.some(`<div class="quiet line">`, l.Ago, `</div>`)
	}
	m.some(`<div class="clamp">`, l.Err, `</div>`)
	m.put(`</td>`)
}

func (m *markup) doing(d *doing) {
	m.put("\n" + `<td data-label="Now" class="text">`)
	if d.Now != "" {
		note := `quiet`
		if d.Tight {
			note = bad
		}
		m.put(`<div class="clamp">`, d.Now)
		m.some(`, <span class="`+note+`">`, d.Note, `</span>`)
		m.put(`</div>`)
	}
	for i := range d.Waits {
		w := &d.Waits[i]
		if w.For == "" {
			break
		}
		circle := ""
		if w.Cyclic {
			circle = " " + bad
		}
		m.put(`<div class="clamp` + circle + `">waits for `)
		if w.Link == "" {
			m.put("", w.For, ` (outside)`)
		} else {
			m.put(`<a href="`, string(w.Link), `">`, w.For, `</a>`)
		}
		m.some(` <span class="quiet">in `, w.Site, `</span>`)
		m.put(`</div>`)
	}
	if d.MoreWaits > 0 {
		m.put(`<div class="quiet">and for `, strconv.Itoa(d.MoreWaits), ` more</div>`)
	}
	m.put(`</td>`)
}
