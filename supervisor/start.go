package supervisor

import (
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// boot starts all children, in their order or all at once. A child with a Backoff is tried
// again within its StartTimeout, which is for all tries together. One whose service is
// stopped for good before its turn is not started. If one that is up leads a restart of
// others, which may be what the one that starts waits for, the start is broken off: the
// others wait, and that restart starts them, too (see isBooted).
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
		s.onOver(over{c, c.run}) // if its goroutine has not come to say so
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

// leaveToRestart has those that were not started yet wait for the restart that has come
// between, or for what comes instead if who leads it ends for good.
func (s *Supervisor) leaveToRestart(all []*child) {
	for _, c := range all {
		if c.info.State == NotStarted {
			s.set(c, Waiting)
		}
	}
}

// isBooted reports whether the children of the spec are up or are not to be. Those that are
// restarted alone are not waited for: each has been up.
func (s *Supervisor) isBooted() bool {
	return s.spec.Strategy == OneForOne || !slices.ContainsFunc(s.all(), func(c *child) bool {
		return !c.added && c.running() && c.info.State != Up
	})
}

// bootOne starts a child, and returns when it is up, or is not to be.
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
		s.waits(c)
		s.await(c)
		s.wait(func(*child) bool {
			return c.expired || s.reason != nil || c.info.State != Waiting || s.mustRegroup()
		})
		expired := c.expired
		c.disarm()
		s.setAwaited(c, false)
		if !expired { // it is over for c, or for the supervisor, or c is restarted with others
			return
		}
	}
}

// timeLeft returns what is left of the child's StartTimeout, of which 0 is no limit.
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

// start launches a child and waits until it is up, for at most limit; 0 is no limit. It
// returns why it is not: errInterrupted if that has yet to be seen, since something else is to
// be done at once.
func (s *Supervisor) start(c *child, limit time.Duration) error {
	s.await(c)
	defer func() { s.setAwaited(c, false) }()
	s.launchWithin(c, limit)
	s.wait(func(*child) bool { return c.startIsOver() || s.reason != nil || s.mustRegroup() })
	return s.started(c)
}

// startIsOver reports whether a child that is awaited is up, or will not be.
func (c *child) startIsOver() bool { return c.info.State != Starting || !c.alive() || c.expired }

// started returns why a child is not up whose start is over.
func (s *Supervisor) started(c *child) error {
	switch {
	case c.info.State == Up:
		return nil
	case !c.alive() && c.info.Err == nil: // what says by itself that it is up has ended normally before
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

// wasTooLate enters the end of a child that was told to end since its start took too long.
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

// answer answers those who asked for the child to be started, and those who asked for its
// end, which has come.
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

// onTimeout is called when the timer of a child fires that is not waited for.
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

// onEnd decides what follows the end of a child, if that is not for who waits for it.
func (s *Supervisor) onEnd(c *child) {
	switch {
	case c.awaited:
	case c.late:
		s.wasTooLate(c)
		s.onExit(c)
	case c.info.State == Stopping: // it was left to the end of all
		s.isDown(c)
	default:
		s.onExit(c)
	}
}

// onExit decides what follows the end of a child that had not been told to end. It does so
// at once, whatever the supervisor is doing, and waits for nothing:
//
//	the supervisor        the child ends, and         what follows
//	starts, is up, waits  is not to be restarted      it is left or forgotten; AutoShutdown, which
//	                                                  ends any waiting but for the end of a child
//	likewise              is, under OneForOne         it is launched, or waits out its delay
//	likewise              is, with others             it waits, and leads them: see onRetry
//	likewise              is, and another leads it    it waits, and that restart counts for both
//	likewise              is, without a budget        the supervisor gives up, likewise
//	ends, or is to        has not been told to yet    it is left: nothing is restarted any more
//	any                   was told to end             who waits for that decides
//	any                   has not been started yet    it is left, and will not be (onOver)
func (s *Supervisor) onExit(c *child) {
	err := c.info.Err
	neverUp := c.info.State == Starting && err != nil
	if neverUp && c.asked != nil {
		group := s.group(c)
		s.notStarted(c, err)
		s.passOn(group)
		return
	}
	if c.info.State == Starting {
		s.answer(c, nil)
	}
	s.reportExit(c)
	if s.reason != nil {
		s.letGo(c, leave)
		return
	}
	switch v := s.judge(c, neverUp); v {
	case restart:
		s.scheduleRestart(c)
	case escalate:
		s.giveUp(c)
	default:
		s.letGo(c, v)
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

// letGo leaves or forgets a child that is not restarted. Those that waited for it are
// restarted without it.
func (s *Supervisor) letGo(c *child, v verdict) {
	group := s.group(c)
	s.set(c, Gone)
	c.release()
	if v == forget {
		s.remove(c)
	}
	if s.reason == nil || !s.keeps() {
		s.abandon(c)
	}
	if c.spec.Significant && ends(s.spec.AutoShutdown, s.significant) {
		s.endWith(errShutdown)
	}
	s.passOn(group)
}

// ending says how a child has ended unasked.
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

// countSignificant counts the significant children that run or will, one by one:
// to count all of them at the end of each would take long.
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
func (s *Supervisor) giveUp(c *child) {
	s.set(c, Gone)
	s.endWith(&GaveUpError{s.path, c.info.Path, s.budget.used(s.now), s.budget.period, c.info.Err})
}
