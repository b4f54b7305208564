package actor

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Pause is Service.Pause.
func (c *core) Pause(ctx context.Context) error {
	c.check("Pause", ctx)
	self, itself, err := c.awaitedBy(ctx)
	if err != nil {
		return err
	}
	defer self.waited()
	p := &pausing{seen: make(chan struct{})}
	if c.pause(p, itself) {
		return c.pauseError()
	}
	if !foreign.First(p.seen, ctx) {
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

// pause pauses the service. It reports true if there is nothing to wait for: the caller is in a
// closure of the service, or the service has no incarnation, or has ended.
func (c *core) pause(p *pausing, itself bool) (seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return true
	}
	c.box.Signal(sigPause)
	if itself || c.in.Load() == nil {
		c.owed(0) // the pause begins with the end of the closure, or the next incarnation
		return true
	}
	c.request(p)
	return false
}

// serve waits until a batch that has begun is over, and a closure that is owed has run. A service
// that drains runs what it had accepted: the caller learns of that when there is no incarnation
// any more.
func (p *pausing) serve(in *incarnation) (done bool) {
	if in.c.box.Signals()&sigPause != 0 && (in.batchOpen || in.c.box.Closed() || in.c.owes()) {
		return false
	}
	close(p.seen)
	return true
}

func (p *pausing) vacated(State) (kept bool) {
	close(p.seen)
	return false
}

// pauseError returns why the service is not paused although no closure runs, or nil if it is
// paused.
func (c *core) pauseError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Ended {
		return fmt.Errorf("actor: %s: Pause: %w", c.Name(), ErrStopped)
	}
	return nil
}

// Resume is Service.Resume.
func (c *core) Resume() {
	c.made()
	c.mu.Lock() // or a turn could be owed by an incarnation that has just ended
	defer c.mu.Unlock()
	if n := c.box.Counts(); n.Waiting > 0 && c.box.Signals()&sigPause != 0 && c.in.Load() != nil {
		c.owed(n.Taken + 1) // before the signal goes, so that no Pause overlooks it
	}
	c.box.Clear(sigPause)
	if n := c.diagnostics.Made(); n != nil && n.requested() > 0 {
		c.box.Signal(sigAsked) // a caller that still waits in Pause need not any more
	}
}

func (p *pausing) gone() bool { return p.gaveUp.Load() }
