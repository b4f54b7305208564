package supervisor

import (
	"github.com/bruskajp/nano_services/internal/foreign"
)

// onEnd decides what follows the end of a child, unless the code that awaits the child does.
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
//	any                   has not been started yet    it is left, and will not be (onServiceEnded)
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
		return restart // a Decider had ordered a restart, and that has failed
	}
	return v
}

// restartOf returns the child's restart type, as the table of decide has it.
func (s *Supervisor) restartOf(c *child) Restart {
	if s.spec.Template != nil && c.spec.Restart == Transient {
		return passing
	}
	return c.spec.Restart
}

// letGo leaves or forgets a child that is not restarted. Children that waited to be restarted
// with it are restarted without it.
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

// countSignificant keeps the number of significant children that run or will run: counting
// all of them whenever one ends would take long.
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

// giveUp ends this life because c has ended and may not be restarted. The queue of c is kept:
// see keeps.
func (s *Supervisor) giveUp(c *child) {
	s.set(c, Gone)
	s.endWith(&GaveUpError{s.path, c.info.Path, s.budget.used(s.now), s.budget.period, c.info.Err})
}
