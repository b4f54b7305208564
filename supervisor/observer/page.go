package observer

import (
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

//go:embed page.html
var files embed.FS

var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"d":     duration,
	"times": times,
	"func":  function,
}).ParseFS(files, "page.html"))

// view is what the template shows.
type view struct {
	Report
	query
	Rows []row

	cyclic map[actor.WaitsFor]bool // that are in Cycles
}

// row is a line of the table: a child, or a remark.
type row struct {
	Depth   int
	Node    *supervisor.Node
	Waits   []wait
	Cyclic  bool   // it waits in a circle
	Remark  string // instead of all else
	Crashed string // its last crash, in short; "": none
	Ago     string // when that was, if it is known
	Count   uint64 // of crashes, if it is known
	Err     string // how it ended, if that is not the crash
}

type wait struct {
	actor.WaitsFor
	Cyclic bool
}

func newView(r Report, q query) *view {
	v := &view{Report: r, query: q, cyclic: map[actor.WaitsFor]bool{}}
	for _, w := range slices.Concat(r.Cycles...) {
		v.cyclic[w] = true
	}
	v.add(&r.Tree, 0, most-1)
	return v
}

func (v *view) row(n *supervisor.Node, depth int) row {
	r := row{Depth: depth, Node: n, Err: shortened(n.Err, 1000)}
	if n.Service != nil {
		for _, w := range n.Service.WaitsFor {
			r.Waits = append(r.Waits, wait{w, v.cyclic[w]})
			r.Cyclic = r.Cyclic || v.cyclic[w]
		}
	}
	c := lastCrash(n)
	if c == nil {
		return r
	}
	r.Crashed, r.Count = crashText(c, n.Path), c.Count
	if !c.Time.IsZero() {
		r.Ago = duration(v.Time.Sub(c.Time)) + " ago"
	}
	if n.Err == c.Message {
		r.Err = "" // it is that crash
	}
	return r
}

// crashText returns what crashed, and with what, in a line, without the service, in
// whose row it is. It is made of what was written down when it crashed: to ask the value
// of the panic now could run a method of it.
func crashText(c *actor.Crash, service string) string {
	if c.Err != nil {
		service = c.Err.Service
	}
	text := strings.TrimPrefix(c.Message, "actor: "+service+": ")
	const most = 200
	if what, value, ok := strings.Cut(text, ": "); ok && len(what) <= most {
		return what + ": " + shortened(value, most)
	}
	return shortened(text, most)
}

// shortened returns the beginning of a text that is long.
func shortened(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// Age returns how long a node has been in its state, or "" if that is not known.
func (v *view) Age(n *supervisor.Node) string {
	if n.Since.IsZero() {
		return ""
	}
	return duration(v.Time.Sub(n.Since))
}

// Self returns a link to this page with other wishes.
func (v *view) Self(all bool, refresh int) template.URL {
	return link(query{Path: v.Path, All: all, Refresh: refresh})
}

// JSON returns a link to the same as JSON.
func (v *view) JSON() template.URL { return link(query{Path: v.Path, json: true}) }

// Link returns a link to a part of the tree, or with "" to all of it.
func (v *view) Link(path string) template.URL {
	return link(query{Path: path, Refresh: v.Refresh})
}

// link returns a link to the page that answers a query.
func link(q query) template.URL {
	values := url.Values{}
	if q.Path != "" {
		values.Set("path", q.Path)
	}
	if q.All {
		values.Set("all", "1")
	}
	if q.Refresh > 0 {
		values.Set("refresh", strconv.Itoa(q.Refresh))
	}
	if q.json {
		values.Set("format", "json")
	}
	return template.URL("?" + values.Encode())
}

// duration returns a duration with three digits, from a minute on in minutes and
// seconds, from 1000 seconds on in hours and minutes, and from a day on in days and hours.
func duration(d time.Duration) string {
	d = max(d, 0)
	if d >= 1000*time.Second {
		if d = d.Round(time.Minute); d < 24*time.Hour {
			return strings.TrimSuffix(d.String(), "0s")
		}
		hours := d.Round(time.Hour) / time.Hour
		return fmt.Sprintf("%dd%dh", hours/24, hours%24)
	}
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(min(unit, time.Second)).String()
}

// times returns the median, the 99th percentile and the maximum of what was measured.
func times(h actor.Histogram) string {
	if h.Count == 0 {
		return ""
	}
	return duration(h.Quantile(0.5)) + " / " + duration(h.Quantile(0.99)) + " / " + duration(h.Max)
}

// function returns where a function is, in short: pkg.(*T).Method file.go:12.
func function(name, file string, line int) string {
	if name == "" {
		return "a function without a name"
	}
	return fmt.Sprintf("%s %s:%d", base(name), base(file), line)
}

// base returns what follows the last slash.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
