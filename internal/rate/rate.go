// Package rate says how often something may be done that costs the reader of a log, or
// the process, too much if it is done each time.
package rate

import (
	"sync"
	"time"
)

// A Limit lets one thing pass in a while, and counts what it holds back. The zero value
// has let nothing pass yet. Its methods may be called by any goroutine, and wait for
// nothing.
type Limit struct {
	mu     sync.Mutex
	latest time.Time // when the latest passed
	held   uint64    // since then
}

// Pass reports whether one may pass now, because none has for the time every, and takes
// it for passed then: held is how many were held back before it. Otherwise it is held
// back, and the next may pass in wait.
func (l *Limit) Pass(now time.Time, every time.Duration) (held uint64, wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait = l.latest.Add(every).Sub(now); wait > 0 && !l.latest.IsZero() {
		l.held++
		return 0, wait, false
	}
	held, l.held, l.latest = l.held, 0, now
	return held, 0, true
}

// Held lets what was held back pass now, as one, if none has passed for the time every. held is
// how many those are; if it is 0, nothing has passed. wait is by how much it is too early, if it
// is. every of 0 is never too early.
func (l *Limit) Held(now time.Time, every time.Duration) (held uint64, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == 0 {
		return 0, 0
	}
	if wait = l.latest.Add(every).Sub(now); wait > 0 {
		return 0, wait
	}
	held, l.held, l.latest = l.held, 0, now
	return held, 0
}
