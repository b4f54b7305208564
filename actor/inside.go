package actor

import "github.com/bruskajp/nano_services/internal/seam"

// Inside implements seam.Insider, for tests that compare what a service is doing with the
// table above phase. All four are of one instant.
func (in *incarnation) Inside() seam.Inside {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	now := seam.Inside{State: c.state.String(), Phase: "-"}
	at := c.in.Load()
	if at != nil {
		now.Phase = phaseNames[at.phase]
	}
	now.Turn, now.Reply = c.turn(at)
	return now
}

// turn returns the turn of the consumer's part, and the state of the call that the owner
// is busy with. mu is held, so that only the owner takes anything meanwhile: what he has
// been busy with before and after the look is what he was busy with all the time.
func (c *core) turn(at *incarnation) (turn, reply string) {
	for {
		taken := c.box.Counts().Taken
		j, busy := c.box.Peek()
		reply = "-"
		if k, ok := j.(call); ok {
			reply = replyNames[k.replied().state.Load()]
		}
		if n := c.box.Counts(); n.Taken != taken || n.Busy != busy {
			continue
		}
		switch {
		case busy:
			return "busy", reply
		case at != nil && at.lost.Load():
			return "taken", reply
		case at != nil || !c.vacant():
			return "held", reply
		}
		return "vacant", reply
	}
}

// vacant reports whether the mailbox has no owner. It becomes that for an instant, which
// is not seen: all who acquire it do so under mu, which is held.
func (c *core) vacant() bool {
	cons, ok := c.box.Acquire()
	if ok {
		cons.Release()
	}
	return ok
}
