package rate

import (
	"sync"
	"time"
)

// A Log is of things of one kind that happen now and then, or one right after the other. The
// first is written at once. Those that follow within a while become one record when the while is
// over: the latest, with the number of them. The zero value is of nothing. Its methods may be
// called by any goroutine, and wait for nothing.
//
//	log      event                        next     written
//	quiet    Add, none within the while   quiet    that one, by the caller
//	quiet    Add                          held     (none)
//	held     Add, none within the while   held     that one, and the number, by the caller
//	held     Add                          held     (none)
//	held     the timer, and some are held quiet    the latest, and the number, by the Writer
//	held     the timer, and it is early   held     (none): one was written meanwhile
//	held     the timer, and none are held quiet    (none)
//	held     a timer that Flush came to   held     (none): the present one is another
//	held     Flush                        quiet    the latest, and the number, by the caller
type Log[E any] struct {
	mu     sync.Mutex
	limit  Limit
	latest E
	count  uint64      // of all
	timer  *time.Timer // for what is held; nil: quiet
	set    uint64      // timers so far: one that has rung may come behind a Flush
}

// A Writer writes a record of what was held back: of the latest, with the number.
type Writer[E any] interface {
	WriteHeld(latest E, number uint64)
}

// Add enters one that has happened now. If there was no record for the time every, due is true:
// the caller writes one, and number counts it and those that were held back. Otherwise late has
// it written when it is time, on a goroutine of its own.
func (l *Log[E]) Add(e E, now time.Time, every time.Duration, late Writer[E]) (number uint64, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest = e
	l.count++
	held, wait, due := l.limit.Pass(now, every)
	if !due && l.timer == nil {
		l.wake(wait, every, late)
	}
	return held + 1, due
}

// wake sets the timer; mu is held.
func (l *Log[E]) wake(wait, every time.Duration, late Writer[E]) {
	l.set++
	timer := l.set
	l.timer = time.AfterFunc(wait, func() {
		if e, number := l.ring(timer, every, late); number > 0 {
			late.WriteHeld(e, number)
		}
	})
}

// ring is called by a timer. It returns what is to be written, or sets the timer anew.
func (l *Log[E]) ring(timer uint64, every time.Duration, late Writer[E]) (latest E, number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer == nil || timer != l.set {
		return latest, 0
	}
	l.timer = nil
	number, wait := l.limit.Held(time.Now(), every)
	if wait > 0 {
		l.wake(wait, every, late)
	}
	return l.latest, number
}

// Flush returns what is held back, to be written by the caller: the latest, and the number;
// 0: there is nothing.
func (l *Log[E]) Flush() (latest E, number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	number, _ = l.limit.Held(time.Now(), 0)
	return l.latest, number
}

// Latest returns the latest one, and how many there were so far.
func (l *Log[E]) Latest() (e E, count uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.latest, l.count
}
