package actor

import (
	"slices"

	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/where"
)

// loop runs closures until the incarnation is over. Every closure passes through it; rare cases
// are elsewhere. One deferred function guards all closures, because a crash ends the incarnation
// anyway.
func (c *core) loop(in *incarnation, v *verdict) {
	var current job
	returned := false
	defer func() {
		if !returned {
			stack := closureLoop.Caught()
			c.crashed(in, v, current, recover(), stack)
		}
	}()
	in.wakes(true)
	for {
		if c.box.Signals()&sigAttention != 0 { // in one condition it would be two branches
			returned = true // what may crash there is not a closure
			if !in.attend() {
				break
			}
			returned = false
		}
		j, ok := in.cons.Next()
		if !ok {
			current = nil // what it holds is not kept alive while there is nothing to do
			if c.box.Closed() && in.cons.Empty() {
				if in.linger() {
					continue
				}
				_ = in.steps.Take(seam.End)
				break // drained
			}
			if c.box.Signals()&sigLate != 0 {
				c.box.Clear(sigLate) // it is of interest only when the mailbox is closed
				continue
			}
			in.parks()
			in.cons.Wait()
			in.wakes(false)
			continue
		}
		// Who cuts the service off sets the signal and then looks whether the owner
		// is busy; the owner is busy by now and looks for the signal. So a closure
		// that is begun can be taken away, and one that can not is not begun. What
		// took it says so with lost before it takes the signal back.
		if c.box.Signals()&sigCut != 0 || in.lost.Load() {
			returned = true // what follows may call a hook, and is not a closure's crash
			c.withdraw(in, j)
			break
		}
		current = j
		if a := c.around.Load(); a != nil {
			a.run(in, j)
		} else {
			j.run(in)
		}
		if !in.cons.Done() {
			in.counts()
			break // lost
		}
	}
	returned = true
}

// withdraw gives up a closure that was taken from the queue and not begun. It cannot go
// back, even if another incarnation follows: that one may be at work already.
func (c *core) withdraw(in *incarnation, j job) {
	if !in.cons.Done() {
		in.counts() // it was taken for running
	}
	why := ErrStopped
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Pending || c.state == Running && c.next() == Pending { // it goes on
		why = ErrRestarted
	}
	if l, dead := c.loses(j, why); dead {
		c.reportAll([]letter{l}, why)
	}
}

// crashed ends an incarnation whose closure panicked or called Goexit; value is what recover
// returned, and stack that of the panic. Its steps are deferred, because methods of the user's
// may end the goroutine. The last step lets go of the mailbox: until then the service can be cut
// off from code that does not return.
func (c *core) crashed(in *incarnation, v *verdict, j job, value any, stack []uintptr) {
	p := in.panicError(value, stack, in.at(j))
	v.reason = p
	defer func() {
		if !in.cons.Done() {
			in.counts()
		}
	}()
	defer in.keepCrash(p, func() {
		c.diagnostics.Get().crashed.Add(1) // before the answer, as what follows
		in.counts()
		if k, ok := j.(call); !in.crashes(p) && ok {
			k.replied().settle(running, Crashed, p)
		}
	})
	c.describeCrash(in, p, j)
}

// The owner does some things between two closures because it was asked to: it looks at T for
// Inspect, shows T to a view that was made of a running service, and tells callers of Pause that
// no closure runs. These wait for no closure but the one that runs, need no room, and are also
// done while the service is paused. All of them are requests in one list. They have one signal,
// sigAsked, and one phase, between, if they run the user's code.

// attend is called by the owner between two closures, if a signal is set that it has to attend
// to. It reports whether the next closure may run, after another look at the signals; if not,
// the incarnation is over. Requests that come while others are served wait until after the next
// closure, so that they do not starve the queue.
func (in *incarnation) attend() (goOn bool) {
	c := in.c
	in.breaksOff()
	for served := false; ; {
		s := c.box.Signals()
		switch {
		case in.mayEndBatch(s):
			return true
		case s&sigEnd != 0:
			_ = in.steps.Take(seam.End)
			return false
		case s&sigAsked != 0 && !served:
			served = true
			if !in.serveRequests() {
				return false
			}
		case s&sigPause != 0 && !c.box.Closed() && !in.batchOpen && !c.owes():
			if !in.serveRequests() { // what waited for this
				return false
			}
			in.cons.WaitWhile(sigPause, sigEnd|sigAsked)
		case s&sigSteps != 0 && in.steps.TakeIf(seam.Closure, c.box.Len() > 0):
			s = c.box.Signals()
			return s&sigEnd == 0 || in.mayEndBatch(s)
		default:
			return true
		}
	}
}

// mayEndBatch reports whether the incarnation, which the signals s tell to end, has an open batch
// to commit first. Then one more closure runs; there is one as long as a batch is open.
func (in *incarnation) mayEndBatch(s uint32) bool {
	return in.batchOpen && s&sigEnd != 0 && s&sigCut == 0
}

// owed notes that no pause takes hold before so many closures have been taken; 0: a pause
// may take hold at once.
func (c *core) owed(taken uint64) {
	if n := c.diagnostics.Made(); n != nil || taken > 0 {
		c.diagnostics.Get().owed.Store(taken)
	}
}

// owes reports whether a closure that waited at Resume is to have its turn before a pause.
func (c *core) owes() bool {
	n := c.diagnostics.Made()
	if n == nil {
		return false
	}
	owed, now := n.owed.Load(), c.box.Counts()
	return now.Taken < owed && now.Waiting > 0
}

// request puts a request on the list; mu is held.
func (c *core) request(r request) {
	n := c.diagnostics.Get()
	n.mu.Lock()
	n.requests = append(n.requests, r)
	n.mu.Unlock()
	c.box.Signal(sigAsked)
}

// giveUp takes a request from the list whose caller waits no longer, since a service that hangs
// would never come to it. The request has to say so already: see request.gone.
func (c *core) giveUp(r request) {
	n := c.diagnostics.Get()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = slices.DeleteFunc(n.requests, func(other request) bool { return other == r })
}

// again puts back a request that was taken from the list, unless it was given up meanwhile.
func (n *diagnostics) again(r request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !r.gone() {
		n.requests = append(n.requests, r)
	}
}

// requested returns how many requests wait.
func (n *diagnostics) requested() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.requests)
}

// nextRequest takes the first request from the list; nil: there is none.
func (n *diagnostics) nextRequest() (r request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.requests) > 0 {
		r = n.requests[0]
		n.requests[0] = nil
		n.requests = n.requests[1:]
	}
	return r
}

// serveRequests is called by the owner between two closures. It reports whether the
// incarnation goes on. A request is taken from the list at its turn: if the service is
// cut off from the user's code of one, the others are still there for vacateRequests.
func (in *incarnation) serveRequests() (goOn bool) {
	c, n := in.c, in.c.diagnostics.Get()
	c.box.Clear(sigAsked) // before looking
	for count := n.requested(); count > 0 && in.fault == nil && !in.lost.Load(); count-- {
		r := n.nextRequest()
		if r != nil && !r.serve(in) {
			n.again(r)
		}
	}
	return in.fault == nil && !in.lost.Load()
}

// beside runs code of the user's that is no closure, so that the service can be cut off from it.
// A crash is the service's, and becomes in.fault. It reports whether the incarnation goes on.
func (in *incarnation) beside(f func()) (goOn bool) {
	c := in.c
	c.mu.Lock()
	before := in.phase
	if in.lost.Load() || c.box.Signals()&sigCut != 0 {
		c.mu.Unlock()
		return false
	}
	if before == serving {
		in.enter(between)
	}
	c.mu.Unlock()
	returned := false
	defer func() {
		c.mu.Lock()
		in.enter(before)
		goOn = returned && !in.lost.Load()
		c.mu.Unlock()
	}()
	defer func() {
		if !returned {
			p := in.panicError(recover(), closureLoop.Stack(), where.Place{PC: in.userFunc.Load()})
			in.keepCrash(p, func() { in.fault = p })
		}
	}()
	f()
	returned = true
	return goOn
}

// vacateRequests answers the requests that no incarnation will answer, and leaves the others to
// the next one. It is called when the service has come to a state without one; mu is held.
func (c *core) vacateRequests(s State) {
	if s == Ended {
		c.box.Clear(sigPause) // there is nothing left to be paused
	}
	n := c.diagnostics.Made()
	if n == nil {
		return
	}
	c.owed(0)
	n.mu.Lock()
	all := n.requests
	n.requests = nil
	n.mu.Unlock()
	for _, r := range all {
		if r.vacated(s) {
			n.again(r)
			c.box.Signal(sigAsked)
		}
	}
}

// lookAround renews all views when an incarnation begins. It reports whether the incarnation goes
// on.
func (in *incarnation) lookAround() (goOn bool) {
	a := in.c.around.Load()
	if a == nil || len(a.views) == 0 {
		return true
	}
	return in.beside(func() {
		for _, w := range a.views {
			w.renew(in)
		}
	})
}

// continues is called by the owner when the constructor has returned and the service is up.
// It reports whether the incarnation goes on.
func (in *incarnation) continues() (goOn bool) {
	h := in.owns.Made()
	if h == nil {
		return true
	}
	h.mu.Lock()
	next := h.next
	h.next = nil
	h.mu.Unlock()
	for _, k := range next {
		if in.c.box.Signals()&sigEnd != 0 {
			return true // the loop knows why
		}
		if !in.beside(func() {
			in.userFunc.Store(k.at.PC)
			k.f(in.state)
			in.userFunc.Store(0)
		}) {
			return false
		}
	}
	return next == nil || in.lookAround()
}
