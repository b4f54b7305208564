package actor

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// Stop is Service.Stop.
func (c *core) Stop(ctx context.Context) error {
	c.check("Stop", ctx)
	self, itself, err := c.awaitedBy(ctx)
	if err != nil {
		return err
	}
	defer self.waited()
	itself = itself || c.holds()
	until, known := ctx.Deadline()
	ctxDone := ctx.Done()
	c.mu.Lock()
	if c.state == Ended {
		c.mu.Unlock()
		return nil
	}
	c.final = true
	in := c.in.Load()
	if in == nil {
		if c.retire(&courtesy.Limit{Over: ctxDone, Until: until}); c.state == Ended {
			return c.retired(ctx, ctxDone)
		}
	} else if itself || !closed(ctxDone) { // or it is cut off at once: Close of T has not begun then
		c.drainQueue()
		if in.exit == nil {
			c.box.Clear(sigOver) // a restart is not to come
		}
		if !itself {
			in.endAwaited(until, known)
		}
	}
	dead := c.dead.Load()
	done := c.doneLocked()
	c.mu.Unlock()
	if itself {
		return nil
	}
	if ctxDone == nil { // a select would take longer
		<-done
		return c.stopped(in)
	}
	select {
	case <-done:
	case <-ctxDone:
		if closed(done) { // that was first
			return c.stopped(in)
		}
		if in == nil { // another Stop is answering the queue
			return c.stopError(ctx, where.Place{})
		}
		cut, running := c.cutOff(in, true)
		if cut && (running != where.Place{} || c.dead.Load() != dead || c.isRude()) {
			return c.stopError(ctx, running)
		}
		<-done
	}
	return c.stopped(in)
}

// closed reports whether done is closed. nil never is.
func closed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// holds reports whether the end of c waits for the running goroutine, which is not c's own: the
// goroutine tells of that end, or is a work of c.
func (c *core) holds() bool {
	return tree.Behalves.Current().Has(c)
}

// retired returns what Stop of a service that is not served returns; it releases mu.
func (c *core) retired(ctx context.Context, ctxDone <-chan struct{}) error {
	rude, still := c.teller.Rude(), c.teller.Still()
	c.mu.Unlock()
	if rude && closed(ctxDone) {
		return c.stopError(ctx, still)
	}
	return nil
}

// awaitedBy makes the edge of the caller, who is about to wait for the service to do something
// between its closures, unless the edge would close a cycle. itself reports whether the caller is
// the service itself, which does not wait. When the wait is over, waited is called. The user's
// call is that of awaitedBy's caller.
func (c *core) awaitedBy(ctx context.Context) (self caller, itself bool, err error) {
	self = callerOf(ctx)
	switch {
	case self.in == nil:
		return caller{}, false, nil
	case self.in.c == c:
		return caller{}, true, nil
	}
	err = self.wait(ctx, c, (&event{}).of(ctx), where.Place{}, where.Direct.In().In()) // behind Service.Stop
	return self, false, err
}

// Done is Service.Done.
func (c *core) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doneLocked()
}

func (c *core) doneLocked() chan struct{} {
	if c.done == nil {
		c.done = make(chan struct{})
		if c.state == Ended {
			close(c.done)
		}
	}
	return c.done
}

// Err is Service.Err.
func (c *core) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// stopped returns what Stop returns when the service has ended.
func (c *core) stopped(in *incarnation) error {
	if in == nil {
		return nil
	}
	return c.Err()
}

// isRude reports whether something that was told of the end goes on.
func (c *core) isRude() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.teller.Rude()
}

func (c *core) stopError(ctx context.Context, running where.Place) error {
	if running == (where.Place{}) {
		return fmt.Errorf("actor: %s: stopped before all it had accepted was run: %w", c.Name(), foreign.Why(ctx))
	}
	return fmt.Errorf("actor: %s: cut off from %v, which had not returned: %w", c.Name(), running, foreign.Why(ctx))
}

// Kill is Service.Kill.
func (c *core) Kill() {
	c.made()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return
	}
	c.final = true
	c.teller.Hurry()
	if c.in.Load() == nil {
		c.retire(nil)
		return
	}
	c.cut(c.in.Load(), true)
}
