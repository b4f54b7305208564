package actor

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Pause has the service run no more closures until Resume. It returns when the closure
// that was running has ended, or with an error that wraps the context's when ctx ends
// before; then the service is paused all the same, from the end of that closure on.
//
// A paused service goes on accepting closures, and inspections (Inspect, Show) are
// served. Nothing that ends a service is kept waiting: Stop, and a supervisor that
// stops it, have it run what it had accepted; a restart leaves it paused. Of a service
// that nobody serves, the pause begins with the next incarnation. A service that has
// ended, before or while Pause waits, is not paused: the error wraps ErrStopped.
//
// Called from one of the service's own closures, Pause does not wait for itself. A
// Pause that would complete a cycle of services waiting for each other returns a
// *DeadlockError, and the service is not paused.
func (c *core) Pause(ctx context.Context) error {
	c.check("Pause", ctx)
	self, own, err := c.awaitedBy(ctx)
	if err != nil {
		return err
	}
	defer self.waited()
	p := &pausing{seen: make(chan struct{})}
	if c.pause(p, own) {
		return c.pauseError()
	}
	if !first(p.seen, ctx) {
		p.gaveUp.Store(true)
		c.giveUp(p)
		return fmt.Errorf("actor: %s: Pause: a closure is still running: %w", c.Name(), foreign.Why(ctx))
	}
	return c.pauseError()
}

// pausing waits until no closure runs in a paused service.
type pausing struct {
	seen   chan struct{}
	gaveUp atomic.Bool
}

// pause pauses the service. It reports whether nothing is to be waited for: the service
// is at the caller's closure, or has no incarnation, or has ended.
func (c *core) pause(p *pausing, own bool) (seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return true
	}
	c.box.Signal(sigPause)
	if own || c.in.Load() == nil {
		c.owed(0) // the pause begins with the end of the closure, or the next incarnation
		return true
	}
	c.request(p)
	return false
}

// serve waits for the end of a batch that has begun, and for a closure that is owed. A
// service that drains runs what it had accepted: of that the caller learns when it is at
// rest.
func (p *pausing) serve(in *incarnation) (done bool) {
	if in.c.box.Signals()&sigPause != 0 && (in.open || in.c.box.Closed() || in.c.owes()) {
		return false
	}
	close(p.seen)
	return true
}

func (p *pausing) rests(State) (kept bool) {
	close(p.seen)
	return false
}

// pauseError returns why the service is not paused although no closure runs: nil if it
// is.
func (c *core) pauseError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return fmt.Errorf("actor: %s: Pause: %w", c.Name(), ErrStopped)
	}
	return nil
}

// Resume takes back Pause. It does not block, and does nothing for a service that is
// not paused or has ended. If closures wait, one of them at least has its turn before the
// next Pause takes hold: who pauses and resumes in a loop does not starve the service.
func (c *core) Resume() {
	c.made()
	c.mu.Lock() // or a turn could be owed by an incarnation that has just ended
	defer c.mu.Unlock()
	if n := c.box.Counts(); n.Waiting > 0 && c.box.Signals()&sigPause != 0 && c.in.Load() != nil {
		c.owed(n.Taken + 1) // before the signal goes, so that no Pause overlooks it
	}
	c.box.Clear(sigPause)
	if n := c.notes.made(); n != nil && n.requested() > 0 {
		c.box.Signal(sigAsked) // who still waits in Pause need not any more
	}
}

func (p *pausing) gone() bool { return p.gaveUp.Load() }
