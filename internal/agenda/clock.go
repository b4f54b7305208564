package agenda

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/clock"
)

// A Clock has what is in an agenda become due, with one alarm for all. Its lock is held while
// its methods are called, and while they call back. Times are of package clock.
type Clock[E any] struct {
	ring    func()      // immutable
	changed func(n int) // immutable

	sync.Mutex
	agenda Agenda[E]
	over   bool         // nothing becomes due any more
	alarm  *alarm.Timer // nil: not needed yet
	at     int64        // when it rings; 0: it is off
	rings  bool         // Rang is at work: it sets the alarm afterwards
}

// NewClock returns a clock with an empty agenda. ring is called by the alarm, without the lock:
// it takes that, and calls Rang. changed is told how many are to become due.
func NewClock[E any](dateOf func(E) *Date, ring func(), changed func(n int)) *Clock[E] {
	return &Clock[E]{agenda: Agenda[E]{DateOf: dateOf}, ring: ring, changed: changed}
}

// Start has e become due in d. If that is at once, fire is called with it before Start returns:
// alone, or with all that is due by then, in its order.
func (c *Clock[E]) Start(e E, d time.Duration, alone bool, fire func(E)) {
	now := clock.Now()
	c.Enter(e, clock.Later(now, max(d, 0)))
	switch {
	case d > 0 || c.over:
	case alone:
		c.fire(e, fire)
	default:
		for e, _, due := c.agenda.Due(now); due; e, _, due = c.agenda.Due(now) {
			c.fire(e, fire)
		}
	}
	c.set()
}

// Enter has e become due at the time at.
func (c *Clock[E]) Enter(e E, at int64) {
	if !c.over {
		c.agenda.Set(e, at)
		c.set()
	}
}

// Remove has e become due no more.
func (c *Clock[E]) Remove(e E) {
	c.agenda.Remove(e)
	c.set()
}

// Set reports whether the alarm is to ring.
func (c *Clock[E]) Set() bool { return c.at != 0 }

// End has nothing become due any more.
func (c *Clock[E]) End() {
	c.over = true
	c.agenda.Clear()
	c.set()
}

// Rang calls fire with what is due, in its order. Before each it calls step, if that is not
// nil, without the lock: what is taken back or moved meanwhile is not due.
func (c *Clock[E]) Rang(step, fire func(E)) {
	if c.rings {
		return
	}
	c.rings, c.at = true, 0
	now := clock.Now()
	for e, at, due := c.agenda.Due(now); due; e, at, due = c.agenda.Due(now) {
		if step != nil {
			c.Unlock()
			step(e)
			c.Lock()
			now = clock.Now()
			if d := c.agenda.DateOf(e); !d.Entered() || d.At() != at {
				continue
			}
		}
		c.fire(e, fire)
	}
	c.rings = false
	c.set()
}

func (c *Clock[E]) fire(e E, fire func(E)) {
	c.agenda.Remove(e)
	fire(e)
}

// set has the alarm ring when the first entry is due. It may ring before, if one was taken back
// since: most are, and to set it each time would cost more than to be woken once.
func (c *Clock[E]) set() {
	c.changed(c.agenda.Len())
	_, at, some := c.agenda.First()
	switch {
	case c.rings:
	case !some && c.at != 0:
		c.alarm.Stop()
		c.at = 0
	case some && (c.at == 0 || at < c.at):
		c.at = at
		if wait := time.Duration(at - clock.Now()); c.alarm == nil {
			c.alarm = alarm.Func(wait, c.ring)
		} else {
			c.alarm.Reset(wait)
		}
	}
}
