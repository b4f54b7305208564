package observer

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// row is a line of the table: a child, or a remark. Equal rows look alike, so that a stream need
// not send an equal one again; to be comparable, a row has no slices.
type row struct {
	Number int // of the row

	Remark string // if not "", there is nothing else but it and the Depth and Link of Who

	Who   who
	State standing
	Lapse lapse
	Queue queue
	Rate  rate
	Times times
	Doing doing
}

// standing is the cell with the state.
type standing struct {
	State, Class string // the state and its class: see class
	Age          string // how long that state lasts
	Restarts     string
}

// queue is the cell with how many closures wait, and the most that were seen.
type queue struct{ Now, Most string }

// rate is the cell with how many closures are executed a second; "": not known.
type rate struct{ PerSecond string }

// times is the cell with median and 99th percentile of run times, and their histogram, as a
// path.
type times struct{ Text, Bars string }

// who is the cell with the name.
type who struct {
	Depth      int // in the tree; at most deepest
	Name, Path string
	Link       template.URL
	Fold       template.URL // folds what is below it, or unfolds it; "": nothing is below
	Folded     bool
	Leaf       bool // without a Fold, its place is left empty
	Cyclic     bool // it waits in a circle
}

// lapse is the cell with the last crash.
type lapse struct {
	To         template.URL
	Crash, Ago string // what it has crashed with the last time, and when and where that was
	Err        string // how it ended, if that is not the crash
}

// doing is the cell with what it does.
type doing struct {
	Now, Note string // what it does, and a detail of that
	Tight     bool   // its restart budget is nearly used up
	Waits     [3]wait
	MoreWaits int
}

// deepest is the largest depth that is shown by indenting.
const deepest = 12

type wait struct {
	For, Site string
	Link      template.URL // "" of what is outside of the process
	Cyclic    bool
}

func (v *view) row(n *supervisor.Node, depth int) row {
	r := row{
		Who:   who{Depth: min(depth, deepest), Name: shown(n.Name), Path: shown(n.Path), Link: v.Link(n.Path)},
		State: standing{State: stateOf(n), Class: v.class(n), Age: v.lasting(n.Since)},
	}
	r.Lapse.Err = shown(shortened(n.Err, 1000))
	if v.flat() {
		r.Who.Name = r.Who.Path
	}
	if n.Restarts > 0 {
		r.State.Restarts = counted(n.Restarts, "restart", "restarts")
	}
	r.Who.Folded = v.folded[n.Path]
	r.Who.Leaf = !v.flat()
	if len(n.Children) > 0 && !v.flat() {
		r.Who.Fold = v.folding(n.Path)
	}
	v.numbers(&r, n)
	v.now(&r, n)
	c := lastCrash(n)
	if c == nil {
		return r
	}
	r.Lapse.To = r.Who.Link
	r.Lapse.Crash, r.Lapse.Ago = shown(shortened(panicValue(c, n.Path), 200)), whenAndWhere(v.since(c.Time), c)
	if n.Err == c.Message {
		r.Lapse.Err = "" // it is that crash
	}
	return r
}

// numbers enters queue, rate and times. A supervisor has the sums of all below it, without times.
func (v *view) numbers(r *row, n *supervisor.Node) {
	s := v.sums(n)
	if s.services == 0 {
		return
	}
	r.Queue.Now = grouped(s.queued)
	if s.rated {
		r.Rate.PerSecond = perSecond(s.rate)
	}
	if i := n.Service; i != nil {
		if i.High > i.Queued {
			r.Queue.Most = "most " + grouped(i.High)
		}
		if h := i.Runs; h.Count > 0 {
			r.Times.Text = brief(h.Quantile(0.5)) + " · " + brief(h.Quantile(0.99))
			r.Times.Bars = bars(&h)
		}
	}
}

// now enters what a child does, and what it waits for.
func (v *view) now(r *row, n *supervisor.Node) {
	switch {
	case n.Service != nil:
		if c := n.Service.Closure; c != nil {
			r.Doing.Now, r.Doing.Note = function(c.Func, c.File, c.Line), age(c)
		}
		for k, w := range n.Service.WaitsFor {
			r.Who.Cyclic = r.Who.Cyclic || v.cyclic[w]
			if k < len(r.Doing.Waits) {
				r.Doing.Waits[k] = v.wait(w)
			} else {
				r.Doing.MoreWaits++
			}
		}
	case n.Supervisor != nil:
		r.Doing.Now, r.Doing.Note, r.Doing.Tight = n.Supervisor.Strategy, budget(n.Supervisor), tight(n.Supervisor)
		if r.Who.Folded {
			states := v.sums(n).states
			r.Doing.Now = states.String()
		}
	case n.Requests != nil:
		r.Doing.Now, r.Doing.Note = "does not listen", counted(n.Requests.UnderWay, "request", "requests")+" under way"
		if n.Requests.Addr != "" {
			r.Doing.Now = "listens on " + shown(n.Requests.Addr)
		}
	case n.Func != "":
		switch n.State { // of another, it does not run
		case supervisor.Up.String(), supervisor.Starting.String(), supervisor.Stopping.String():
			r.Doing.Now = shown(n.Func)
		}
	}
}

func (v *view) wait(w actor.WaitsFor) wait {
	to := wait{For: shown(w.For), Site: shown(w.Site), Cyclic: v.cyclic[w]}
	if !w.Outside {
		to.Link = v.Link(w.For)
	}
	return to
}

// age returns for how long a closure has been running, or "" if it was first seen just now.
func age(c *actor.RunningClosure) string {
	switch {
	case c.Exact:
		return "for " + brief(c.Age)
	case c.Age == 0:
		return ""
	}
	return "for at least " + brief(c.Age)
}

// budget says how many restarts a supervisor has used of those that it puts up with.
func budget(b *supervisor.Budget) string {
	if b.Max < 0 {
		return "restarts without limit"
	}
	return fmt.Sprintf("%d of %s in %s", b.Used, counted(b.Max, "restart", "restarts"), duration(b.Period))
}

// tight reports whether a restart budget is nearly used up: at most one restart, or a fifth of
// the budget, is left before the supervisor gives up.
func tight(b *supervisor.Budget) bool {
	return b.Max >= 0 && b.Used > 0 && b.Max-b.Used <= max(1, b.Max/5)
}

// stateOf returns the state of a node in a word. A service that runs is up, like a supervisor
// whose children are. One that does not run has a word of its own.
func stateOf(n *supervisor.Node) string {
	i := n.Service
	switch {
	case i == nil:
	case i.Paused:
		return "paused"
	case n.State == supervisor.Up.String() && i.State != actor.Running:
		return i.State.String()
	case i.Closure != nil && i.Closure.Age >= isStuck:
		return "stuck"
	}
	return shown(n.State)
}

// class returns how a node is to be judged: one of the classes, for each of which the page has a
// colour and a sign.
func (v *view) class(n *supervisor.Node) string {
	switch state := stateOf(n); {
	case state == "waiting", n.Err != "" && (state == "exited" || state == "down"), stuck(n, v.Time) != "":
		return bad
	case state == "paused":
		return odd
	case state == "up":
		return good
	case state == "starting", state == "stopping", state == "draining", state == "pending":
		return soon
	}
	return off
}

// The classes of nodes, the best first.
const (
	off  = "off"  // it is not to run
	good = "good" // it runs
	soon = "soon" // it will, or will not, in a moment
	odd  = "odd"  // is worth a look
	bad  = "bad"  // is wrong
)

// severity returns the rank of a class.
func severity(class string) int { return slices.Index([]string{off, good, soon, odd, bad}, class) }

// id returns the id that the row has on the page.
func (r *row) id() string { return "r" + strconv.Itoa(r.Number) }
