package storm

import (
	"context"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
)

// target is a service, or several behind one handle, to which closures are sent.
type target struct {
	name    string
	ref     handle
	service *actor.Service[state] // nil if there are several

	// The serial number of the closure that began last, for each worker. Only the service's
	// goroutine touches it, one incarnation after the other.
	last [workers]uint64
}

// handle is what a service and several behind one handle have in common.
type handle interface {
	actor.Ref[state]
	Do(f func(*state)) error
	DoContext(ctx context.Context, f func(context.Context, *state)) error
	Run(ctx context.Context, f func(*state) error) error
	RunContext(ctx context.Context, f func(context.Context, *state) error) error
}

// state is what a service owns. Each incarnation has one of its own.
type state struct {
	of   *target
	busy bool
	sum  int
}

// ticket follows one closure.
type ticket struct {
	what         string
	world        *world
	worker       int
	serial       uint64 // 0: in no order
	begun, ended atomic.Int32
}

// ticket returns one for a closure to that target. Those that one worker sends to one service
// begin in that order.
func (u *worker) ticket(what string, to *target) *ticket {
	k := &ticket{what: what, world: u.world, worker: u.number}
	if to.service != nil {
		k.serial = u.serials.Add(1)
	}
	return k
}

// begin is called by the closure, before it does anything.
func (k *ticket) begin(s *state) {
	if s.busy {
		k.world.t.Errorf("%s: %s runs beside another closure", s.of.name, k.what)
	}
	s.busy = true
	s.sum++
	if k.begun.Add(1) != 1 {
		k.world.t.Errorf("%s: %s runs again", s.of.name, k.what)
	}
	if k.serial == 0 {
		return
	}
	if last := &s.of.last[k.worker]; *last > k.serial {
		k.world.t.Errorf("%s: %s is number %d of worker %d, and runs after %d",
			s.of.name, k.what, k.serial, k.worker, *last)
	} else {
		*last = k.serial
	}
}

// end is called by the closure when it has come to its end.
func (k *ticket) end(s *state) {
	s.busy = false
	k.ended.Add(1)
}

// run is what each closure does: act, between begin and end.
func (k *ticket) run(s *state, act func() error) error {
	k.begin(s)
	err := act()
	k.end(s)
	return err
}

// answered compares what the caller was told with what the closure did.
func (k *ticket) answered(err error) {
	begun, ended := k.begun.Load() == 1, k.ended.Load() == 1
	outcome := actor.OutcomeOf(err)
	right := true
	switch outcome {
	case actor.Ran:
		right = ended
	case actor.NotRun:
		right = !begun
		k.world.never(k)
	case actor.Crashed: // or what an interceptor did instead
	}
	switch e := err.(type) {
	case *actor.DeadlockError:
		right = right && len(e.Callers())+len(e.History()) >= 0 && e.Error() != ""
	case *actor.PanicError:
		right = right && len(e.Callers())+len(e.History()) >= 0 && e.Site() != "" && len(e.Stack()) > 0
	}
	if !right {
		k.world.t.Errorf("%s: the caller was told %v; begun: %v, ended: %v (%T)", k.what, outcome, begun, ended, err)
	}
}
