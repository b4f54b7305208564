package observer

import (
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Report is what a Handler shows, as plain data. Durations in its JSON are nanoseconds.
type Report struct {
	Time    time.Time             // when the tree was looked at
	Tree    supervisor.Node       // or the part of it that was asked for
	Cycles  [][]actor.WaitsFor    // in the whole tree: the waits of each group of services that wait for each other, and did when one looked again
	History []actor.ClosureRecord // of the service that was asked for by its path, the last closures, if they are kept
	Crashes []Crash               // the last of each child in Tree that has crashed
}

// Crash is the last crash of a service, or of another child.
type Crash struct {
	Path    string // of the service
	Stack   string // of the panic, deepest call first
	Callers []actor.Caller
	History []actor.ClosureRecord // closures that ran before, and the one that crashed, if they were kept
}

// part makes the report of a part of a tree, but for the crashes. It reports false if there
// is no such part.
func (s *sample) part(path string) (r Report, ok bool) {
	r = Report{Time: s.at, Tree: s.tree, Cycles: s.cycles}
	if path != "" {
		n := find(&s.tree, path)
		if n == nil {
			return r, false
		}
		r.Tree, r.History = *n, n.History()
	}
	return r, true
}

// find returns the node of that path, or nil. The path may also be as it comes in JSON, in which
// bytes that are no UTF-8 are replaced.
func find(n *supervisor.Node, path string) *supervisor.Node {
	if found := findBy(n, func(p string) bool { return p == path }); found != nil {
		return found
	}
	return findBy(n, func(p string) bool { return asUTF8(p) == path })
}

// findBy returns the first node whose path satisfies is, or nil.
func findBy(n *supervisor.Node, is func(path string) bool) *supervisor.Node {
	if is(n.Path) {
		return n
	}
	for i := range n.Children {
		if found := findBy(&n.Children[i], is); found != nil {
			return found
		}
	}
	return nil
}

// waits appends for which other services those of a tree wait.
func waits(n *supervisor.Node, all []actor.WaitsFor) []actor.WaitsFor {
	if n.Service != nil {
		for _, w := range n.Service.WaitsFor {
			if !w.Outside {
				all = append(all, w)
			}
		}
	}
	for i := range n.Children {
		all = waits(&n.Children[i], all)
	}
	return all
}

// crashOf returns the last crash of a child, if it had one.
func crashOf(n *supervisor.Node) []Crash {
	c := lastCrash(n)
	if c == nil || c.Err == nil {
		return nil
	}
	return []Crash{{n.Path, string(c.Err.Stack()), c.Err.Callers(), c.Err.History()}}
}

// lapsed returns when a child failed the last time. An error has no time: for one it returns
// since when the child waits, has exited or is back. It is zero if the child has not failed.
func lapsed(n *supervisor.Node) time.Time {
	if c := lastCrash(n); c != nil && !c.Time.IsZero() {
		return c.Time
	}
	if n.Err == "" {
		return time.Time{}
	}
	return n.Since
}

// lastCrash returns the last crash of a child in short, or nil.
func lastCrash(n *supervisor.Node) *actor.Crash {
	if n.Service != nil {
		return n.Service.Crash
	}
	return n.Crash
}
