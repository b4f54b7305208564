package supervisor

import (
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// together is the start of children that have no order.
type together struct {
	s     *Supervisor
	since time.Time
	left  int // that have not been up yet
}

// bootTogether starts all children at once, and returns when each has been up. If one ends after
// that, what follows is decided as ever, since the others may take their time.
func (s *Supervisor) bootTogether(all []*child) {
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
		if about != nil && about.awaited && s.reason == nil {
			b.look(about)
		}
		return b.left == 0 || s.reason != nil
	})
}

// look decides what follows when something has happened to a child that is awaited:
//
//	the child                     what follows
//	waits, and its delay ends     it is launched again, within what is left of its time
//	is up, or has ended for good  the others are waited for
//	has failed                    it is tried again after its delay, if it has one; or the boot ends
//	takes too long                it is told to end, and the others are looked at meanwhile
//	is ending, and has ended      as if it had failed
//
// If the boot ends while one is ending, stopAll waits for that one as for all (stop clears late).
func (b *together) look(c *child) {
	s := b.s
	switch {
	case c.info.State == Waiting:
		if c.expired {
			c.disarm()
			s.launchWithin(c, s.timeLeft(c, b.since))
		}
	case c.info.State == Terminated, c.info.State == Gone: // which is no failure
		b.isUp(c)
	case c.info.State == Starting && c.alive() && c.expired: // what ends meanwhile is looked at, too
		c.late = true
		if s.tell(c, actor.Restart); !c.alive() {
			b.look(c)
		}
	case c.info.State == Stopping && !c.alive():
		s.wasTooLate(c)
		b.fails(c, errTimeout)
	case c.info.State == Stopping:
	case c.startIsOver():
		if err := s.started(c); err != nil {
			b.fails(c, err)
		} else {
			b.isUp(c)
		}
	}
}

// fails has a child that could not be started tried again, or the boot ends.
func (b *together) fails(c *child, err error) {
	if s := b.s; s.mayRetry(c, b.since) {
		s.setWaiting(c)
	} else {
		s.bootFails(c, err)
	}
}

// isUp takes a child off the list of those that are waited for.
func (b *together) isUp(c *child) {
	b.s.setAwaited(c, false)
	b.left--
}
