package supervisor

import (
	"slices"
	"time"
)

// keptCrashes is how many times a supervisor keeps.
const keptCrashes = 100

// crashTimes are the times at which the latest children failed: a ring, which is made with
// the first. It is guarded by the supervisor's mu.
type crashTimes struct {
	times []time.Time
	next  int // the oldest, when the ring is full
}

func (c *crashTimes) add(now time.Time) {
	if c.times == nil {
		c.times = make([]time.Time, 0, keptCrashes)
	}
	if len(c.times) < keptCrashes {
		c.times = append(c.times, now)
		return
	}
	c.times[c.next] = now
	c.next = (c.next + 1) % keptCrashes
}

// list returns them, oldest first.
func (c *crashTimes) list() []time.Time {
	return slices.Concat(c.times[c.next:], c.times[:c.next])
}

// crashed notes the failure of a child that was not told to end.
func (s *Supervisor) crashed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crashes.add(s.now)
}
