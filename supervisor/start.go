package supervisor

import (
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// boot starts all children, in their order or all at once. A child with a Backoff is tried
// again within its StartTimeout, which bounds all tries together. A child whose service is
// stopped for good before its turn is not started. If a child that is up comes to lead a
// restart of others, boot breaks off, since the child that is starting may wait for that
// restart: the children that are left wait, and the restart starts them, too (see isBooted).
func (s *Supervisor) boot() {
	all := s.all()
	s.meet(all)
	if s.spec.Together {
		s.bootTogether(all)
		return
	}
	for _, c := range all[min(1, len(all)):] {
		s.lookOut(c)
	}
	for _, c := range all {
		s.onServiceEnded(serviceEnded{c, c.run}) // if its goroutine has not come to say so
		if s.reason != nil {
			return
		}
		if c.info.State == NotStarted {
			s.bootOne(c)
		}
		if s.mustRegroup() {
			s.leaveToRestart(all)
			return
		}
	}
}

// leaveToRestart has the children that were not started yet wait for the restart that broke
// the boot off, or for what replaces it if the child that leads it ends for good.
func (s *Supervisor) leaveToRestart(all []*child) {
	for _, c := range all {
		if c.info.State == NotStarted {
			s.set(c, Waiting)
		}
	}
}

// isBooted reports whether each child of the spec is up, or will not be. Under OneForOne none
// is waited for: each has been up.
func (s *Supervisor) isBooted() bool {
	return s.spec.Strategy == OneForOne || !slices.ContainsFunc(s.all(), func(c *child) bool {
		return !c.added && c.running() && c.info.State != Up
	})
}

// bootOne starts a child, and returns when it is up, or will not be.
func (s *Supervisor) bootOne(c *child) {
	for since := s.now; ; {
		err := s.start(c, s.timeLeft(c, since))
		if err == nil || err == errInterrupted || s.reason != nil {
			return
		}
		if !s.mayRetry(c, since) {
			s.bootFails(c, err)
			return
		}
		s.setWaiting(c)
		s.await(c)
		s.wait(func(*child) bool {
			return c.expired || s.reason != nil || c.info.State != Waiting || s.mustRegroup()
		})
		expired := c.expired
		c.disarm()
		s.setAwaited(c, false)
		if !expired { // c or the supervisor ends, or c is restarted with others
			return
		}
	}
}

// timeLeft returns what is left of the child's StartTimeout; 0 is no limit.
func (s *Supervisor) timeLeft(c *child, since time.Time) time.Duration {
	limit := c.spec.StartTimeout
	if limit > 0 {
		limit = max(limit-s.now.Sub(since), 1) // 1: no time is left, which is not no limit
	}
	return limit
}

func (s *Supervisor) bootFails(c *child, err error) {
	s.set(c, Gone)
	s.endWith(&StartError{c.info.Path, err})
}

// mayRetry sets the child's timer for another try, if there is to be one.
func (s *Supervisor) mayRetry(c *child, since time.Time) bool {
	if c.spec.Backoff == nil {
		return false
	}
	d := s.delay(c)
	if limit := c.spec.StartTimeout; limit > 0 && s.now.Sub(since)+d >= limit {
		return false
	}
	c.tries++
	s.count(c)
	s.reporter.report(Event{
		Kind: Restarting, Path: c.info.Path, Delay: d, Restarts: c.info.Restarts, Err: c.info.Err,
	})
	s.arm(c, d)
	return true
}

// start launches a child and waits until it is up, for at most limit; 0 is no limit. If the
// child is not up, start returns why. It returns errInterrupted if the child may yet come up,
// but the supervisor has something else to do at once.
func (s *Supervisor) start(c *child, limit time.Duration) error {
	s.await(c)
	defer func() { s.setAwaited(c, false) }()
	s.launchWithin(c, limit)
	s.wait(func(*child) bool { return c.startIsOver() || s.reason != nil || s.mustRegroup() })
	return s.started(c)
}

// startIsOver reports whether a child that is awaited is up, or will not be.
func (c *child) startIsOver() bool { return c.info.State != Starting || !c.alive() || c.expired }

// started returns why a child is not up, or nil if it is. Its start is over.
func (s *Supervisor) started(c *child) error {
	switch {
	case c.info.State == Up:
		return nil
	case !c.alive() && c.info.Err == nil: // it ended normally before it could say that it is up
		s.up(c)
		s.onExit(c)
		return nil
	case !c.alive() && s.ending(c) == deliberate: // which is no failure
		s.onExit(c)
		return nil
	case !c.alive():
		return c.info.Err
	case c.expired:
		if s.tooLate(c); !c.alive() {
			return errTimeout
		}
	}
	return errInterrupted
}

// tooLate ends a start that has taken too long, as if the child had ended.
func (s *Supervisor) tooLate(c *child) {
	s.stop(actor.Restart, c)
	if !c.alive() {
		s.wasTooLate(c)
	}
}

// wasTooLate notes the end of a child that was told to end because its start took too long.
func (s *Supervisor) wasTooLate(c *child) {
	c.late = false
	s.setErr(c, errTimeout)
	s.set(c, Starting)
}

// count counts a restart of the child, or another try to start it.
func (s *Supervisor) count(c *child) {
	s.mu.Lock()
	c.info.Restarts++
	s.mu.Unlock()
}

func (s *Supervisor) setErr(c *child, err error) {
	s.mu.Lock()
	c.info.Err = err
	s.mu.Unlock()
}

func (s *Supervisor) onReady(m ready) {
	if m.run == m.c.run && m.c.info.State == Starting && m.c.alive() {
		s.up(m.c)
	}
}

// up enters that a child is up.
func (s *Supervisor) up(c *child) {
	c.disarm()
	c.upSince, c.fresh = s.now, false
	s.set(c, Up)
	s.reporter.report(Event{Kind: Started, Path: c.info.Path})
	s.answer(c, nil)
}

// answer answers the requests to start the child with err, and those to end it, which have
// succeeded, with nil.
func (s *Supervisor) answer(c *child, err error) {
	for _, r := range c.asked {
		if r.ends != "" {
			r.reply <- nil
		} else {
			r.reply <- err
		}
	}
	c.asked = nil
}

// onTimeout is called when the timer of a child fires that is not awaited.
func (s *Supervisor) onTimeout(c *child) {
	switch c.info.State {
	case Starting: // its end is not waited for, either
		c.late = true
		if s.tell(c, actor.Restart); !c.alive() {
			s.onEnd(c)
		}
	case Stopping:
		if s.cutOff(c); !c.alive() {
			s.onEnd(c)
		}
	case Waiting:
		s.restart(c)
	}
}
