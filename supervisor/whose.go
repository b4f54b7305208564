package supervisor

import (
	"slices"

	"github.com/bruskajp/nano_services/internal/tree"
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
// A child's goroutine is one of several: those that go on beside a service's own one, for its
// hooks and its work, belong to it as well. All are known by their tree.Behalf, which is of a
// process, or of a reporter for one that delivers events.

// behalf returns f so that what it calls is known to be what s waits for, on whichever
// goroutine that is.
func behalf[V any](s *Supervisor, f func() V) func() V {
	return func() V {
		defer tree.Behalves.Leave(tree.Behalves.Enter(&s.asking.behalf))
		return f()
	}
}

// processBelow returns the process of s which b is of, or which is above one: nil if b is of nothing
// in this tree.
func (s *Supervisor) processBelow(b *tree.Behalf) *process {
	for of := range b.All() {
		for p, _ := of.(*process); p != nil; p = p.s.process() {
			if p.s == s {
				return p
			}
		}
	}
	return nil
}

// childAbove returns the child of s that b is of, or that is above it.
func (s *Supervisor) childAbove(b *tree.Behalf) *child {
	if p := s.processBelow(b); p != nil {
		return p.c
	}
	return nil
}

// processOf returns the first process that b is of, or nil.
func processOf(b *tree.Behalf) *process {
	for of := range b.All() {
		if p, ok := of.(*process); ok {
			return p
		}
	}
	return nil
}

// tellerHere returns whose events the running goroutine delivers, or nil.
func tellerHere() *reporter {
	for of := range tree.Behalves.Current().All() {
		if r, ok := of.(*reporter); ok {
			return r
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
	if s.processBelow(tree.Behalves.Current()) != nil {
		return nil, true
	}
	r := tellerHere()
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
