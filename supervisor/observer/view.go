package observer

import (
	"html/template"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// view is what the pages of a tree show.
type view struct {
	Report
	query
	Rows  []row
	Found string // how many children were found, if some were looked for
	Well  well

	whole  *supervisor.Node
	series *series
	folded map[string]bool
	cyclic map[actor.WaitsFor]bool // that are in Cycles
	sum    map[*supervisor.Node]sums
}

// sums are numbers of a node and all that is below it.
type sums struct {
	queued   int
	rate     float64
	rated    bool // some rate is known
	services int
	states   tally // of its own children, folded or not
}

func newView(s *sample, r Report, q query, of *series) *view {
	v := &view{
		Report: r, query: q, whole: &s.tree, series: of,
		folded: map[string]bool{}, cyclic: map[actor.WaitsFor]bool{}, sum: map[*supervisor.Node]sums{},
	}
	for _, path := range q.Fold {
		v.folded[path] = true
	}
	for _, w := range slices.Concat(r.Cycles...) {
		v.cyclic[w] = true
	}
	return v
}

// fill makes the rows.
func (v *view) fill(room int) {
	if v.flat() {
		v.list()
	} else {
		v.Rows = slices.Grow(v.Rows, room)
		v.add(&v.Tree, 0, room-1)
	}
	for i := range v.Rows {
		v.Rows[i].Number = i
		if v.Rows[i].Remark != "" {
			v.Rows[i].Who.Link = v.Self(true, v.Refresh)
		}
	}
}

// sums returns the sums of a node. Those of a node with children are computed once.
func (v *view) sums(n *supervisor.Node) sums {
	if s, made := v.sum[n]; made {
		return s
	}
	var s sums
	if i := n.Service; i != nil {
		s.queued, s.services = i.Queued, 1
		s.rate, s.rated = v.series.rate(n.Path)
		return s
	}
	for i := range n.Children {
		below := v.sums(&n.Children[i])
		s.queued += below.queued
		s.services += below.services
		s.rate += below.rate
		s.rated = s.rated || below.rated
		s.states.add(stateOf(&n.Children[i]))
	}
	v.sum[n] = s
	return s
}

// since says how long ago something was, or returns "" if that is not known.
func (v *view) since(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ago(v.Time.Sub(at))
}

// Parents returns the way from the root to the part that is shown.
func (v *view) Parents() (way []crumb) {
	for _, n := range wayTo(v.whole, &v.Tree) {
		way = append(way, crumb{shown(n.Name), v.Link(n.Path)})
	}
	return way
}

// lasting returns how long a state lasts, in a word that does not change each second, or ""
// if that is not known.
func (v *view) lasting(since time.Time) string {
	if !since.IsZero() && v.Time.Sub(since) < time.Minute {
		return "<1 min"
	}
	return v.since(since)
}

type crumb struct {
	Name string
	Link template.URL
}

// wayTo returns the nodes on the way from n to the one with the path of to, both included; nil if
// n has none below it with that path.
func wayTo(n, to *supervisor.Node) []*supervisor.Node {
	if n.Path == to.Path {
		return []*supervisor.Node{n}
	}
	for i := range n.Children {
		if way := wayTo(&n.Children[i], to); way != nil {
			return append([]*supervisor.Node{n}, way...)
		}
	}
	return nil
}
