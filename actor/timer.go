package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/internal/agenda"
	"github.com/bruskajp/nano_services/internal/clock"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// Timer is a closure that a service runs on its goroutine later, once or again and again.
// It is made by After, Every and WhenIdle. It belongs to one incarnation and ends with it.
// Its methods may be called by any goroutine, and do not block. A Timer keeps its closure
// from being freed, even after Cancel.
//
// A tick is queued when it is due, like a closure of Do. In a bounded service it stands in
// line for room as a sender does, without a goroutine that waits. The ticks of one service
// are queued in the order of the times at which they are due. Ticks of the same instant are
// queued in the order in which their timers were set, those of WhenIdle last. Between two
// services there is no such order.
type Timer struct {
	callback
	number uint32 // for a scheduler of the seam
	err    error
	f      func(state any)
	every  time.Duration // 0: once
	idle   time.Duration // of WhenIdle
	clock  *timers

	// Guarded by the lock of clock.
	due    agenda.Date         // when the next tick is due, unless it is queued
	queued bool                // a tick has entered the mailbox, or its line
	place  *mailbox.Place[job] // in line for room, perhaps no more
	// Of WhenIdle, at the latest rest: how many closures had been taken (rest), and how many
	// of them were no ticks (seen). Since then: whether the clock ran down beside a closure
	// (missed). When the tick became due: how many had come that were no ticks (quiet).
	rest, seen, quiet uint64
	missed            bool
}

// Beside the states of each callback, a timer has a tick queued or not:
//
//	timer      queued  event                            queued  the tick
//	live       no      it is due                        yes     enters the mailbox, or its line
//	live       no      it is due, and draining          no      (none)
//	live       yes     its turn, or it is dropped       no      as a callback's; of Every the next one becomes due from now on; of WhenIdle it runs if nothing came meanwhile
//	cancelled  yes     Cancel has been called           yes     leaves the line, or is skipped at its turn
//	over       yes     the incarnation is over          yes     leaves the line, or is a dead letter at its turn

// After has the service run f once, after d. The timer belongs to the incarnation that
// calls After, in its constructor or a closure; if another goroutine calls After, to the
// present one. f does not run after Stop has been called or the incarnation is over, not
// even if it was queued already. So a timer that each incarnation is to have is set by the
// constructor (see Self). f runs late if the service is busy.
//
// A timer that is pending at the end of its incarnation is neither a dead letter nor
// logged; Info.Untimely counts it. So do not rely on f for what must not be lost, such as a
// further try: keep that in a store, or in T for Close to save. The constructor looks there
// and sets the timer anew.
//
// d of 0 or less means at once: f is queued, or stands in line for room, before After
// returns. For the order of ticks see Timer. After does not block. If the timer cannot be
// set, because the service was stopped or no incarnation is running, its Err says so; like
// a refused Do that is also counted, logged and given to the dead-letter hook. A nil f panics.
func (s *Service[T]) After(d time.Duration, f func(*T)) *Timer {
	misuse.Unless(f != nil, "actor: After of a nil closure")
	return s.some().timer(d, timerOf(f))
}

// Every is After for an f that runs again and again, every d, and d from now the first
// time. The times are multiples of d from now, however long f takes. A service that is busy
// for longer than d has one tick queued and misses the others, so that they do not pile up.
// d of 0 or less panics.
func (s *Service[T]) Every(d time.Duration, f func(*T)) *Timer {
	misuse.Unless(f != nil, "actor: Every of a nil closure")
	t := timerOf(f)
	t.every = period("Every", d)
	return s.some().timer(d, t)
}

// WhenIdle is After for an f that runs each time the service has had nothing to do for d:
// no closure has run or waited since the latest one ended. The first d counts from now; if
// a closure sets the timer, the end of that closure does not begin it anew. After f has run,
// a closure has to come before f may run again. Ticks of timers do not count as something
// to do, and come first if they are due at the same instant. d of 0 or less panics.
func (s *Service[T]) WhenIdle(d time.Duration, f func(*T)) *Timer {
	misuse.Unless(f != nil, "actor: WhenIdle of a nil closure")
	t := timerOf(f)
	t.idle = period("WhenIdle", d)
	return s.some().timer(d, t)
}

func timerOf[T any](f func(*T)) *Timer {
	t := &Timer{f: func(state any) { f(state.(*T)) }}
	t.drains = true
	t.live(where.Entry(f))
	return t
}

func period(what string, d time.Duration) time.Duration {
	misuse.Unless(d > 0, fmt.Sprintf("actor: %s with a period of %v: it is positive", what, d))
	return d
}

// timer sets t, and returns it.
func (c *core) timer(d time.Duration, t *Timer) *Timer {
	in, err := c.host()
	if err == nil && (c.box.Closed() || !t.start(in, d)) {
		err = ErrStopped
	}
	if err != nil {
		t.err = c.refuse(t, err)
		t.finish()
	}
	return t
}

// start makes in own t, and sets it going. It reports false if in is over.
func (t *Timer) start(in *incarnation, d time.Duration) bool {
	k := in.clock()
	if k == nil {
		return false
	}
	t.in, t.clock, t.number, t.once = in, k, in.steps.Number(), t.every == 0 && t.idle == 0
	if t.idle > 0 {
		in.c.changeAround(func(a *around) { a.idle = true })
		t.due.Last, t.seen = true, in.activity()
	}
	if t.element = in.own(t); t.element == nil {
		return false
	}
	if t.idle > 0 {
		in.atRest(t)
	}
	k.start(t, d)
	return true
}

// Err returns nil for a timer that was set, and otherwise why it could not be:
// ErrStopped or ErrNotRunning. It does not change.
// A nil Timer panics.
func (t *Timer) Err() error {
	misuse.Unless(t != nil, "actor: Err of a nil Timer")
	return t.err
}

// Cancel takes a timer back: after it has returned, f does not begin, even if it was queued
// already. It reports whether it prevented anything. It did not if the f of an After has
// begun, if the timer was cancelled before, or if the incarnation is over. An f that is
// running on the service's goroutine goes on. A nil Timer counts as cancelled.
func (t *Timer) Cancel() bool {
	if t == nil || !t.cancel() {
		return false
	}
	t.halt()
	t.forget()
	if t.idle > 0 {
		t.in.notAtRest(t)
	}
	return true
}

// end is called when the incarnation is over.
func (t *Timer) end(error) {
	if t.finish() && t.halt() && t.once {
		t.in.c.diagnostics.Get().untimely.Add(1)
	}
}

// halt keeps t from becoming due again, and takes its tick out of the line. It reports
// whether no tick of t was accepted: an accepted one is accounted for elsewhere.
func (t *Timer) halt() (early bool) {
	k := t.clock
	k.Lock()
	defer k.Unlock()
	k.Remove(t)
	p := t.place
	t.place = nil
	switch {
	case p == nil:
		return !t.queued
	case p.Leave():
		return true
	}
	return p.Wait(context.Background()) != nil // it has been served, or the mailbox was closed
}

func (t *Timer) date() *agenda.Date { return &t.due }

func (t *Timer) step() uint32 { return t.number }

func (t *Timer) enters(p *mailbox.Place[job]) { t.queued, t.place = true, p }

func (t *Timer) run(in *incarnation) { perform(in, t) }

func (t *Timer) claim(in *incarnation, j job) bool {
	in.resources().ticks.Add(1)
	runs := t.callback.claim(in, j)
	if t.once {
		return runs
	}
	quiet := t.dequeued()
	if runs && t.idle > 0 && quiet != in.activity() { // something came in between; rested sets the clock
		in.c.skipped.Add(1)
		return false
	}
	return runs
}

func (t *Timer) call(in *incarnation) error {
	t.f(in.state)
	return nil
}

func (t *Timer) withdrawn(c *core, why error) (lost bool) {
	lost = t.callback.withdrawn(c, why)
	if !t.once {
		t.dequeued()
	}
	return lost
}

// dequeued is called when a tick has left the queue. Only now does Every set the clock for
// the next one: a clock that went on while a tick waits would do nothing but, with a short
// period, take up a processor. For a WhenIdle, it returns what had come when it became due.
func (t *Timer) dequeued() (quiet uint64) {
	k := t.clock
	k.Lock()
	defer k.Unlock()
	t.place = nil
	if t.every > 0 && t.state.Load() == callbackLive {
		k.Enter(t, clock.Next(t.due.At(), t.every, clock.Now()))
	}
	return t.quiet
}

// unseen is the least time between two looks of a WhenIdle whether a closure has ended, if
// it is not told of the end.
const unseen = time.Millisecond

// fires reports whether the tick that is due is to be queued. The tick of a WhenIdle is if
// nothing runs or waits; quiet keeps what came so far, so that the tick knows at its turn
// whether something came in between. Otherwise rested sets the clock again when the closure
// that runs has ended. It is not called for one that was running when the first WhenIdle was
// set, so until its first call fires sets the clock, too. The lock of clock is held.
func (t *Timer) fires() bool {
	if t.idle == 0 {
		return true
	}
	in, box := t.in, &t.in.c.box
	n := box.Counts()
	ticks := in.resources().ticks.Load()
	busy := n.Busy && n.Taken != t.rest // not if it has rested, and is about to say so
	if busy || n.Waiting > 0 || box.Counts().Taken != n.Taken {
		t.missed = true
		if t.rest == 0 {
			t.clock.Enter(t, clock.Later(clock.Now(), max(t.idle, unseen)))
		}
		return false
	}
	t.quiet = n.Taken - ticks
	return true
}

// rested sets the clock of a WhenIdle when the service has come to rest: anew if something
// came since the last rest. If only ticks came, and the clock ran down meanwhile, it is due now.
func (t *Timer) rested(taken, activity uint64) {
	k := t.clock
	k.Lock()
	defer k.Unlock()
	t.rest = taken
	if t.state.Load() != callbackLive {
		return
	}
	switch {
	case t.seen != activity:
		k.Enter(t, clock.Later(clock.Now(), t.idle))
	case t.missed:
		k.Enter(t, clock.Now())
	}
	t.seen, t.missed = activity, false
}
