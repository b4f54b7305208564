package actor

import "time"

// WhenIdle is After for f to be run each time that the service has had nothing to do
// for d: no closure has run or waited since the latest one ended. The first time
// counts from now; if a closure sets it, that closure is no reason to wait longer
// when it has ended. After f has run, the next closure has to come before f may run
// again. Ticks of timers are not taken for something to do. d of 0 or less panics.
func (s *Service[T]) WhenIdle(d time.Duration, f func(*T)) *Timer {
	if f == nil {
		panic("actor: WhenIdle of a nil closure")
	}
	t := timerOf(f)
	t.idle = period("WhenIdle", d)
	return s.timer(d, t)
}

// activity is a number that grows with each closure which is not a tick. It is exact
// for the service's goroutine.
func (in *incarnation) activity() uint64 {
	return in.c.box.Counts().Taken - in.ticks.Load()
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

// rested is called by the service when a burst of closures is over: the time that
// the service has nothing to do begins.
func (in *incarnation) rested() {
	h := in.owns.Load()
	if h == nil {
		return
	}
	taken := in.c.box.Counts().Taken
	h.mu.Lock()
	idle := h.idle
	h.mu.Unlock()
	for _, t := range idle {
		t.rested(taken, taken-in.ticks.Load())
	}
}

// rested sets the clock of a WhenIdle: anew if something came since, and to run down
// at once if it has done so beside nothing but ticks.
func (t *Timer) rested(taken, activity uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = taken
	if s := t.state.Load(); s != timerArmed && s != timerQueued {
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
