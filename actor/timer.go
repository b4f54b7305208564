package actor

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// Timer is a closure that a service has run on its goroutine later, once or again
// and again. It is made by After, Every and WhenIdle. It belongs to one incarnation
// and ends with it. Its methods may be called by any goroutine, and do not block.
//
// A tick is queued when it is due, like a closure of Do, and in a bounded service
// stands in line for room like everybody else, without anybody having to wait.
type Timer struct {
	callback
	step  uint32 // its number for a scheduler of the seam
	err   error
	f     func(state any)
	every time.Duration // 0: once
	idle  time.Duration // of WhenIdle

	queued atomic.Bool   // a tick is in the mailbox, or in its line
	quiet  atomic.Uint64 // of WhenIdle: what had come when it became due

	mu    sync.Mutex
	timer *time.Timer
	due   time.Time
	place *mailbox.Place[job] // in line for room, perhaps no more
	// Of WhenIdle: how many closures had been taken at the latest rest, what of them
	// were no ticks, and whether the clock has run down beside a closure since.
	rest, seen uint64
	missed     bool
}

// Beside the states of each callback, a timer has a tick queued or not:
//
//	timer      queued  event                            queued  the tick
//	live       no      it is due                        yes     enters the mailbox, or its line
//	live       no      it is due, and draining          no      (none)
//	live       yes     it is due again                  yes     (none: there is one)
//	live       yes     its turn, or it is dropped       no      as a callback's; of WhenIdle it runs if nothing came meanwhile
//	cancelled  yes     Cancel has been called           yes     leaves the line, or is skipped at its turn
//	over       yes     the incarnation is over          yes     leaves the line, or is a dead letter at its turn

// After has the service run f in d, once. The timer belongs to the incarnation that
// calls After, from its constructor or a closure, or, if somebody else calls it, to
// the present one: f does not run after Stop has been called or the incarnation is
// over, not even if it was queued already. So what is to be there after a restart,
// too, is set by the constructor (see Self). f is late if the service is busy.
//
// d of 0 or less means at once, behind what is queued. After does not block. If
// nothing can be set because the service was stopped or no incarnation is running,
// the timer's Err says so; like a refused Do it is also counted, logged and shown
// to the dead-letter hook. A nil f panics.
func (s *Service[T]) After(d time.Duration, f func(*T)) *Timer {
	must(f != nil, "actor: After of a nil closure")
	return s.timer(d, timerOf(f))
}

// Every is After for f to be run every d, d from now first. The times are multiples
// of d from now, however long f takes; a service that is busy for longer than d has
// one tick queued and misses the others, so that they do not pile up. d of 0 or
// less panics.
func (s *Service[T]) Every(d time.Duration, f func(*T)) *Timer {
	must(f != nil, "actor: Every of a nil closure")
	t := timerOf(f)
	t.every = period("Every", d)
	return s.timer(d, t)
}

// WhenIdle is After for f to be run each time that the service has had nothing to do
// for d: no closure has run or waited since the latest one ended. The first time
// counts from now; if a closure sets it, that closure is no reason to wait longer
// when it has ended. After f has run, the next closure has to come before f may run
// again. Ticks of timers are not taken for something to do. d of 0 or less panics.
func (s *Service[T]) WhenIdle(d time.Duration, f func(*T)) *Timer {
	must(f != nil, "actor: WhenIdle of a nil closure")
	t := timerOf(f)
	t.idle = period("WhenIdle", d)
	return s.timer(d, t)
}

func timerOf[T any](f func(*T)) *Timer {
	t := &Timer{f: func(state any) { f(state.(*T)) }}
	t.drains = true
	t.live(where.Entry(f))
	return t
}

func period(what string, d time.Duration) time.Duration {
	must(d > 0, fmt.Sprintf("actor: %s with a period of %v: it is positive", what, d))
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
	t.in, t.step, t.once = in, in.numbered(), t.every == 0 && t.idle == 0
	if t.idle > 0 {
		in.c.changeAround(func(a *around) { a.idle = true })
		t.seen = in.activity()
	}
	t.mu.Lock() // until the timer is there
	defer t.mu.Unlock()
	if t.element = in.own(t); t.element == nil {
		return false
	}
	if t.idle > 0 {
		in.atRest(t)
	}
	d = max(d, 0)
	t.due = time.Now().Add(d)
	t.timer = time.AfterFunc(d, t.fire)
	return true
}

// Err returns nil for a timer that was set, and otherwise why it could not be:
// ErrStopped or ErrNotRunning. It does not change.
// A nil Timer panics.
func (t *Timer) Err() error {
	must(t != nil, "actor: Err of a nil Timer")
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
	if t.finish() {
		t.halt()
	}
}

// halt stops the clock and leaves the line.
func (t *Timer) halt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
	if t.place != nil {
		t.place.Leave() // or is served already
		t.place = nil
	}
}

// fire is called by the clock. Locks are not held while the tick is queued: to make
// room may call a dead-letter hook.
func (t *Timer) fire() {
	t.in.stepBeside(stepTimer, t.step)
	if !t.rearm() || !t.queued.CompareAndSwap(false, true) {
		return
	}
	place, err := t.in.c.box.Line(t)
	if err != nil { // draining: no tick any more
		t.queued.Store(false)
		return
	}
	if place == nil {
		return
	}
	t.mu.Lock()
	t.place = place
	t.mu.Unlock()
	if t.state.Load() != callbackLive || !t.queued.Load() { // meanwhile
		place.Leave()
	}
}

// rearm sets the clock for the next tick, and reports whether one is due now.
func (t *Timer) rearm() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state.Load() != callbackLive {
		return false
	}
	switch {
	case t.every > 0:
		now := time.Now()
		if t.due = t.due.Add(t.every); !t.due.After(now) { // whole ones were missed
			t.due = now.Add(t.every - now.Sub(t.due)%t.every)
		}
		t.timer.Reset(t.due.Sub(now))
	case t.idle > 0:
		return t.isQuiet()
	}
	return true
}

func (t *Timer) run(in *incarnation) { perform(in, t) }

func (t *Timer) claim(in *incarnation, j job) bool {
	in.ticks.Add(1)
	t.queued.Store(false)
	if !t.callback.claim(in, j) {
		return false
	}
	if t.idle > 0 && t.quiet.Load() != in.activity() { // something came in between; rested sets the clock
		in.c.skipped.Add(1)
		return false
	}
	return true
}

func (t *Timer) call(in *incarnation) error {
	t.f(in.state)
	return nil
}

func (t *Timer) withdrawn(c *core, why error) (lost bool) {
	t.queued.Store(false)
	return t.callback.withdrawn(c, why)
}

// isQuiet is called when the clock has run down: it reports whether nothing runs or
// waits, and keeps what came so far, so that the tick knows at its turn whether
// something came in between. Otherwise rested sets the clock again, when what runs has
// ended; it does not know of a closure that was running when the first WhenIdle was
// set, so the clock is set here, too. t.mu is held.
func (t *Timer) isQuiet() bool {
	in, box := t.in, &t.in.c.box
	n := box.Counts()
	ticks := in.ticks.Load()
	busy := n.Busy && n.Taken != t.rest // not if it has rested, and is about to say so
	if busy || n.Waiting > 0 || box.Counts().Taken != n.Taken {
		t.missed = true
		t.timer.Reset(t.idle)
		return false
	}
	t.quiet.Store(n.Taken - ticks)
	return true
}

// rested sets the clock of a WhenIdle: anew if something came since, and to run down
// at once if it has done so beside nothing but ticks.
func (t *Timer) rested(taken, activity uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = taken
	if t.state.Load() != callbackLive {
		return
	}
	switch {
	case t.seen != activity:
		t.timer.Reset(t.idle)
	case t.missed:
		t.timer.Reset(0)
	}
	t.seen, t.missed = activity, false
}
