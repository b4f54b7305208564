package actor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/mailbox"
)

// begin makes the calling goroutine the one that serves.
func (c *core) begin(ctx context.Context) (*incarnation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == Ended || c.final:
		return nil, fmt.Errorf("actor: %s: Serve: %w", c.Name(), ErrStopped)
	case c.state == Running || c.state == Draining:
		return nil, fmt.Errorf("actor: %s: %w", c.Name(), ErrServed)
	}
	cons, ok := c.box.Acquire()
	if !ok { // somebody is emptying the mailbox
		return nil, fmt.Errorf("actor: %s: %w", c.Name(), ErrServed)
	}
	place, placed := PlaceOf(ctx)
	if place.Path != "" && place.Path != c.Name() {
		path := place.Path // or the place would be on the heap
		c.path.Store(&path)
	}
	c.supervised = placed && !place.Direct
	c.interceptAll(place.Interceptors)
	if c.state == Down {
		c.box.Open()
	}
	c.unserved.stop()
	in := &incarnation{c: c, cons: cons, ready: place.Ready}
	in.contexts.base = ctx
	c.enter(in)
	c.watchIn(ctx)
	in.scheduled(valuesOf(ctx))
	serving, ok := ctx.(*Serving)
	told := ok && serving.tells(in)
	if ctx.Err() != nil {
		in.stillborn = true
		c.heed(in, ctx)
	} else if !told {
		in.unhook = context.AfterFunc(ctx, func() { c.told(in, ctx) })
	}
	return in, nil
}

// enter makes in the present incarnation; mu is held.
func (c *core) enter(in *incarnation) {
	c.state = Running
	c.err = nil
	c.in.Store(in)
	c.number++
	in.number = c.number
}

// told is called when the context of Serve has ended.
func (c *core) told(in *incarnation, ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in.Load() == in && !in.lost.Load() {
		c.heed(in, ctx)
	}
}

// heed does what the end of Serve's context asks for; mu is held.
func (c *core) heed(in *incarnation, ctx context.Context) {
	if in.phase == building {
		in.cancelLife()
	}
	if errors.Is(context.Cause(ctx), Restart) && !c.final {
		c.box.Signal(sigOver)
		return
	}
	c.drainQueue()
	switch {
	case c.supervised || in.stillborn:
	case c.drain == 0:
		c.cut(in)
	default:
		in.drain = time.AfterFunc(c.drain, func() { c.cutOff(in, true) })
	}
}

// drainQueue takes nothing new from now on; mu is held and an incarnation serves.
func (c *core) drainQueue() {
	c.state = Draining
	c.box.Close()
	c.in.Load().drains()
}

// retire ends a service that nobody serves; mu is held, and released while hooks
// are called. If somebody else is at it already, it does nothing.
func (c *core) retire() {
	cons, ok := c.box.Acquire()
	if !ok {
		return
	}
	c.unserved.stop()
	c.box.Close()
	c.emptied(&cons, Down)
	c.announce(nil, nil)
	if c.final {
		c.rest(Ended, &cons)
	} else {
		c.rest(Down, &cons)
	}
}

// Stop ends the service for good. It takes nothing new, runs what was accepted,
// closes T if it is an io.Closer, and returns when that is done. It returns nil,
// or why the incarnation ended badly: a crash while draining, or T's Close.
//
// If ctx ends first, the service is cut off: what is still queued becomes dead
// letters, and the error wraps the context's and names the closure that is still
// running, which no Go library can end. T is closed on its own goroutine when
// that closure returns, if ever.
//
// A service that nobody serves has no T to run closures with: what it had queued
// becomes dead letters. To stop a stopped service does nothing. Stop may be
// called by several goroutines at once. Called from one of the service's own
// closures, it does not wait for itself: it returns nil, and takes effect after
// that closure. A Stop that would complete a cycle of services waiting for each
// other changes nothing and returns a *DeadlockError.
func (c *core) Stop(ctx context.Context) error {
	c.check("Stop", ctx)
	self, own, err := c.awaitedBy(ctx)
	if err != nil {
		return err
	}
	defer self.waited()
	c.mu.Lock()
	if c.state == Ended {
		c.mu.Unlock()
		return nil
	}
	c.final = true
	in := c.in.Load()
	if in == nil {
		c.retire()
		if c.state == Ended {
			c.mu.Unlock()
			return nil
		}
	} else {
		c.drainQueue()
		if !in.exiting {
			c.box.Clear(sigOver) // a restart is not to come
		}
	}
	dead := c.dead.Load()
	done := c.doneLocked()
	c.mu.Unlock()
	if own {
		return nil
	}
	over := ctx.Done()
	if over == nil { // a select would take longer
		<-done
		return c.stopped(in)
	}
	select {
	case <-done:
	case <-over:
		select {
		case <-done: // was first
			return c.stopped(in)
		default:
		}
		if in == nil { // another Stop is answering the queue
			return c.stopError(ctx, location{})
		}
		cut, running := c.cutOff(in, true)
		if cut && (running != location{} || c.dead.Load() != dead) {
			return c.stopError(ctx, running)
		}
		<-done
	}
	return c.stopped(in)
}

// awaitedBy makes the edge of the caller, who is about to wait for the service to do
// something between its closures, unless that would close a cycle. own reports whether
// the caller is the service itself, which does not wait. Afterwards comes waited. The
// user's call is that of awaitedBy's caller.
func (c *core) awaitedBy(ctx context.Context) (self caller, own bool, err error) {
	self = callerOf(ctx)
	switch {
	case self.in == nil:
		return caller{}, false, nil
	case self.in.c == c:
		return caller{}, true, nil
	}
	err = self.wait(c, (&event{}).of(ctx), location{}, 2)
	return self, false, err
}

// stopped returns what Stop returns when the service has ended.
func (c *core) stopped(in *incarnation) error {
	if in == nil {
		return nil
	}
	return c.Err()
}

func (c *core) stopError(ctx context.Context, running location) error {
	if running == (location{}) {
		return fmt.Errorf("actor: %s: stopped before all it had accepted was run: %w", c.Name(), ctx.Err())
	}
	return fmt.Errorf("actor: %s: cut off from %v, which is still running: %w", c.Name(), running, ctx.Err())
}

// Kill ends the service for good, at once: what is queued becomes dead letters.
// It waits for nothing, but for the dead-letter hook, which may be called on the
// caller's goroutine. A closure that is running is cut off: it goes on, its
// caller gets an error with the outcome Unknown, and T is closed on its own
// goroutine when it returns.
func (c *core) Kill() {
	c.made()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return
	}
	c.final = true
	if c.in.Load() == nil {
		c.retire()
		return
	}
	c.drainQueue()
	c.cut(c.in.Load())
}

// cutOff cuts the service off from its incarnation's goroutine, and returns when
// the service is where it goes next. It reports false if the incarnation was over
// already, and otherwise what its goroutine was running, if it was in user code, or
// else a work that goes on.
// If end is set no other incarnation is to follow.
func (c *core) cutOff(in *incarnation, end bool) (cut bool, running location) {
	c.mu.Lock()
	if c.in.Load() != in || in == nil {
		c.mu.Unlock()
		return false, location{}
	}
	if end {
		c.drainQueue()
	}
	taken, running := c.cut(in)
	if taken {
		c.mu.Unlock()
		return true, running
	}
	c.awaitSettled(in)
	c.mu.Unlock()
	if running = in.leftBehind(); running != (location{}) {
		c.logCutOff(running)
	}
	return true, running
}

// cut takes the service away from an incarnation whose goroutine is in user code,
// and reports what that was; otherwise it asks the goroutine to settle, which it
// does before it enters user code again. mu is held, and released while hooks are
// called.
func (c *core) cut(in *incarnation) (taken bool, still location) {
	c.box.Signal(sigCut)
	if in.lost.Load() {
		return false, still
	}
	var cons mailbox.Consumer[job]
	switch in.phase {
	case inspecting:
		cons, still = in.cons, c.noted().inspects
	case building, looking:
		cons, still = in.cons, location{pc: in.aside.Load()}
		if in.phase == building {
			if still.pc == 0 {
				still = entry(c.build)
			}
			in.cancelLife()
		}
	case closing:
		cons, still = in.cons, closeOf(in.state)
	case serving:
		taker, j, ok := c.box.Take()
		if !ok {
			in.asked = true
			return false, still
		}
		in.lost.Store(true) // before the call is answered: see reply.begin
		c.adrift.Add(1)
		cons, still = taker, in.at(j)
		if k, ok := j.(call); ok {
			k.replied().settle(running, Unknown, ErrStopped)
		}
	default:
		in.asked = true
		return false, still
	}
	in.lost.Store(true)
	c.disown(in)
	c.outside(func() { c.logCutOff(still) })
	err := fmt.Errorf("%w: %s: %v still runs", ErrCutOff, c.Name(), still)
	c.announce(in, err)
	c.clearQueue(in, &cons)
	c.leave(in, &cons, err)
	return true, still
}
