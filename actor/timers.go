package actor

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/agenda"
	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/clock"
	"github.com/bruskajp/nano_services/mailbox"
)

// timers is the clock of an incarnation: one for all its Timers. Who finds that some are
// due, which is the clock's goroutine or who sets one that is due at once, queues all of
// them in their order, with mu held, so that another has its turn behind them. No code of
// the user's runs meanwhile: what is dropped to make room is reported when mu is free, and
// so is a queue that has grown too long.
//
// To a scheduler of the seam each is a step of its own: then they are queued one by one,
// and what is set to be due at once is a part of the step that sets it.
type timers struct {
	in *incarnation // immutable

	mu     sync.Mutex
	over   bool // nothing becomes due any more
	agenda agenda.Agenda[ticking]
	alarm  *alarm.Timer // nil: not needed yet
	at     int64        // when it rings; 0: it is off
	queues bool         // the clock's goroutine is at work: it sets the alarm afterwards
}

// ticking is a Timer; mu is held when it is asked.
type ticking interface {
	job
	// date returns when it is due.
	date() *agenda.Date
	// step returns its number for a scheduler.
	step() uint32
	// fires reports whether the tick that is due is to be queued.
	fires() bool
	// enters tells it that a tick was accepted, or has this place in the line for room.
	enters(*mailbox.Place[job])
}

// clock returns the clock of the incarnation, or nil if that is over.
func (in *incarnation) clock() *timers {
	h := in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clock == nil && !h.over {
		h.clock = &timers{in: in, agenda: agenda.Agenda[ticking]{DateOf: ticking.date}}
	}
	k, _ := h.clock.(*timers)
	return k
}

// end stops the clock at the end of the incarnation.
func (k *timers) end(error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = true
	k.agenda.Clear()
	k.set()
}

// start has t become due in d. If that is at once, it is queued before start returns.
func (k *timers) start(t ticking, d time.Duration) {
	var u unreported
	defer u.report(k.in.c)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := clock.Now()
	k.enter(t, clock.Later(now, max(d, 0)))
	switch {
	case d > 0 || k.over:
	case k.in.steps != nil:
		k.queue(t, &u)
	default:
		k.queueAll(now, &u)
	}
	k.set()
}

// enter has t become due at the time at; mu is held.
func (k *timers) enter(t ticking, at int64) {
	if !k.over {
		k.agenda.Set(t, at)
		k.set()
	}
}

// remove has t become due no more; mu is held.
func (k *timers) remove(t ticking) {
	k.agenda.Remove(t)
	k.set()
}

// set has the alarm ring when the first is due, or before, if one was taken back since: most
// are, and to set it each time would cost more than to be woken once. mu is held.
func (k *timers) set() {
	k.in.holdings().timers.Store(int64(k.agenda.Len()))
	_, at, some := k.agenda.First()
	switch {
	case k.queues:
	case !some && k.at != 0:
		k.alarm.Stop()
		k.at = 0
	case some && (k.at == 0 || at < k.at):
		k.at = at
		if wait := time.Duration(at - clock.Now()); k.alarm == nil {
			k.alarm = alarm.Func(wait, k.ring)
		} else {
			k.alarm.Reset(wait)
		}
	}
}

// ring is called by the alarm.
func (k *timers) ring() {
	var u unreported
	defer u.report(k.in.c)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.queues {
		return
	}
	k.queues, k.at = true, 0
	if k.in.steps == nil {
		k.queueAll(clock.Now(), &u)
	} else {
		k.queueSteps(&u)
	}
	k.queues = false
	k.set()
}

// queueAll queues what is due; mu is held.
func (k *timers) queueAll(now int64, u *unreported) {
	for t, _, due := k.agenda.Due(now); due; t, _, due = k.agenda.Due(now) {
		k.queue(t, u)
	}
}

// queueSteps queues what is due, and asks for a step each time; mu is held, and released
// meanwhile.
func (k *timers) queueSteps(u *unreported) {
	for t, at, due := k.agenda.Due(clock.Now()); due; t, at, due = k.agenda.Due(clock.Now()) {
		k.mu.Unlock()
		k.in.stepBeside(stepTimer, t.step())
		k.mu.Lock()
		if d := t.date(); d.Entered() && d.At() == at { // it was not taken back meanwhile
			k.queue(t, u)
		}
	}
}

// queue queues t, which is due, or has it stand in line for room; mu is held. If the
// service drains, there is no tick any more.
func (k *timers) queue(t ticking, u *unreported) {
	k.agenda.Remove(t)
	if !t.fires() {
		return
	}
	c := k.in.c
	if c.overflow == DropOldest {
		oldest, drops, err := c.box.Displace(t)
		if drops {
			u.dropped = append(u.dropped, oldest)
		}
		if err == nil {
			t.enters(nil)
		}
		return
	}
	c.muted.Store(muted)
	place, err := c.box.Line(t)
	u.deep = c.muted.Swap(loud) == owed || u.deep
	if err == nil {
		t.enters(place)
	}
}

// unreported is what came of queueing, and is reported when mu is free, since that calls
// the user's code.
type unreported struct {
	dropped []job // to make room
	deep    bool  // the queue has grown
}

func (u *unreported) report(c *core) {
	if u.deep {
		c.warnDeep(c.box.Len())
	}
	c.dropAll(u.dropped)
}
