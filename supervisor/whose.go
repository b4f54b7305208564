package supervisor

import (
	"slices"

	"github.com/bruskajp/nano_services/internal/goid"
)

// A goroutine that waits for a supervisor which waits for that goroutine would wait for
// ever, or until one of them loses patience. Who waits for whom:
//
//	a supervisor      its children, when they start and end
//	a supervisor      its Decider and its children's methods, which it asks
//	a root, at its end  the hooks and loggers of its tree, which get the events
//	any of these      a supervisor, in Stop, Add, Terminate, Restart, Remove
//	a hook, a logger  a root, after it has asked for its Done, until it returns
//
// The goroutines are known by what is registered for them.

// processes says which goroutine is a child's, or asks the user's code for a supervisor.
var processes goid.Registry[process]

// tellers says which goroutine delivers the events of which reporter.
var tellers goid.Registry[reporter]

// behalf returns f so that what it calls is known to be what s waits for, on whichever
// goroutine that is.
func behalf[V any](s *Supervisor, f func() V) func() V {
	return func() V {
		defer processes.Leave(processes.Enter(&s.asking))
		return f()
	}
}

// isBelow reports whether p is the goroutine of a child in this tree, or asks for one of
// its supervisors.
func (s *Supervisor) isBelow(p *process) bool {
	for ; p != nil; p = p.s.process() {
		if p.s == s {
			return true
		}
	}
	return false
}

// childAbove returns the child of s whose goroutine p is, or above it.
func (s *Supervisor) childAbove(p *process) *child {
	for ; p != nil; p = p.s.process() {
		if p.s == s {
			return p.c
		}
	}
	return nil
}

// process returns the child that s is of its parent, or nil.
func (s *Supervisor) process() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

// awaitedHere is called by who is about to wait for the end of s. It reports that this would
// never come, since it waits for the calling goroutine. Afterwards comes over.
func (s *Supervisor) awaitedHere() (waits *reporter, never bool) {
	if s.isBelow(processes.Current()) {
		return nil, true
	}
	r := tellers.Current()
	if r == nil {
		return nil, false
	}
	r.waitsFor.Store(s) // before it looks: of two that close a cycle one sees the other
	if s.endsAfter(r, nil) {
		r.over()
		return nil, true
	}
	return r, false
}

// endsAfter reports whether the end of s waits for what r delivers, perhaps through other
// trees, of which those have been looked at.
func (s *Supervisor) endsAfter(r *reporter, looked []*Supervisor) bool {
	tree := s.tells()
	if tree == nil || slices.Contains(looked, s) {
		return false
	}
	looked = append(looked, s)
	return slices.ContainsFunc(tree.now(), func(x *reporter) bool {
		next := x.waitsFor.Load()
		return x == r || next != nil && next.endsAfter(r, looked)
	})
}

// over says that the goroutine which delivers has waited. A nil reporter delivers nothing.
func (r *reporter) over() {
	if r != nil {
		r.waitsFor.Store(nil)
	}
}

// tells returns the deliveries that the end of s waits for, or nil.
func (s *Supervisor) tells() *deliveries {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.top && s.reporter != nil {
		return s.reporter.tree
	}
	return nil
}
