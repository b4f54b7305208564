package supervisor

import "time"

// together is the start of children that have no order.
type together struct {
	s     *Supervisor
	since time.Time
	left  int   // that have not been up yet
	err   error // why the start has failed
}

// bootTogether starts all children at once, and returns when each has been up. One that
// has ended since then is decided on meanwhile: the others may take their time.
func (s *Supervisor) bootTogether() error {
	all := s.all()
	b := together{s: s, since: s.now, left: len(all)}
	for _, c := range all {
		s.await(c)
	}
	defer func() {
		for _, c := range all {
			s.setAwaited(c, false)
		}
	}()
	for _, c := range all {
		s.launch(c)
		b.look(c) // what is no service is up already
	}
	s.wait(func(about *child) bool {
		if about != nil && !s.told {
			b.look(about)
		}
		return b.left == 0 || b.err != nil || s.told
	})
	if b.err == nil && b.left > 0 {
		return errInterrupted
	}
	return b.err
}

// look does what follows for a child to which something has happened.
func (b *together) look(c *child) {
	s := b.s
	switch {
	case b.err != nil:
	case !c.awaited:
		b.decide(c)
	case c.info.State == Waiting, c.info.State == Terminated:
		switch {
		case c.expired:
			c.disarm()
			s.launchWithin(c, s.timeLeft(c, b.since))
		case s.retryIsOff(c): // which is no failure
			b.isUp(c)
		}
	case c.startIsOver():
		err := s.started(c)
		switch {
		case err == nil:
			b.isUp(c)
		case err != errInterrupted && s.mayRetry(c, b.since):
			s.waits(c)
		default:
			b.err = s.bootError(c, err)
		}
	}
}

// isUp takes a child off the list of those that are waited for.
func (b *together) isUp(c *child) {
	b.s.setAwaited(c, false)
	b.left--
	b.decide(c)
}

// decide decides on a child that was up, if it has ended, which was the last thing to be
// kept for later then.
func (b *together) decide(c *child) {
	s, last := b.s, len(b.s.later)-1
	if last < 0 {
		return
	}
	e, isEnd := s.later[last].(ended)
	o, isOver := s.later[last].(over)
	if isEnd && e.c == c || isOver && o.c == c {
		m := s.later[last]
		s.later = s.later[:last]
		b.err = s.handle(m)
	}
}
