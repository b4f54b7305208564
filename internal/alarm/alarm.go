// Package alarm has timers that keep nothing alive once they are stopped.
//
// The runtime takes a stopped time.Timer out of its heap when enough of those in it are
// stopped. Until then, which may be until the timer would have been due, what its function
// refers to is kept.
package alarm

import (
	"sync/atomic"
	"time"
)

// A Timer calls its function when it is due. Its methods may be called by one goroutine
// at a time.
type Timer struct {
	timer *time.Timer
	f     func()
	rings *atomic.Pointer[func()] // what the runtime's timer refers to; nil: stopped
}

// Func returns a Timer that calls f, on a goroutine of its own, when d is over.
func Func(d time.Duration, f func()) *Timer {
	rings := new(atomic.Pointer[func()])
	t := &Timer{f: f, rings: rings}
	rings.Store(&t.f)
	t.timer = time.AfterFunc(d, func() {
		if f := rings.Load(); f != nil {
			(*f)()
		}
	})
	return t
}

// Stop has the function not be called, unless the call has begun, for which it does not
// wait. It reports whether the function would have been called. A nil Timer is stopped.
func (t *Timer) Stop() bool {
	if t == nil {
		return false
	}
	t.rings.Store(nil)
	return t.timer.Stop()
}

// Reset has the function be called when d is over, and not when it was due before.
func (t *Timer) Reset(d time.Duration) {
	t.rings.Store(&t.f)
	t.timer.Reset(d)
}
