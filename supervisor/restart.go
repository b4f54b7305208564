package supervisor

import (
	"slices"

	"github.com/bruskajp/nano_services/actor"
)

// scheduleRestart takes a restart of c out of the budget and has it restarted, at once or
// after its delay, with those whom the strategy names. One that is restarted alone is
// launched here, and its siblings need not wait for it. Others it leads: they are stopped and
// started by onRetry, when the supervisor does nothing else.
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
	// Under RestForOne those after one that can not be started again wait for it already.
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

// isTakenAlong reports whether c is restarted with another, whose restart is due.
func (s *Supervisor) isTakenAlong(c *child) bool {
	return slices.ContainsFunc(s.leaders, func(leader *child) bool {
		return leader != c && leader.info.State == Waiting && slices.Contains(s.group(leader), c)
	})
}

// mustRegroup reports whether a restart is due while the supervisor waits for one of the
// group to start: which would be stopped as soon as it is up, and may wait for the one that
// leads.
func (s *Supervisor) mustRegroup() bool { return len(s.leaders) > 0 }

// onRetry does the restart that c leads: it stops the others and starts all of them, now or
// after c's delay. A c that leads no more is restarted with those that wait. If the
// child that led c is gone (left), c is restarted behind those that come before it.
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

// firstBefore returns the first child that waits and that c is not started before: c itself,
// if there is none. One that could not be started leads nobody, and c waits for it, too.
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

// restart starts c again, and those that wait with it. One that can not be
// started counts as another restart: under OneForAll those that are back already
// are stopped again, under RestForOne they are left alone. The next try is posted,
// not made at once, so that a stop or a request can overtake it.
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
