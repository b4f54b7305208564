package observer

import (
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"slices"
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
	"link":  link,
	"func":  function,
	"text":  fmt.Sprint,
}).ParseFS(files, "page.html"))

// most is how many children of a supervisor are shown unless all are asked for.
const most = 500

// view is what the template shows.
type view struct {
	Report
	query
	Rows []row

	cyclic map[actor.Wait]bool // that are in Cycles
}

// row is a line of the table: a child, a member of a pool, or a remark.
type row struct {
	Depth   int
	Node    supervisor.Node
	Waits   []wait
	Cyclic  bool   // it waits in a circle
	Member  bool   // of a pool: there is nothing more to it
	Remark  string // instead of all else
	Crashed string // its last crash, in short
	Ago     time.Duration
}

type wait struct {
	actor.Wait
	Cyclic bool
}

func newView(r Report, q query) *view {
	v := &view{Report: r, query: q, cyclic: map[actor.Wait]bool{}}
	for _, w := range slices.Concat(r.Cycles...) {
		v.cyclic[w] = true
	}
	v.add(r.Tree, 0)
	return v
}

// add adds a row for a node, and those below it.
func (v *view) add(n supervisor.Node, depth int) {
	v.Rows = append(v.Rows, v.row(n, depth))
	for _, m := range n.Members {
		name := strings.TrimPrefix(m.Name, n.Path+"/")
		member := supervisor.Node{Name: name, Path: m.Name, State: m.State.String(), Service: &m}
		r := v.row(member, depth+1)
		r.Member = true
		v.Rows = append(v.Rows, r)
	}
	shown, left := n.Children, ""
	if !v.All {
		shown, left = choose(n.Children, most)
	}
	for _, c := range shown {
		v.add(c, depth+1)
	}
	if left != "" {
		v.Rows = append(v.Rows, row{Depth: depth + 1, Remark: left})
	}
}

func (v *view) row(n supervisor.Node, depth int) row {
	r := row{Depth: depth, Node: n}
	if n.Service == nil {
		return r
	}
	for _, w := range n.Service.WaitsFor {
		r.Waits = append(r.Waits, wait{w, v.cyclic[w]})
		r.Cyclic = r.Cyclic || v.cyclic[w]
	}
	if c := n.Service.Crash; c != nil {
		r.Crashed, r.Ago = crashText(c), v.Time.Sub(c.Time)
	}
	return r
}

// crashText returns what crashed, and with what, in a line.
func crashText(c *actor.Crash) string {
	if c.Err == nil {
		return c.Message
	}
	const most = 200
	value := []rune(fmt.Sprint(c.Err.Value))
	if len(value) > most {
		value = append(value[:most], '…')
	}
	return function(c.Func, c.File, c.Line) + ": " + string(value)
}

// choose returns at most so many children, in their order, those first at which there is
// something to see, and what is to be said of the others.
func choose(children []supervisor.Node, most int) (shown []supervisor.Node, left string) {
	if len(children) <= most {
		return children, ""
	}
	chosen := make([]bool, len(children))
	room := most
	for _, first := range []bool{true, false} {
		for i := range children {
			if room > 0 && !chosen[i] && remarkable(&children[i]) == first {
				chosen[i] = true
				room--
			}
		}
	}
	var states []string // in the order in which they are met
	count := map[string]int{}
	for i, c := range children {
		if chosen[i] {
			shown = append(shown, c)
			continue
		}
		if count[c.State]++; count[c.State] == 1 {
			states = append(states, c.State)
		}
	}
	for i, s := range states {
		states[i] = fmt.Sprintf("%d %s", count[s], s)
	}
	return shown, fmt.Sprintf("and %d more: %s", len(children)-most, strings.Join(states, ", "))
}

// remarkable reports whether a child does something, or has had trouble.
func remarkable(n *supervisor.Node) bool {
	if n.State != supervisor.Up.String() || n.Restarts > 0 || n.Err != "" || len(n.Children) > 0 {
		return true
	}
	i := n.Service
	return i != nil && (i.Queued > 0 || i.Running > 0 || i.Crash != nil || i.Dead+i.Refused > 0 || i.Paused)
}

// Age returns how long a node has been in its state, or "" if that is not known.
func (v *view) Age(n supervisor.Node) string {
	if n.Since.IsZero() {
		return ""
	}
	return duration(v.Time.Sub(n.Since))
}

// Self returns a link to this page with other wishes.
func (v *view) Self(all bool, refresh int) template.URL {
	q := v.values()
	if all {
		q.Set("all", "1")
	}
	if refresh > 0 {
		q.Set("refresh", fmt.Sprint(refresh))
	}
	return template.URL("?" + q.Encode())
}

// JSON returns a link to the same as JSON.
func (v *view) JSON() template.URL {
	q := v.values()
	q.Set("format", "json")
	return template.URL("?" + q.Encode())
}

func (v *view) values() url.Values {
	q := url.Values{}
	if v.Path != "" {
		q.Set("path", v.Path)
	}
	return q
}

// link returns a link to a node.
func link(path string) template.URL {
	return template.URL("?" + url.Values{"path": {path}}.Encode())
}

// duration returns a duration with three digits at most.
func duration(d time.Duration) string {
	unit := time.Duration(1)
	for ; d/unit >= 1000 && unit < time.Second; unit *= 10 {
	}
	if d >= 1000*time.Second {
		unit = time.Second
	}
	return d.Round(unit).String()
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
	return fmt.Sprintf("%s %s:%d", name[strings.LastIndexByte(name, '/')+1:], file[strings.LastIndexByte(file, '/')+1:], line)
}
