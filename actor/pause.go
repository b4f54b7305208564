package actor

import (
	"context"
	"fmt"
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
	n := c.noted()
	seen := make(chan struct{})
	if !c.queuePause(n, seen) {
		return c.pauseError()
	}
	if own || !c.served() {
		c.notePaused()
		return c.pauseError()
	}
	select {
	case <-seen:
		return c.pauseError()
	case <-ctx.Done():
	}
	select {
	case <-seen: // was first
		return c.pauseError()
	default:
		return fmt.Errorf("actor: %s: Pause: a closure is still running: %w", c.Name(), ctx.Err())
	}
}

// queuePause reports false if the service has ended.
func (c *core) queuePause(n *notes, seen chan struct{}) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return false
	}
	n.mu.Lock()
	n.pauses = append(n.pauses, seen)
	n.mu.Unlock()
	c.box.Signal(sigPause | sigInspect) // the one says what, and the other that it is new
	return true
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
// not paused or has ended.
func (c *core) Resume() {
	c.made()
	c.box.Clear(sigPause)
	c.notePaused()
}

// notePaused tells those who wait in Pause that no closure runs.
func (c *core) notePaused() {
	n := c.notes.Load()
	if n == nil {
		return
	}
	n.mu.Lock()
	pauses := n.pauses
	n.pauses = nil
	n.mu.Unlock()
	for _, seen := range pauses {
		close(seen)
	}
}

// served reports whether an incarnation is there to see a signal.
func (c *core) served() bool { return c.in.Load() != nil }
