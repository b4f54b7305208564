// Package slow finds what takes too long, at no cost for what does not.
package slow

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/where"
)

// maxReports bounds the reports of one thing, and maxLooks the looks for them, so that
// watching one that never ends comes to an end, too.
const (
	maxReports = 8
	maxLooks   = 1<<maxReports - 1
)

// A Watch watches an owner that does one thing after the other, and reports what takes longer
// than a threshold: between one and two thresholds after it began, and then at growing intervals.
// It is a timer that runs only while there is something to watch, and looks whether the owner is
// still busy with what it was busy with the last time. So a thing costs nothing, and an owner
// that is at work costs one timer for each threshold.
//
//	timer   event                              next
//	off     the owner begins to work           armed
//	armed   fires: the owner is parked         off
//	armed   fires: between two things          armed, for the threshold
//	armed   fires: busy with another one       armed, for the threshold
//	armed   fires: busy with the same one      armed, for the threshold; reported, if that is
//	                                           the first time, or twice as long ago as the last
//	armed   fires: reported maxReports times   off, until the owner begins to work again
//	any     Off                                off
//
// Its methods may be called by any goroutine. A nil Watch is off for ever.
type Watch struct {
	Stack goid.Stack // of the owner's goroutine, from On to Off

	// Immutable.
	threshold time.Duration
	look      func() Look
	report    func(where.Place, time.Duration)

	mu     sync.Mutex
	timer  *alarm.Timer // nil: off
	number uint64       // of what the owner was busy with when the timer fired last
	since  time.Time    // when the timer saw that first
	looks  int          // at the same since then
}

// Look is what an owner does at one instant.
type Look struct {
	On     where.Place // what it is busy with
	Number uint64      // of the latest thing that it took
	Busy   bool        // with that one
	Parked bool        // it is not busy, and calls On before it is
}

// NewWatch returns a Watch that is off. It calls look, which waits for nothing, and report
// with what takes too long, on a goroutine of the timer's.
func NewWatch(threshold time.Duration, look func() Look, report func(where.Place, time.Duration)) *Watch {
	return &Watch{threshold: threshold, look: look, report: report}
}

// On is called by the owner when it begins to work. To know its stack takes 1.5 µs, once for
// each Off.
func (w *Watch) On() {
	if w != nil && w.arm() {
		w.Stack.Here()
	}
}

// arm sets the timer, and reports whether the watch was off.
func (w *Watch) arm() (was bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		return false
	}
	w.number, w.looks = 0, 0
	w.timer = alarm.Func(w.threshold, w.fire)
	return true
}

// Off ends the watch, until an owner begins to work, which may be on another goroutine.
func (w *Watch) Off() {
	if w == nil {
		return
	}
	w.disarm()
	w.Stack.Gone()
}

func (w *Watch) disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
}

// fire is called by the timer.
func (w *Watch) fire() {
	if slow, age, due := w.overdue(); due {
		w.report(slow, age)
	}
}

// overdue sets the timer anew, or not, and returns what is to be reported.
func (w *Watch) overdue() (slow where.Place, age time.Duration, due bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil { // off while it fired
		return slow, 0, false
	}
	switch now := w.look(); {
	case now.Parked: // the owner calls On when it is not parked any more, and finds the timer off
		w.timer = nil
	case !now.Busy || now.Number != w.number:
		w.number, w.since, w.looks = now.Number, time.Now(), 0
		w.timer.Reset(w.threshold)
	default:
		if w.looks++; w.looks < maxLooks {
			w.timer.Reset(w.threshold)
		} else {
			w.timer = nil
		}
		return now.On, time.Since(w.since), w.looks&(w.looks+1) == 0 // 1, 3, 7, 15
	}
	return slow, 0, false
}
