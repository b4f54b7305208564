package actor

import (
	"time"

	"github.com/bruskajp/nano_services/internal/agenda"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/mailbox"
)

// timers is the clock of an incarnation: one for all its Timers. Those that are due are queued
// together and in their order, by the clock's goroutine or by a caller that sets one due at
// once. The clock's lock is held meanwhile, so that another caller comes behind them. No code of
// the user's runs under it: dropped closures, and a queue that has grown too long, are reported
// when the lock is free.
//
// Under a scheduler of the seam each Timer is a step of its own: they are queued one by one. One
// that is set to be due at once is a part of the step that sets it.
type timers struct {
	in *incarnation // immutable
	*agenda.Clock[ticking]
}

// ticking is a Timer; the lock of the clock is held when it is asked.
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
	h := in.resources()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clock == nil && !h.over {
		k := &timers{in: in}
		k.Clock = agenda.NewClock(ticking.date, k.ring, func(n int) { h.timers.Store(int64(n)) })
		h.clock = k
	}
	k, _ := h.clock.(*timers)
	return k
}

// end stops the clock at the end of the incarnation.
func (k *timers) end(error) {
	k.Lock()
	defer k.Unlock()
	k.End()
}

// start has t become due in d. If that is at once, it is queued before start returns.
func (k *timers) start(t ticking, d time.Duration) {
	var u unreported
	defer u.report(k.in.c)
	k.Lock()
	defer k.Unlock()
	k.Start(t, d, k.in.steps != nil, func(t ticking) { k.queue(t, &u) })
}

// ring is called by the alarm.
func (k *timers) ring() {
	var u unreported
	defer u.report(k.in.c)
	k.Lock()
	defer k.Unlock()
	var step func(ticking)
	if k.in.steps != nil {
		step = func(t ticking) { _ = k.in.steps.TakeBeside(seam.Timer, t.step()) }
	}
	k.Rang(step, func(t ticking) { k.queue(t, &u) })
}

// queue queues t, which is due, or puts it in line for room; the lock is held. While the service
// drains, there are no ticks.
func (k *timers) queue(t ticking, u *unreported) {
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
	c.depth.Mute()
	place, err := c.box.Line(t)
	u.deep = c.depth.Unmute() || u.deep
	if err == nil {
		t.enters(place)
	}
}

// unreported is what queueing has to report. It is reported when the lock is free, since that
// calls the user's code.
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
