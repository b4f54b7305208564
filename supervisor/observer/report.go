package observer

import (
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Report is what a Handler shows, as plain data. Durations in its JSON are nanoseconds.
type Report struct {
	Time    time.Time          // when the tree was looked at
	Tree    supervisor.Node    // or the part of it that was asked for
	Cycles  [][]actor.WaitsFor // in the whole tree: the waits of each group of services that wait for each other, and did when one looked again
	Crashes []Crash            // the last of each child in Tree that has crashed
}

// Crash is the last crash of a service, or of what else was a child.
type Crash struct {
	Path    string // of the service
	Stack   string // of the panic, deepest call first
	Callers []actor.Caller
	History []actor.ClosureRecord // closures that ran before, and the one that crashed, if they were kept
}

// look makes the report of a tree, or of what is below path, but for the crashes. It
// reports false if there is no such child.
func look(tree Tree, path string) (r Report, ok bool) {
	r = Report{Time: time.Now(), Tree: tree.Snapshot()}
	if r.Cycles = cycles(waits(&r.Tree, nil)); len(r.Cycles) > 0 {
		again := tree.Snapshot()
		r.Cycles = still(r.Cycles, waits(&again, nil))
	}
	if path != "" {
		n := find(&r.Tree, path)
		if n == nil {
			return r, false
		}
		r.Tree = *n
	}
	return r, true
}

// find returns the node of that path, or nil.
func find(n *supervisor.Node, path string) *supervisor.Node {
	if n.Path == path {
		return n
	}
	for i := range n.Children {
		if found := find(&n.Children[i], path); found != nil {
			return found
		}
	}
	return nil
}

// waits appends whom the services of a tree wait for.
func waits(n *supervisor.Node, all []actor.WaitsFor) []actor.WaitsFor {
	if n.Service != nil {
		all = append(all, n.Service.WaitsFor...)
	}
	for i := range n.Children {
		all = waits(&n.Children[i], all)
	}
	return all
}

// crashes appends the last crash of each child of a tree.
func crashes(n *supervisor.Node, all []Crash) []Crash {
	all = append(all, crashOf(n)...)
	for i := range n.Children {
		all = crashes(&n.Children[i], all)
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

// lastCrash returns the last crash of a child in short, or nil.
func lastCrash(n *supervisor.Node) *actor.Crash {
	if n.Service != nil {
		return n.Service.Crash
	}
	return n.Crash
}
