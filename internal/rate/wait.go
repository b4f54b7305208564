package rate

import "time"

// What is waited for is reported after Patience, and then at twice the age each time.
const (
	Patience   = 5 * time.Second
	maxReports = 8
)

// A Wait says when something that is waited for is to be reported: when that takes Patience,
// then at doubled times, and at most 8 times. At the time at which it is given up it is not
// reported, since there is something else to be said then. Its methods are called by one
// goroutine at a time.
type Wait struct {
	since time.Time
	until time.Time // when it is given up; zero: never
	n     int       // reports so far
}

// Since returns a wait that has begun at a time.
func Since(begun time.Time) Wait { return Wait{since: begun} }

// GiveUp says that the wait is given up at that time, if not before.
func (w *Wait) GiveUp(at time.Time) {
	if w.until.IsZero() || at.Before(w.until) {
		w.until = at
	}
}

// Until returns when the wait is given up; ok is false if that is not known.
func (w *Wait) Until() (at time.Time, ok bool) { return w.until, !w.until.IsZero() }

// Next returns when the next report is due; ok is false if there is none.
func (w *Wait) Next() (at time.Time, ok bool) {
	at = w.since.Add(Patience << w.n)
	return at, w.n < maxReports && (w.until.IsZero() || at.Before(w.until))
}

// Report reports whether a report is due, and takes it for made: age is how long the wait has
// taken so far.
func (w *Wait) Report(now time.Time) (age time.Duration, due bool) {
	if at, ok := w.Next(); !ok || now.Before(at) {
		return 0, false
	}
	w.n++
	return now.Sub(w.since), true
}
