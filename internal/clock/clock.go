// Package clock has times that are one word, for differences: to measure with, and to say
// when something is due.
package clock

import (
	"math"
	"time"
)

// epoch is what times count from. In a synctest bubble they are negative.
var epoch = time.Now()

// Now returns the time in nanoseconds since some point. It costs 25 ns where time.Now
// costs 45.
func Now() int64 { return int64(time.Since(epoch)) }

// At returns what Now said at t.
func At(t time.Time) int64 { return int64(t.Sub(epoch)) }

// Later returns at+d, d in the future, or the end of time.
func Later(at int64, d time.Duration) int64 {
	if then := at + int64(d); then >= at {
		return then
	}
	return math.MaxInt64
}

// Next returns the first of the times that are multiples of every from at and later than
// both at and now.
func Next(at int64, every time.Duration, now int64) int64 {
	if late := now - at; late >= int64(every) { // whole ones were missed
		at = now - late%int64(every)
	}
	return Later(at, every)
}

// A Moment is an instant on both clocks.
type Moment struct {
	wall time.Time
	at   int64
}

// Present is the moment of the call.
func Present() Moment { return MomentOf(time.Now()) }

// MomentOf is the moment of t.
func MomentOf(t time.Time) Moment { return Moment{t, At(t)} }

// Wall returns when Now was at.
func (m Moment) Wall(at int64) time.Time { return m.wall.Add(time.Duration(at - m.at)) }
