package actor

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/where"
)

// Stop ends the service for good. It takes nothing new, runs what was accepted,
// closes T if it has Close() error or Close(), and returns when that is done. It returns nil,
// or why the incarnation ended badly: a crash while draining, or T's Close.
//
// If that takes 5 s, what runs is logged, with its line; and again at doubled times, 8
// times at most.
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
	until, known := ctx.Deadline()
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
		if !own {
			in.endAwaited(until, known)
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
			return c.stopError(ctx, where.Place{})
		}
		cut, running := c.cutOff(in, true)
		if cut && (running != where.Place{} || c.dead.Load() != dead) {
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
	err = self.wait(ctx, c, (&event{}).of(ctx), where.Place{}, origin{}.in())
	return self, false, err
}

// stopped returns what Stop returns when the service has ended.
func (c *core) stopped(in *incarnation) error {
	if in == nil {
		return nil
	}
	return c.Err()
}

func (c *core) stopError(ctx context.Context, running where.Place) error {
	if running == (where.Place{}) {
		return fmt.Errorf("actor: %s: stopped before all it had accepted was run: %w", c.Name(), foreign.Why(ctx))
	}
	return fmt.Errorf("actor: %s: cut off from %v, which is still running: %w", c.Name(), running, foreign.Why(ctx))
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
