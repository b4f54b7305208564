package actor

import (
	"context"
	"fmt"
	"sync/atomic"
)

// inspection is a function that is to look at T between two closures. It waits for no
// closure but the one that runs, and needs no room.
//
//	state    event                               next     who
//	waits    the service comes to it             looks    the service
//	waits    the context ends                    gone     who asked
//	waits    nobody will serve the service       gone     the service, or who ended it
//	looks    it has returned, or panicked        (done)   the service
type inspection struct {
	f     func(state any)
	where location
	state atomic.Uint32
	done  chan struct{}
	err   error // before done
}

const (
	inspectionWaits = iota
	inspectionLooks
	inspectionGone
)

// Inspect has f look at the service's value between two closures, and returns what it
// returns. It does not stand in the queue: it is served when the closure that runs has
// ended, however many wait, and also while the service is paused. It is for tests and
// for incidents; f must not change the value, and what it returns by reference is a copy,
// or never changed again. Of a Pool or a Key one member is inspected, the one that would
// get a closure now; Gather asks all of a pool.
//
// If ctx ends first, the error wraps the context's, and f may never run. If f panics or
// calls runtime.Goexit, that is the error, a *PanicError, and the service goes on. If f
// does not return, the service hangs in it as in a closure: Kill, or a Stop whose
// context ends, cuts it off. A service without an incarnation is waited for while it is
// pending, and has the error ErrStopped afterwards. A service that inspects itself, or
// would complete a cycle of services that wait for each other, gets a *DeadlockError. A
// nil f panics.
func Inspect[T, R any](ctx context.Context, svc Ref[T], f func(*T) R) (result R, err error) {
	if f == nil {
		panic("actor: Inspect of a nil function")
	}
	var out R
	err = svc.service().lookAt(ctx, entry(f), func(state any) { out = f(state.(*T)) })
	if err != nil {
		return result, err // out may yet be written
	}
	return out, nil
}

// lookAt has f look at the state of the service.
func (c *core) lookAt(ctx context.Context, where location, f func(state any)) error {
	c.check("Inspect", ctx)
	self := callerOf(ctx)
	if self.in != nil {
		if err := self.wait(c, (&event{}).of(ctx), where, 2); err != nil {
			return err
		}
		defer self.waited()
	}
	i := &inspection{f: f, where: where, done: make(chan struct{})}
	if !c.queueInspection(i) {
		return c.inspectionError(ErrStopped)
	}
	select {
	case <-i.done:
	case <-ctx.Done():
		if i.state.CompareAndSwap(inspectionWaits, inspectionGone) {
			return c.inspectionError(ctx.Err())
		}
		select {
		case <-i.done: // meanwhile
		default:
			return c.inspectionError(ctx.Err())
		}
	}
	return i.err
}

func (c *core) inspectionError(err error) error {
	return fmt.Errorf("actor: %s: inspection: %w", c.Name(), err)
}

// queueInspection reports false if nobody will serve the service.
func (c *core) queueInspection(i *inspection) bool {
	n := c.noted()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state >= Down {
		return false
	}
	n.mu.Lock()
	n.inspections = append(n.inspections, i)
	n.mu.Unlock()
	c.box.Signal(sigInspect)
	return true
}

// takeInspections returns those that wait.
func (n *notes) takeInspections() []*inspection {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.inspections
	n.inspections = nil
	return all
}

// inspect is called by the owner, between two closures. It reports whether the service
// is to go on.
func (in *incarnation) inspect() (goOn bool) {
	c := in.c
	c.box.Clear(sigInspect) // before looking
	n := c.noted()
	for _, i := range n.takeInspections() {
		if !in.enterInspection(i) {
			n.mu.Lock()
			n.inspections = append(n.inspections, i) // for the next incarnation, or rest
			n.mu.Unlock()
			continue
		}
		if i.state.CompareAndSwap(inspectionWaits, inspectionLooks) {
			i.run(in)
		}
		c.mu.Lock()
		in.phase = serving
		c.mu.Unlock()
	}
	return !in.lost.Load()
}

// enterInspection makes it possible to cut the service off from what follows.
func (in *incarnation) enterInspection(i *inspection) bool {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if in.lost.Load() || c.box.Signals()&sigCut != 0 {
		return false
	}
	in.phase, c.noted().inspects = inspecting, i.where
	return true
}

// run runs the function while the owner waits for it: on a goroutine of its own, which
// goes by the owner's name, because it may end its goroutine (runtime.Goexit).
func (i *inspection) run(in *incarnation) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer owners.Leave(owners.Enter(in))
		returned := false
		defer func() {
			if !returned {
				i.err = in.c.panicError(recover(), panicStack(), i.where)
			}
		}()
		i.f(in.state)
		returned = true
	}()
	<-over
	close(i.done)
}

// restNotes tells those who wait for an incarnation to do something that there is none.
// It is called when the service is at rest in a state; core.mu is held.
func (c *core) restNotes(s State) {
	n := c.notes.Load()
	if n == nil {
		return
	}
	if s == Ended {
		c.box.Clear(sigPause) // there is nothing left to be paused
	}
	c.notePaused()
	all := n.takeInspections()
	if len(all) == 0 {
		return
	}
	if s == Pending {
		n.mu.Lock()
		n.inspections = all
		n.mu.Unlock()
		c.box.Signal(sigInspect) // for the next incarnation
		return
	}
	for _, i := range all {
		if i.state.CompareAndSwap(inspectionWaits, inspectionGone) {
			i.err = c.inspectionError(ErrStopped)
			close(i.done)
		}
	}
}
