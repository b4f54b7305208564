package supervisor

import (
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// scheduleRestart takes a restart of c out of the budget, stops whom the strategy
// names with it, and starts them all again, at once or after c's delay.
func (s *Supervisor) scheduleRestart(c *child) error {
	if !s.spend() {
		return s.giveUp(c)
	}
	s.count(c)
	var d time.Duration
	if c.spec.Backoff != nil {
		d = s.delay(c)
		c.tries++
	}
	s.reporter.report(Event{
		Kind: Restarting, Path: c.info.Path, Delay: d, Restarts: c.info.Restarts, Err: c.info.Err,
		often: c.restartsOften(s.now),
	})
	if d == 0 && s.spec.Strategy == OneForOne {
		return s.restart(c)
	}
	s.waits(c)
	s.stopWith(c)
	if d > 0 {
		s.arm(c, d)
		return nil
	}
	return s.restart(c)
}

// stopWith stops those that are to be restarted with c, in the reverse of their
// order, keeping their queues. Temporary ones are not restarted but forgotten.
func (s *Supervisor) stopWith(c *child) {
	if s.spec.Strategy == OneForOne {
		return
	}
	group := s.group(c)
	for i := len(group) - 1; i >= 0; i-- {
		x := group[i]
		switch {
		case x == c:
			continue
		case x.info.State == Waiting:
			x.disarm() // its own delay: it comes back with c, and not before
			continue
		case x.info.State != Up && x.info.State != Starting:
			continue
		}
		s.stop(actor.Restart, x)
		if x.spec.Restart == Temporary {
			s.set(x, Gone)
			s.remove(x)
			s.abandon(x)
		} else {
			s.waits(x)
		}
	}
}

// group returns those that are restarted with c, c included, in their order.
func (s *Supervisor) group(c *child) []*child {
	if s.spec.Strategy == OneForOne {
		return []*child{c}
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
func (s *Supervisor) restart(c *child) error {
	if s.spec.Strategy == OneForOne {
		s.launch(c) // and goes on: its siblings need not wait for it
		return nil
	}
	for _, x := range s.group(c) {
		if x.info.State != Waiting {
			continue
		}
		x.disarm()
		err := s.start(x, x.spec.StartTimeout)
		if err == errInterrupted {
			return err
		}
		if err != nil {
			return s.restartFailed(x)
		}
	}
	return nil
}

func (s *Supervisor) restartFailed(x *child) error {
	s.reportExit(x)
	switch v := s.judge(x, true); {
	case v == leave || v == forget:
		s.passOn(s.group(x))
		return s.letGo(x, v)
	case v == escalate || !s.spend():
		return s.giveUp(x)
	}
	s.count(x)
	s.waits(x)
	if s.spec.Strategy == OneForAll {
		s.stopWith(x)
	}
	var d time.Duration
	if x.spec.Backoff != nil {
		d = s.delay(x)
		x.tries++
	}
	s.reporter.report(Event{
		Kind: Restarting, Path: x.info.Path, Delay: d, Restarts: x.info.Restarts, Err: x.info.Err,
		often: x.restartsOften(s.now),
	})
	if d > 0 {
		s.arm(x, d)
	} else {
		s.post(retry{x})
	}
	return nil
}
