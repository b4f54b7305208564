package sim

import (
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/misuse"
)

// checks are what a run demands.
type checks struct {
	always, atRest, finally []check
	eventually              []recovery
}

type check struct {
	name string
	f    func() error
}

type recovery struct {
	name   string
	within time.Duration
	ok     func() bool
}

// Always demands something after each step. f is called while nothing of the run runs, by
// none of its goroutines: it looks, with State, at services and at variables of the test, and
// calls no service. What it returns, or panics with, fails the run.
func (s *Sim) Always(name string, f func() error) {
	misuse.Unless(f != nil, "sim: Always of a nil function")
	s.add(func(c *checks) { c.always = append(c.always, check{name, f}) })
}

// AtRest demands something whenever there is nothing to do: all queues are empty, and no
// closure is half-way; clients wait, as in Sleep, or have returned. Otherwise it is as Always.
func (s *Sim) AtRest(name string, f func() error) {
	misuse.Unless(f != nil, "sim: AtRest of a nil function")
	s.add(func(c *checks) { c.atRest = append(c.atRest, check{name, f}) })
}

// Finally demands something at the end of the run, before all is stopped. Otherwise it is as
// Always.
func (s *Sim) Finally(name string, f func() error) {
	misuse.Unless(f != nil, "sim: Finally of a nil function")
	s.add(func(c *checks) { c.finally = append(c.finally, check{name, f}) })
}

// Eventually demands that ok reports true at the latest after that much virtual time without
// faults, from when all clients have returned: what has crashed has to recover. ok is called as
// the function of Always is.
func (s *Sim) Eventually(name string, within time.Duration, ok func() bool) {
	misuse.Unless(ok != nil, "sim: Eventually of a nil function")
	s.add(func(c *checks) { c.eventually = append(c.eventually, recovery{name, within, ok}) })
}

// Sometimes demands that ok is true in at least one of the runs: otherwise the simulation
// never came where it was meant to, and the test fails.
func (s *Sim) Sometimes(name string, ok bool) {
	r := s.made()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[name] = r.seen[name] || ok
}

func (s *Sim) add(f func(*checks)) {
	r := s.made()
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.checks)
}

// State returns the value of a service that takes part in a run, for a check, and whether it
// is between two closures: one that waits in the middle of a closure may be half changed. It
// returns nil if the service does not take part, or has no value now. It is called by checks,
// and by clients.
func State[T any](svc *actor.Service[T]) (state *T, between bool) {
	k := here()
	misuse.Unless(k != nil, "sim: State is for checks and clients of a run")
	k.mu.Lock()
	s := k.services[svc.Name()]
	k.mu.Unlock()
	if s == nil || s.in == nil {
		return nil, false
	}
	value, between := s.in.State()
	state, _ = value.(*T)
	return state, between
}

// looks calls the checks that are due after a step, and reports whether all is well.
func (k *kernel) looks() bool {
	r := k.run
	r.mu.Lock()
	c := r.checks
	r.mu.Unlock()
	if !r.holds("invariant", c.always) {
		return false
	}
	return len(c.atRest) == 0 || !k.atRest() || r.holds("at rest", c.atRest)
}

func (r *run) holds(kind string, all []check) bool {
	for _, c := range all {
		if err := guarded(c.f); err != nil {
			r.fail(kind, c.name, c.name+": "+err.Error())
			return false
		}
	}
	return true
}

// guarded calls f, and returns an error for its panic.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check panicked: %v", p)
		}
	}()
	return f()
}

// concludes demands what is due when all clients have returned.
func (r *run) concludes() {
	if r.failed() {
		return
	}
	k := r.kern
	k.mu.Lock()
	r.faults = Faults{}
	k.mu.Unlock()
	r.mu.Lock()
	c := r.checks
	r.mu.Unlock()
	for _, e := range c.eventually {
		if !k.reaches(e) {
			return
		}
	}
	if !r.failed() {
		r.holds("finally", c.finally)
	}
}

// reaches lets steps be taken and time go on until e is reached. It reports false if the run
// has failed.
func (k *kernel) reaches(e recovery) bool {
	until := time.Now().Add(e.within)
	over := time.NewTimer(e.within)
	defer over.Stop()
	for {
		k.quiet()
		if k.run.failed() || !k.looks() {
			return false
		}
		ok := false
		if err := guarded(func() error { ok = e.ok(); return nil }); err != nil {
			k.run.fail("eventually", e.name, e.name+": "+err.Error())
			return false
		}
		if ok {
			return true
		}
		if t := k.next(); t != nil {
			k.at++
			k.grant(t)
			continue
		}
		if !time.Now().Before(until) {
			k.run.fail("eventually", e.name, fmt.Sprintf("%s: not within %v without faults", e.name, e.within))
			return false
		}
		select {
		case <-k.arrived:
		case <-over.C:
		}
	}
}
