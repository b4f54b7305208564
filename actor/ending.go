package actor

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// conclude is what the owner does when its loop is over, before T is closed.
func (c *core) conclude(in *incarnation, v *verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !in.lost.Load() {
		in.ends()
		switch {
		case v.reason != nil:
		case in.fault != nil:
			v.reason = in.fault
		case in.exit != nil:
			v.reason = *in.exit
		}
		c.windUp(in, &in.cons)
		switch {
		case c.closer(in) == nil:
		case in.asked:
			c.end(in, &in.cons, v.reason)
			c.closesLater(in, v)
		default:
			in.watchEnd()
			in.enter(closing)
		}
	}
	in.cancelReach()
}

// closesLater notes that the service has gone on before T is closed, since who has asked for that
// does not wait for Close, as if it had been cut off from it; mu is held.
func (c *core) closesLater(in *incarnation, v *verdict) {
	v.left = true
	in.phase = closing
	in.userFunc.Store(where.Close(in.state).PC)
	c.outlasts(in)
}

// outlasts tells the supervisor of a service that has ended for good that Serve has not returned; mu
// is held.
func (c *core) outlasts(in *incarnation) {
	if c.state == Ended && in.place.Left != nil {
		in.place.Left(in.contexts.base, c.err)
	}
}

// end moves the service on from an incarnation that is over, because of err. It is called by
// the owner, or by the goroutine that has cut the service off, with the owner's part of the
// mailbox; mu is held, and released while hooks are called. Each step finds by itself what is
// left to do: it does not repeat what was done before Close of T, and does not miss what was
// asked for while hooks were called.
//
//	1  the queue       is kept, or answered and reported, as the next state wants
//	2  what it owns    ends; closures that will not run are reported
//	3  who watches     learns of it, before the service goes on
//	4  the queue       as 1: Stop may have been called since
//	5  the service     is in its next state, without an incarnation
func (c *core) end(in *incarnation, cons *mailbox.Consumer[job], err error) {
	c.windUp(in, cons)
	c.announce(in, err)
	c.clearQueue(in, cons)
	c.leave(in, cons, err)
}

// windUp does the steps that need not wait for Close of T, which may hang.
func (c *core) windUp(in *incarnation, cons *mailbox.Consumer[job]) {
	c.clearQueue(in, cons)
	in.phase = ending
	c.disown(in)
}

// closer returns the function that closes T, or nil if T is not to be closed.
func (c *core) closer(in *incarnation) func() error {
	if c.noClose {
		return nil
	}
	switch t := in.state.(type) {
	case interface{ Close() error }:
		return t.Close
	case interface{ Close() }:
		return func() error { t.Close(); return nil }
	}
	return nil
}

// closeState closes T on its own goroutine, once, whatever happened to it.
func (c *core) closeState(in *incarnation, v *verdict) {
	defer in.cancelLife()
	if closer := c.closer(in); closer != nil {
		if v.left {
			defer c.logIfLong(where.Close(in.state))()
		}
		c.callClose(in, v, closer)
	}
}

// logIfLong logs that the service was cut off from code, if that is still running after some time:
// until over is called.
func (c *core) logIfLong(running where.Place) (over func()) {
	timer := alarm.Func(rate.Patience, func() { c.logCutOff(running) })
	return func() { timer.Stop() }
}

func (c *core) callClose(in *incarnation, v *verdict, closer func() error) {
	returned := false
	defer func() {
		if !returned {
			p := in.panicError(recover(), closureLoop.Stack(), where.Close(in.state))
			in.keepCrash(p, func() { v.closed = p })
		}
	}()
	err := foreign.Keep(closer())
	returned = true
	if err != nil {
		v.closed = fmt.Errorf("actor: %s: Close: %w", c.Name(), err)
		c.log(slog.LevelError, "Close failed", "err", err)
	}
}

// settle moves the service on from its incarnation, and returns what Serve returns.
func (c *core) settle(in *incarnation, v *verdict) error {
	err := v.err()
	c.mu.Lock()
	defer c.mu.Unlock()
	in.state = nil // not kept alive by the handle, which Start has made in one piece with in
	switch {
	case v.left:
	case in.lost.Load():
		err = c.settledLate(in, err)
	default:
		c.end(in, &in.cons, err)
	}
	return err
}

// err returns why the incarnation ended, and what came of its Close.
func (v *verdict) err() error {
	if v.closed == nil {
		return v.reason
	}
	return errors.Join(v.reason, v.closed)
}

// settledLate is settle of an incarnation that the service was cut off from; mu is held.
func (c *core) settledLate(in *incarnation, err error) error {
	c.awaitSettled(in) // or Serve would return before the service has gone on
	return errors.Join(fmt.Errorf("%w: %s", ErrCutOff, c.Name()), err)
}

// awaitSettled waits until the service has moved on from in; mu is held, and released meanwhile.
func (c *core) awaitSettled(in *incarnation) {
	if c.in.Load() != in {
		return
	}
	if in.settled == nil {
		in.settled = make(chan struct{})
	}
	settled := in.settled
	c.mu.Unlock()
	<-settled
	c.mu.Lock()
}

// clearQueue does with the queue what the next state asks for; mu is held as in windUp.
func (c *core) clearQueue(in *incarnation, cons *mailbox.Consumer[job]) {
	for {
		next := c.next()
		switch {
		case next == Pending && (c.queue == KeepQueue || in.cleared), next != Pending && in.answered:
			return
		case next != Pending:
			c.box.Close()
			in.answered = true
		}
		in.cleared = true
		in.phase = ending
		if next == Pending || !cons.Empty() { // what is closed and empty stays so
			c.emptied(cons, next)
		}
	}
}

// emptied empties the mailbox while mu, which is held, is released.
func (c *core) emptied(cons *mailbox.Consumer[job], next State) {
	before := c.dead.Load()
	c.mu.Unlock()
	lost, why := c.empty(cons, next)
	c.mu.Lock()
	n := c.dead.Load() - before
	c.reportAll(lost, why)
	if n > 0 { // their senders were told that they would run
		c.outside(func() { c.log(slog.LevelWarn, "accepted closures will not run", "count", n, "next", next.String()) })
	}
}

// empty takes the waiting jobs out of the mailbox, and answers and counts them. If the mailbox
// is open, and so is still filled, it takes those that were there at the beginning. If there
// is a hook, it returns the letters to report.
func (c *core) empty(cons *mailbox.Consumer[job], next State) (lost []letter, why error) {
	lose := func(j job) {
		if l, dead := c.loses(j, why); dead && c.deadLetters != nil {
			lost = append(lost, l)
		}
	}
	if why = ErrStopped; next == Pending {
		why = ErrRestarted
		for range c.box.Len() {
			if j, ok := cons.Discard(); ok {
				lose(j)
			}
		}
		return lost, why
	}
	for {
		j, ok := cons.Discard()
		if ok {
			lose(j)
		} else if cons.Empty() {
			return lost, why
		} else {
			c.box.Clear(sigEnd | sigLate | sigAsked) // or Wait would not wait
			cons.Wait()
		}
	}
}

// leave separates the service from its incarnation; mu is held.
func (c *core) leave(in *incarnation, cons *mailbox.Consumer[job], err error) {
	in.lost.Store(true)
	if a := in.awaited; a != nil {
		a.timer.Stop()
		if a.drain != nil {
			a.drain.Stop()
		}
	}
	if in.unhook != nil {
		in.unhook()
	}
	c.slowly.Off()
	c.err = err
	c.vacate(c.next(), cons)
	if in.settled != nil {
		close(in.settled)
	}
}

// vacate moves the service to a state in which it is not served; mu is held.
func (c *core) vacate(s State, cons *mailbox.Consumer[job]) {
	c.state = s
	c.in.Store(nil)
	c.box.Clear(sigCut | sigOver)
	cons.Release()
	c.vacateRequests(s)
	if s == Ended && c.done != nil {
		close(c.done)
	}
}

// retire ends a service that is not served; mu is held, and released while hooks are called,
// whose time bound limits. If another goroutine is retiring it already, retire does nothing.
func (c *core) retire(bound *courtesy.Limit) {
	cons, ok := c.box.Acquire()
	if !ok {
		return
	}
	c.teller.Bound(bound)
	c.isServed()
	c.box.Close()
	c.emptied(&cons, Down)
	c.announce(nil, nil)
	if c.final {
		c.vacate(Ended, &cons)
	} else {
		c.vacate(Down, &cons)
	}
}

// cutOff cuts the service off from the goroutine of in, and returns when the service is in its
// next state. If end is set, no other incarnation follows. cut is false if in was over already.
// Otherwise running is the user code in which in, a work of it, or what is told of its end, was.
func (c *core) cutOff(in *incarnation, end bool) (cut bool, running where.Place) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in.Load() != in || in == nil {
		return false, where.Place{}
	}
	taken, running := c.cut(in, end)
	if taken {
		return true, running
	}
	c.awaitSettled(in)
	switch running = in.leftBehind(); {
	case running != where.Place{}:
		running := running
		c.outside(func() { c.logCutOff(running) })
	case in.phase == closing: // see closesLater
		running = where.Place{PC: in.userFunc.Load()}
	}
	return true, running
}

// cut takes the service away from a goroutine in user code, and returns which code. A goroutine
// in the library's is asked to settle before it leaves that. mu is held, and released for hooks.
func (c *core) cut(in *incarnation, end bool) (taken bool, still where.Place) {
	c.teller.Hurry()
	c.box.Signal(sigCut) // before it drains, by which a pause ends: nothing that waits begins
	if end {
		c.drainQueue()
	}
	if in.lost.Load() {
		return false, still
	}
	var cons mailbox.Consumer[job]
	switch in.phase {
	case building:
		cons, still = in.cons, where.Entry(c.build)
		in.cancelLife()
	case between:
		cons, still = in.cons, where.Place{PC: in.userFunc.Load()}
	case closing:
		cons, still = in.cons, where.Close(in.state)
	case serving:
		taker, j, ok := c.box.Take()
		if !ok {
			in.asked = true
			return false, still
		}
		in.lost.Store(true) // before the call is answered: see reply.claim
		in.orphans(taker.Taken())
		cons, still = taker, in.at(j)
		if k, ok := j.(call); ok {
			k.replied().settle(running, Unknown, ErrStopped)
		}
	default:
		in.asked = true
		return false, still
	}
	in.lost.Store(true)
	c.end(in, &cons, fmt.Errorf("%w: %s: %v still runs", ErrCutOff, c.Name(), still))
	c.outlasts(in)
	c.outside(func() { c.logCutOff(still) })
	return true, still
}

// drainQueue has the service take nothing new from now on; mu is held, and it is served.
func (c *core) drainQueue() {
	c.state = Draining
	c.box.Close()
	c.in.Load().drains()
}

// announce tells the watchers that in is over; mu is held, and released meanwhile, so the
// caller has to look again at what may have changed. in is nil if a service without one retires.
func (c *core) announce(in *incarnation, err error) {
	c.lastCrashes()
	switch {
	case in == nil && c.number > 0, in != nil && in.announced:
		return // they know
	case in != nil:
		in.announced = true
		c.err = err
	}
	if all := c.ends.Made().now(); len(all) > 0 { // or a restart would allocate for none
		e := demise{c.number, err, c.next() == Ended}
		outsideEach(c, all, func(w *onEnd) { w.f(e) })
	}
}
