package actor

import (
	"container/list"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/mailbox"
)

// Timer is a closure that a service has run on its goroutine later, once or again
// and again. It is made by After, Every and WhenIdle. It belongs to one incarnation
// and ends with it. Its methods may be called by any goroutine, and do not block.
//
// A tick is queued when it is due, like a closure of Do, and in a bounded service
// stands in line for room like everybody else, without anybody having to wait.
type Timer struct {
	in    *incarnation // nil if there was none
	step  uint32       // its number for a scheduler of the seam
	err   error
	f     func(state any)
	at    location
	every time.Duration // 0: once
	idle  time.Duration // of WhenIdle
	state atomic.Uint32

	quiet atomic.Uint64 // of WhenIdle: what had come when it became due

	// Guarded by the mutex of the holdings.
	element *list.Element

	mu    sync.Mutex
	timer *time.Timer
	due   time.Time
	place *mailbox.Place[job] // in line for room, perhaps no more
	// Of WhenIdle: how many closures had been taken at the latest rest, what of them
	// were no ticks, and whether the clock has run down beside a closure since.
	rest, seen uint64
	missed     bool
}

// The states of a timer:
//
//	state      event                                next       the tick
//	armed      it is due                            queued     enters the mailbox, or its line
//	armed      it is due, the service is draining   armed      (none)
//	queued     it is due again                      queued     (none: there is one)
//	queued     its turn: After                      spent      runs
//	queued     its turn: Every, WhenIdle            armed      runs; of WhenIdle, if nothing came meanwhile
//	queued     its turn, the service is draining    queued     a dead letter
//	queued     dropped to make room                 as at its turn; a dead letter
//	armed      Cancel                               cancelled
//	queued     Cancel                               cancelled  leaves the line, or is skipped at its turn
//	armed      the incarnation is over              over
//	queued     the incarnation is over              over       leaves the line, or is a dead letter at its turn
//
// Every transition is a compare-and-swap.
const (
	timerArmed = iota + 1 // so that nothing can be done with a zero Timer
	timerQueued
	timerSpent
	timerCancelled
	timerOver
)

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
	if f == nil {
		panic("actor: After of a nil closure")
	}
	return s.timer(d, timerOf(f))
}

// Every is After for f to be run every d, d from now first. The times are multiples
// of d from now, however long f takes; a service that is busy for longer than d has
// one tick queued and misses the others, so that they do not pile up. d of 0 or
// less panics.
func (s *Service[T]) Every(d time.Duration, f func(*T)) *Timer {
	if f == nil {
		panic("actor: Every of a nil closure")
	}
	t := timerOf(f)
	t.every = period("Every", d)
	return s.timer(d, t)
}

func timerOf[T any](f func(*T)) *Timer {
	t := &Timer{f: func(state any) { f(state.(*T)) }, at: entry(f)}
	t.state.Store(timerArmed)
	return t
}

func period(what string, d time.Duration) time.Duration {
	if d <= 0 {
		panic(fmt.Sprintf("actor: %s with a period of %v: it is positive", what, d))
	}
	return d
}

// host returns the incarnation to which belongs what the running goroutine asks for:
// its own if it serves, also if it is lost; else the present one, if that is not to
// end.
func (c *core) host() (*incarnation, error) {
	c.made()
	if in := owners.Current(); in != nil && in.c == c {
		return in, nil
	}
	in := c.in.Load()
	switch {
	case c.box.Closed():
		return nil, ErrStopped
	case in == nil:
		return nil, ErrNotRunning
	}
	return in, nil
}

// timer sets t, and returns it.
func (c *core) timer(d time.Duration, t *Timer) *Timer {
	in, err := c.host()
	if err == nil && (c.box.Closed() || !t.start(in, d)) {
		err = ErrStopped
	}
	if err != nil {
		t.err = c.refuse(t, err)
		t.state.Store(timerOver)
	}
	return t
}

// start makes in own t, and sets it going. It reports false if in is over.
func (t *Timer) start(in *incarnation, d time.Duration) bool {
	t.in, t.step = in, in.numbered()
	if t.idle > 0 {
		in.c.changeAround(func(a *around) { a.idle = true })
		t.seen = in.activity()
	}
	t.mu.Lock() // until the timer is there
	defer t.mu.Unlock()
	h := in.holdings()
	h.mu.Lock()
	if h.over {
		h.mu.Unlock()
		return false
	}
	t.element = h.owned.PushBack(t)
	if t.idle > 0 {
		h.idle = append(h.idle, t)
	}
	h.mu.Unlock()
	d = max(d, 0)
	t.due = time.Now().Add(d)
	t.timer = time.AfterFunc(d, t.fire)
	return true
}

// Err returns nil for a timer that was set, and otherwise why it could not be:
// ErrStopped or ErrNotRunning. It does not change.
// A nil Timer panics.
func (t *Timer) Err() error {
	if t == nil {
		panic("actor: Err of a nil Timer")
	}
	return t.err
}

// Cancel takes a timer back: after it has returned, f does not begin, also if it was
// queued already. It reports whether it has prevented something: false means that f
// of an After has begun or was cancelled before, or that the incarnation is over.
// An f that is running on the service's goroutine goes on. A nil Timer is cancelled.
func (t *Timer) Cancel() bool {
	if t == nil {
		return false
	}
	for {
		s := t.state.Load()
		if s != timerArmed && s != timerQueued {
			return false
		}
		if t.state.CompareAndSwap(s, timerCancelled) {
			t.halt()
			t.forget()
			return true
		}
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

// forget takes the timer from the holdings.
func (t *Timer) forget() {
	h := t.in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return
	}
	h.owned.Remove(t.element)
	for i, o := range h.idle {
		if o == t {
			h.idle = append(h.idle[:i:i], h.idle[i+1:]...)
			break
		}
	}
}

// end is called when the incarnation is over.
func (t *Timer) end(error) job {
	for {
		s := t.state.Load()
		if s != timerArmed && s != timerQueued {
			return nil
		}
		if t.state.CompareAndSwap(s, timerOver) {
			t.halt()
			return nil
		}
	}
}

// fire is called by the clock. Locks are not held while the tick is queued: to make
// room may call a dead-letter hook.
func (t *Timer) fire() {
	t.in.stepBeside(stepTimer, t.step)
	if !t.rearm() || !t.state.CompareAndSwap(timerArmed, timerQueued) {
		return
	}
	place, err := t.in.c.box.Line(t)
	if err != nil { // draining: no tick any more
		t.state.CompareAndSwap(timerQueued, timerArmed)
		return
	}
	if place == nil {
		return
	}
	t.mu.Lock()
	t.place = place
	t.mu.Unlock()
	if t.state.Load() != timerQueued { // meanwhile; its turn may have come, too
		place.Leave()
	}
}

// rearm sets the clock for the next tick, and reports whether one is due now.
func (t *Timer) rearm() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.state.Load(); s != timerArmed && s != timerQueued {
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

func (t *Timer) closure() location { return t.at }

// next is the state after a tick.
func (t *Timer) next() uint32 {
	if t.every > 0 || t.idle > 0 {
		return timerArmed
	}
	return timerSpent
}

// run is the tick's turn.
func (t *Timer) run(in *incarnation) {
	c := in.c
	in.ticks.Add(1)
	switch {
	case in == t.in && !c.box.Closed() && t.state.CompareAndSwap(timerQueued, t.next()):
		switch {
		case t.every > 0:
		case t.idle == 0:
			t.forget()
		case t.quiet.Load() != in.activity():
			c.skipped.Add(1) // something came in between; rested sets the clock
			return
		}
		if a := in.interceptors(); a != nil {
			a.seen(in, t, func() { t.f(in.state) })
			return
		}
		t.f(in.state)
	case t.state.Load() == timerCancelled:
		c.skipped.Add(1)
	case in == t.in:
		c.deadLetter(t, ErrStopped)
	default:
		c.deadLetter(t, ErrRestarted)
	}
}

// unwanted is asked when the tick has left the queue without its turn.
func (t *Timer) unwanted() bool {
	if t.state.CompareAndSwap(timerQueued, t.next()) && t.next() == timerSpent {
		t.forget()
	}
	return t.state.Load() == timerCancelled
}
