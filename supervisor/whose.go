package supervisor

import (
	"slices"

	"github.com/bruskajp/nano_services/internal/tree"
)

// A goroutine that waits for a supervisor, while the supervisor waits for that goroutine,
// would wait for ever, or until one of them gives up. These wait for each other:
//
//	a supervisor      its children, when they start and end
//	a supervisor      its Decider and its children's methods, which it asks
//	a root, at its end  the hooks and loggers of its tree, which get the events
//	any of these      a supervisor, in Stop, Add, Terminate, Restart, Remove
//	a hook, a logger  a root, after it has asked for its Done, until it returns
//
// A child may have several goroutines: besides the one of its Serve, those for the hooks and
// the work of a service. All are known by their tree.Behalf, which is of a process. That of a
// goroutine that delivers events is of a reporter.

// behalf returns a function that calls f. Whatever f calls is then known as something that s
// waits for, on whichever goroutine it runs.
func behalf[V any](s *Supervisor, f func() V) func() V {
	return func() V {
		defer tree.Behalves.Leave(tree.Behalves.Enter(&s.asking.behalf))
		return f()
	}
}

// processBelow returns the process of s that b is of, or that is above the process that b is
// of. It returns nil if b is of no process below s.
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

// childAbove returns the child of s that b is of, or that is above the child that b is of.
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

// tellerHere returns the reporter whose events the running goroutine delivers, or nil.
func tellerHere() *reporter {
	for of := range tree.Behalves.Current().All() {
		if r, ok := of.(*reporter); ok {
			return r
		}
	}
	return nil
}

// process returns the process of s as a child of its parent, or nil.
func (s *Supervisor) process() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

// awaitedHere is called before the running goroutine waits for the end of s, and over on waits
// afterwards. never is true if that end would never come, since it waits for this goroutine.
func (s *Supervisor) awaitedHere() (waits *reporter, never bool) {
	if s.processBelow(tree.Behalves.Current()) != nil {
		return nil, true
	}
	r := tellerHere()
	if r == nil {
		return nil, false
	}
	r.waitsFor.Store(s) // before the look: if two close a cycle at once, one sees the other
	if s.endsAfter(r, nil) {
		r.over()
		return nil, true
	}
	return r, false
}

// endsAfter reports whether the end of s waits for what r delivers, perhaps through other
// trees. looked are the supervisors that were looked at already.
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

// over notes that the goroutine which delivers waits no longer. A nil reporter delivers nothing.
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
