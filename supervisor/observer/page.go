package observer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"

	"github.com/bruskajp/nano_services/supervisor"
)

//go:embed files
var files embed.FS

var style, script = file("files/style.css"), file("files/live.js")

func file(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"script": func() template.JS { return template.JS(script) },
	"shown":  shown,
}).ParseFS(files, "files/*.html"))

// policy is what a browser may do with a page: show it, run its one script, and send the script's
// requests and the form to where the page is from.
var policy = "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script) +
	"'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// part is a piece of a page that has an id, and that a stream sends again when it has changed.
type part struct {
	ID   string
	HTML template.HTML
}

// shell is a page: its parts, and what does not change.
type shell struct {
	*view
	Kind, Title   string
	When          part
	Top, RowParts []part
	Bottom        []part
	Table, Leaf   bool
	Heads         []heading
}

type heading struct {
	Name, Class, Sorted, Hint string
	Link                      template.URL
}

// writePage writes the page of a view.
func writePage(to io.Writer, v *view) error {
	s := &shell{view: v, Kind: cmp.Or(v.View, "table"), Title: shown(v.Tree.Path)}
	s.Leaf, s.Table = isLeaf(&v.Tree), s.Kind == "table" && !isLeaf(&v.Tree)
	d := &drawing{}
	all := d.parts(v)
	if d.err != nil {
		return d.err
	}
	s.When, all = all[0], all[1:]
	rows := len(v.Rows)
	if !s.Table {
		rows = 0
	}
	fixed := len(all) - rows
	s.Top, s.RowParts = all[:fixed], all[fixed:]
	if s.Table {
		s.Top, s.Bottom = all[:3], all[3:fixed]
		s.Heads = v.heads()
	}
	return templates.ExecuteTemplate(to, "shell", s)
}

// isLeaf reports whether there is nothing below a node, and there cannot be.
func isLeaf(n *supervisor.Node) bool { return n.Supervisor == nil && len(n.Children) == 0 }

// heads returns what stands above the columns.
func (v *view) heads() []heading {
	heads := []heading{
		{Name: "Name"}, {Name: "State"}, {Name: "Last crash", Hint: "or how it has ended"},
		{Name: "Queue", Class: "n", Hint: "closures that wait, and the most that were seen; of a supervisor those of all below it"},
		{Name: "Rate", Class: "n", Hint: "closures executed a second in the last ten seconds"},
		{Name: "p50 · p99", Hint: "median and 99th percentile of run times, of services that measure them (actor.WithTimes), and their histogram from a microsecond to ten seconds"},
		{Name: "Now"},
	}
	for i, by := range sorts {
		heads[i].Link = v.Sorted(by)
		if v.Sort == by {
			heads[i].Sorted = "descending"
		}
	}
	if v.Sort == "name" {
		heads[0].Sorted = "ascending"
	}
	return heads
}

// drawing makes parts of templates. The first error is kept.
type drawing struct {
	err error

	// The rows that were made the last time, and are not made again.
	rows  []row
	drawn []template.HTML

	spare []row  // of the time before: kept for their room, as is
	text  markup // the last row
}

// draw makes a part.
func (d *drawing) draw(id, name string, data any) part {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil && d.err == nil {
		d.err = err
	}
	return part{id, template.HTML(b.String())} // what a template has written is HTML
}

// parts makes the parts of a view: always the same ones, except for the rows, which come last. An
// empty part is there as well, for what may come.
func (d *drawing) parts(v *view) []part {
	all := []part{d.draw("time", "time", v)}
	switch {
	case v.View == drawn:
		return append(all, d.draw("cycles", "cycles", v), d.draw("picture", "picture", v.picture()))
	case isLeaf(&v.Tree):
		return append(all, d.service(v)...)
	}
	v.Rows = d.spare[:0]
	v.fill(most)
	all = append(slices.Grow(all, 4+len(v.Rows)), d.draw("well", "well", v.examine(&v.Tree)), d.draw("cycles", "cycles", v),
		d.draw("found", "found", v), d.draw("crash", "crash", v.crash()))
	drawn := make([]template.HTML, len(v.Rows))
	for i := range v.Rows {
		r := &v.Rows[i]
		if i < len(d.rows) && d.rows[i] == *r {
			drawn[i] = d.drawn[i]
		} else {
			d.text = d.text[:0]
			d.text.row(r)
			drawn[i] = template.HTML(d.text)
		}
		all = append(all, part{r.id(), drawn[i]})
	}
	d.spare, d.rows, d.drawn = d.rows, v.Rows, drawn
	return all
}
