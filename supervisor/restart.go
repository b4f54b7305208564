package supervisor

import (
	"slices"

	"github.com/bruskajp/nano_services/actor"
)

// scheduleRestart takes a restart out of the budget and has c restarted, at once or after its
// delay, with the siblings that the strategy names. A child that is restarted alone is
// launched here, so that its siblings need not wait for it. A child that is restarted with
// others leads them: onRetry stops and starts them, when the supervisor does nothing else.
func (s *Supervisor) scheduleRestart(c *child) {
	if s.isTakenAlong(c) { // one whole restart counts once
		s.setWaiting(c)
		return
	}
	if !s.spend() {
		s.giveUp(c)
		return
	}
	s.count(c)
	e := Event{
		Kind: Restarting, Path: c.info.Path, Restarts: c.info.Restarts, Err: c.info.Err,
		often: c.restartsOften(s.now),
	}
	if c.spec.Backoff != nil {
		e.Delay = s.delay(c)
		c.tries++
	}
	s.reporter.report(e)
	if e.Delay == 0 && s.spec.Strategy == OneForOne {
		s.launch(c)
		return
	}
	// Under RestForOne, if c could not be started again, the children after it wait already.
	leads := s.spec.Strategy == OneForAll || s.spec.Strategy == RestForOne && c.info.State != Starting
	s.setWaiting(c)
	if e.Delay > 0 {
		s.arm(c, e.Delay)
	}
	if leads {
		s.leaders = append(s.leaders, c)
	}
	if leads || e.Delay == 0 {
		s.post(retry{c: c})
	}
}

// isTakenAlong reports whether c is restarted with another child, whose restart is due.
func (s *Supervisor) isTakenAlong(c *child) bool {
	return slices.ContainsFunc(s.leaders, func(leader *child) bool {
		return leader != c && leader.info.State == Waiting && slices.Contains(s.group(leader), c)
	})
}

// mustRegroup reports whether a restart of several children is due. Then the supervisor must
// not wait for one of them to start: it would be stopped as soon as it is up, and its start
// may itself wait for the child that leads the restart.
func (s *Supervisor) mustRegroup() bool { return len(s.leaders) > 0 }

// onRetry does the restart that c leads: it stops the others and starts all of them, now or
// after c's delay. If c does not lead any more, it is restarted with those that wait. If the
// child that led c is gone (left), the restart begins with the first child that c waits for.
func (s *Supervisor) onRetry(c *child, left bool) {
	group := s.group(c)
	due := c.info.State == Waiting && !s.isTakenAlong(c)
	if i := slices.Index(s.leaders, c); i >= 0 {
		if due {
			s.stopWith(c, group)
		}
		s.leaders = slices.Delete(s.leaders, i, i+1)
	}
	switch {
	case !due || s.reason != nil:
	case c.info.State != Waiting: // it has ended for good meanwhile
		s.passOn(group)
	case !left && c.timer == nil:
		s.restart(c)
	case left && !s.delayed(c):
		s.restart(s.firstBefore(c))
	}
}

// firstBefore returns the first child that waits and has to be started before c, or c itself if
// there is none. A child that could not be started leads no others, but c waits for it, too.
func (s *Supervisor) firstBefore(c *child) *child {
	if s.spec.Strategy == RestForOne {
		for _, x := range s.all() {
			if x == c || x.info.State == Waiting {
				return x
			}
		}
	}
	return c
}

// stopWith stops those that are to be restarted with c, in the reverse of their
// order, keeping their queues. Temporary ones are not restarted but forgotten.
func (s *Supervisor) stopWith(c *child, group []*child) {
	for i := len(group) - 1; i >= 0 && s.reason == nil; i-- {
		x := group[i]
		switch {
		case x == c:
			continue
		case x.info.State == Waiting:
			x.disarm() // its own delay: it comes back with c, and not before
			continue
		case !x.alive():
			continue
		}
		s.stop(actor.Restart, x)
		if x.alive() {
			return
		}
		if x.spec.Restart == Temporary {
			s.answer(x, &StartError{x.info.Path, errTerminated})
			s.set(x, Gone)
			s.remove(x)
			s.abandon(x)
		} else {
			s.setWaiting(x)
		}
	}
}

// group returns those that are restarted with c, c included, in their order.
func (s *Supervisor) group(c *child) []*child {
	if s.spec.Strategy == OneForOne {
		return nil
	}
	all := s.all()
	for i, x := range all {
		if x == c {
			from, to := affected(s.spec.Strategy, i, len(all))
			return all[from:to]
		}
	}
	return nil
}

// restart starts c again, and the children that wait with it. If one can not be started, that
// counts as another restart: under OneForAll those that are back already are stopped again,
// under RestForOne they are left alone. The next try is posted, and not made at once, so that
// a stop or a request can overtake it.
func (s *Supervisor) restart(c *child) {
	if s.spec.Strategy == OneForOne {
		s.launch(c) // and goes on: its siblings need not wait for it
		return
	}
	for _, x := range s.group(c) {
		if s.reason != nil || s.mustRegroup() {
			return
		}
		if x.info.State != Waiting {
			continue
		}
		x.disarm()
		switch s.start(x, x.spec.StartTimeout) {
		case nil:
		case errInterrupted:
			return
		default:
			s.onExit(x)
			return
		}
	}
}

// setWaiting has a child wait to be started again.
func (s *Supervisor) setWaiting(c *child) {
	s.set(c, Waiting)
	s.lookOut(c)
}
