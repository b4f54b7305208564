package actor

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/rate"
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
		if c.retire(ctxDone); c.state == Ended {
			return c.retired(ctx, ctxDone)
		}
	} else {
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
		select {
		case <-done: // was first
			return c.stopped(in)
		default:
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

// holds reports whether the end of c waits for the running goroutine, which is not c's own: it
// tells of that end, or is a work of c.
func (c *core) holds() bool {
	for of := range tree.Behalves.Current().All() {
		if of == any(c) {
			return true
		}
	}
	return false
}

// retired returns what Stop of a service that is not served returns; it releases mu.
func (c *core) retired(ctx context.Context, ctxDone <-chan struct{}) error {
	rude := c.teller.Rude()
	c.mu.Unlock()
	select {
	case <-ctxDone:
		if rude {
			return c.stopError(ctx, where.Place{})
		}
	default:
	}
	return nil
}

// awaitedBy makes the edge of the caller, who is about to wait for the service to do
// something between its closures, unless that would close a cycle. itself reports whether
// the caller is the service itself, which does not wait. Afterwards comes waited. The
// user's call is that of awaitedBy's caller.
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
	return fmt.Errorf("actor: %s: cut off from %v, which is still running: %w", c.Name(), running, foreign.Why(ctx))
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

// Waiting for the user's code is not silent: see rate.Wait. Who waits for a service is
// Stop, or Serve when its context has ended, and the supervisor that calls Serve. There is
// one report, of the service, however many wait.

// endAwaited says that the end of the incarnation is waited for, until that time at the
// most, if that is known; mu is held.
func (in *incarnation) endAwaited(until time.Time, known bool) {
	if in.awaited == nil && !known && in.idles() {
		in.expected = (*incarnation).watchEnd
		return
	}
	in.watchEnd()
	if known {
		in.awaited.GiveUp(until)
	}
}

func (in *incarnation) watchEnd() {
	if in.awaited == nil {
		in.awaited = &longWait{Wait: rate.Since(time.Now())}
		in.awaited.timer = alarm.Func(rate.Patience, in.stillAwaited)
	}
}

// idles reports whether nothing of the user's runs in a draining incarnation, or will before
// it is entered with the owner's knowledge: as of most services that are stopped. So what
// waits for the end needs no timer, which would be a quarter of what such a Stop allocates,
// until the owner says otherwise; see enters. mu is held.
func (in *incarnation) idles() bool {
	c := in.c
	if in.phase != serving || c.around.Load() != nil || c.box.Signals()&sigAsked != 0 || in.background() != nil {
		return false
	}
	n := c.box.Counts()
	return !n.Busy && n.Waiting == 0
}

// stillAwaited is called by the timer.
func (in *incarnation) stillAwaited() {
	c := in.c
	c.mu.Lock()
	a := in.awaited
	if in.lost.Load() {
		c.mu.Unlock()
		return
	}
	age, due := a.Report(time.Now())
	if next, ok := a.Next(); ok {
		a.timer.Reset(time.Until(next))
	}
	up, still := in.runs()
	c.mu.Unlock()
	if due {
		c.logWait(up, still, age)
	}
}

// Overdue implements tree.Listener: it is called by a supervisor that has waited so long
// for the service to be up, or to end.
func (in *incarnation) Overdue(age time.Duration) (serves bool) {
	c := in.c
	c.mu.Lock()
	if in.lost.Load() {
		c.mu.Unlock()
		return false
	}
	known := in.awaited != nil || in.expected != nil // and reported for who waits besides
	up, still := in.runs()
	c.mu.Unlock()
	if !known {
		c.logWait(up, still, age)
	}
	return true
}

// runs returns what of the user's the incarnation is in, and whether it is up; mu is held.
func (in *incarnation) runs() (up bool, still where.Place) {
	c := in.c
	switch in.phase {
	case building:
		return false, where.Entry(c.build)
	case between:
		return true, where.Place{PC: in.userFunc.Load()}
	case closing:
		return true, where.Close(in.state)
	case serving:
		if j, busy := c.box.Peek(); busy {
			return true, in.at(j)
		}
		if b := in.background(); b != nil {
			return true, b.going()
		}
	}
	return true, where.Place{}
}

// logWait writes a report, unless nothing of the user's runs: the library's own code is
// waited for then, or a closure has begun that runs for less than that.
func (c *core) logWait(up bool, still where.Place, age time.Duration) {
	if still == (where.Place{}) {
		return
	}
	what := "has not ended yet"
	if !up {
		what = "is not up yet"
	}
	c.log(slog.LevelWarn, what, "running", still.String(), "for", age, "waiting", c.box.Len())
}
