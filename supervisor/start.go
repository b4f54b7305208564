package supervisor

import (
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// boot starts all children, in their order or all at once. A child with a Backoff is tried
// again within its StartTimeout, which is for all tries together.
func (s *Supervisor) boot() error {
	if s.spec.Together {
		return s.bootTogether()
	}
	for _, c := range s.all() {
		for since := s.now; ; {
			err := s.start(c, s.timeLeft(c, since))
			if err == nil {
				break
			}
			if err == errInterrupted || !s.mayRetry(c, since) {
				return s.bootError(c, err)
			}
			s.waits(c)
			s.await(c)
			s.wait(func(about *child) bool { return c.expired || s.told || about == c && s.retryIsOff(c) })
			expired := c.expired
			c.disarm()
			s.setAwaited(c, false)
			if s.told {
				return errInterrupted
			}
			if !expired {
				break // which is no failure
			}
		}
	}
	return nil
}

// retryIsOff reports whether a child that waits to be tried again has ended for good.
func (s *Supervisor) retryIsOff(c *child) bool { return c.info.State != Waiting || s.endedForGood(c) }

// timeLeft returns what is left of the child's StartTimeout, of which 0 is no limit.
func (s *Supervisor) timeLeft(c *child, since time.Time) time.Duration {
	limit := c.spec.StartTimeout
	if limit > 0 {
		limit = max(limit-s.now.Sub(since), 1) // 1: no time is left, which is not no limit
	}
	return limit
}

func (s *Supervisor) bootError(c *child, err error) error {
	if err == errInterrupted {
		return err
	}
	s.set(c, Gone)
	return &StartError{c.info.Path, err}
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

// start launches a child and waits until it is up, for at most limit; 0 is no limit. It
// returns why it is not.
func (s *Supervisor) start(c *child, limit time.Duration) error {
	s.await(c)
	defer func() { s.setAwaited(c, false) }()
	s.launchWithin(c, limit)
	s.wait(func(*child) bool { return c.startIsOver() || s.told })
	return s.started(c)
}

// startIsOver reports whether a child that is awaited is up, or will not be.
func (c *child) startIsOver() bool { return c.info.State != Starting || !c.alive() || c.expired }

// started returns why a child is not up whose start is over.
func (s *Supervisor) started(c *child) error {
	switch {
	case c.info.State == Up:
		if !c.alive() { // it came up and ended at once
			s.later = append(s.later, ended{c, c.run})
		}
		return nil
	case !c.alive() && c.info.Err == nil: // what says by itself that it is up has ended normally before
		s.up(c)
		s.later = append(s.later, ended{c, c.run})
		return nil
	case !c.alive() && s.ending(c) == deliberate: // which is no failure
		s.later = append(s.later, ended{c, c.run})
		return nil
	case !c.alive():
		return c.info.Err
	case c.expired:
		s.stop(actor.Restart, c)
		s.setErr(c, errTimeout)
		return errTimeout
	}
	return errInterrupted
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

// answer answers those who asked for the child to be started.
func (s *Supervisor) answer(c *child, err error) {
	for _, r := range c.asked {
		r.reply <- err
	}
	c.asked = nil
}

// onTimeout is called when the timer of a child fires that nobody waits for.
func (s *Supervisor) onTimeout(c *child) error {
	switch c.info.State {
	case Starting:
		s.stop(actor.Restart, c)
		s.setErr(c, errTimeout)
		s.set(c, Starting)
		return s.onExit(c)
	case Waiting:
		return s.restart(c)
	}
	return nil
}

// onExit decides what follows the end of a child that had not been told to end.
func (s *Supervisor) onExit(c *child) error {
	err := c.info.Err
	neverUp := c.info.State == Starting && err != nil
	if neverUp && c.asked != nil {
		s.notStarted(c, err)
		return nil
	}
	if c.info.State == Starting {
		s.answer(c, nil)
	}
	s.reportExit(c)
	switch v := s.judge(c, neverUp); v {
	case restart:
		return s.scheduleRestart(c)
	case escalate:
		return s.giveUp(c)
	default:
		return s.letGo(c, v)
	}
}

func (s *Supervisor) reportExit(c *child) {
	s.reporter.report(Event{Kind: Exited, Path: c.info.Path, Err: c.info.Err})
}

// judge decides what becomes of a child that has ended.
func (s *Supervisor) judge(c *child, neverUp bool) verdict {
	how, d := s.ending(c), s.decision(c)
	v := decide(s.restartOf(c), how, d)
	if neverUp && v == forget && how == failure && d == ByTable {
		return restart // which a Decider had ordered, and has failed
	}
	return v
}

// restartOf is the child's restart type, as the table of decide knows it.
func (s *Supervisor) restartOf(c *child) Restart {
	if s.spec.Template != nil && c.spec.Restart == Transient {
		return passing
	}
	return c.spec.Restart
}

// letGo leaves or forgets a child that is not restarted.
func (s *Supervisor) letGo(c *child, v verdict) error {
	s.set(c, Gone)
	c.release()
	if v == forget {
		s.remove(c)
	}
	s.abandon(c)
	if c.spec.Significant && ends(s.spec.AutoShutdown, s.significant) {
		return errShutdown
	}
	return nil
}

// ending says how a child that nobody told to has ended.
func (s *Supervisor) ending(c *child) ending { return s.endingOf(c, c.info.Err) }

func (s *Supervisor) endingOf(c *child, err error) ending {
	switch {
	case s.endedForGood(c):
		return deliberate
	case err != nil:
		return failure
	}
	return normal
}

// decision asks the Decider, if there is one.
func (s *Supervisor) decision(c *child) (d Decision) {
	if s.spec.Decider == nil || c.info.Err == nil {
		return ByTable
	}
	name, err := c.info.Name, foreign.Original(c.info.Err)
	d, failed := foreign.Ask(&c.methods.questions, "Decider", behalf(s, func() Decision { return s.spec.Decider(name, err) }))
	if failed != nil {
		s.reporter.unanswered("Decider", failed, "path", c.info.Path)
		d = ByTable
	}
	return d
}

// countSignificant counts the significant children that run or will, one by one: whoever
// counted all of them at the end of each would be long at it.
func (s *Supervisor) countSignificant(c *child, runs bool) {
	if !c.spec.Significant || runs == c.counted {
		return
	}
	c.counted = runs
	if runs {
		s.significant++
	} else {
		s.significant--
	}
}

// giveUp ends this life for the end of c, which this life does not restart. Its queue is
// kept: live says for whom.
func (s *Supervisor) giveUp(c *child) error {
	s.set(c, Gone)
	return &GaveUpError{s.path, c.info.Path, s.budget.used(s.now), s.budget.period, c.info.Err}
}
