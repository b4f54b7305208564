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

// Timer is a closure that a service has run on its goroutine later, once or again
// and again. It is made by After, Every and WhenIdle. It belongs to one incarnation
// and ends with it. Its methods may be called by any goroutine, and do not block. Who
// keeps a Timer keeps its closure, also when it was cancelled.
//
// A tick is queued when it is due, like a closure of Do, and in a bounded service
// stands in line for room as a sender does, without a goroutine that waits. The
// ticks of one service are queued by the time at which they are due, and those of the
// same instant in the order in which their timers were set, those of WhenIdle last.
// Between two services there is no such order.
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
	// Of WhenIdle: how many closures had been taken at the latest rest, what of them
	// were no ticks, and whether the clock has run down beside a closure since; and what
	// had come when it became due.
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

// After has the service run f in d, once. The timer belongs to the incarnation that
// calls After, from its constructor or a closure, or, if another goroutine calls it, to
// the present one: f does not run after Stop has been called or the incarnation is
// over, not even if it was queued already. So what is to be there after a restart,
// too, is set by the constructor (see Self). f is late if the service is busy.
//
// A timer that is pending at the end of its incarnation is neither a dead letter nor
// logged: Info.Untimely counts them. So what must not be lost, such as a further try, is
// kept elsewhere than in f: in a store, or in T until Close, which has the last word. The
// constructor looks there and sets the timer anew.
//
// d of 0 or less means at once: f is queued, or stands in line for room, before After
// returns. Ticks of one service come by the time at which they are due, and those of the
// same instant in the order in which they were set. After does not block. If
// nothing can be set because the service was stopped or no incarnation is running,
// the timer's Err says so; like a refused Do it is also counted, logged and shown
// to the dead-letter hook. A nil f panics.
func (s *Service[T]) After(d time.Duration, f func(*T)) *Timer {
	misuse.Unless(f != nil, "actor: After of a nil closure")
	return s.some().timer(d, timerOf(f))
}

// Every is After for f to be run every d, d from now first. The times are multiples
// of d from now, however long f takes; a service that is busy for longer than d has
// one tick queued and misses the others, so that they do not pile up. d of 0 or
// less panics.
func (s *Service[T]) Every(d time.Duration, f func(*T)) *Timer {
	misuse.Unless(f != nil, "actor: Every of a nil closure")
	t := timerOf(f)
	t.every = period("Every", d)
	return s.some().timer(d, t)
}

// WhenIdle is After for f to be run each time that the service has had nothing to do
// for d: no closure has run or waited since the latest one ended. The first time
// counts from now; if a closure sets it, that closure is no reason to wait longer
// when it has ended. After f has run, the next closure has to come before f may run
// again. Ticks of timers are not taken for something to do, and come first if they are due
// at the same instant. d of 0 or less panics.
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

// Cancel takes a timer back: after it has returned, f does not begin, also if it was
// queued already. It reports whether it has prevented something: false means that f
// of an After has begun or was cancelled before, or that the incarnation is over.
// An f that is running on the service's goroutine goes on. A nil Timer is cancelled.
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

// halt has t become due no more, and leaves the line. It reports whether no tick of it was
// accepted: one that was is accounted for.
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

// dequeued is called when a tick has left the queue. Of Every the next one becomes due: a
// clock that went on while one waits would come to nothing, and a short period would take a
// processor. It returns what had come when the tick of a WhenIdle was queued.
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

// unseen is how often at most a WhenIdle looks whether a closure has ended of whose end it
// does not learn.
const unseen = time.Millisecond

// fires reports whether the tick that is due is to be queued. Of a WhenIdle it is if nothing
// runs or waits: it keeps what came so far, so that the tick knows at its turn whether
// something came in between. Otherwise rested sets the clock again, when what runs has
// ended; it does not know of a closure that was running when the first WhenIdle was
// set, so until it is called first the clock is set here, too. the lock of clock is held.
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

// rested sets the clock of a WhenIdle: anew if something came since, and to run down
// at once if it has done so beside nothing but ticks.
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
