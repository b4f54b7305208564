package clock_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
)

func TestClockAgreesWithTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, wall := clock.Now(), time.Now()
		if at := clock.At(wall); at != before {
			t.Errorf("at is %d, now %d", at, before)
		}
		time.Sleep(time.Hour)
		if d := clock.Now() - before; d != int64(time.Hour) {
			t.Errorf("an hour is %v", time.Duration(d))
		}
		for _, m := range []clock.Moment{clock.Present(), clock.MomentOf(wall)} {
			if then := m.Wall(before); !then.Equal(wall) {
				t.Errorf("that was at %v: %v", wall, then)
			}
		}
	})
}

// The next time is a multiple of the period, and later than now.
func TestTIMERNextTime(t *testing.T) {
	for _, row := range []struct {
		at, now, want int64
		every         time.Duration
	}{
		{at: 10, now: 10, every: 5, want: 15},
		{at: 10, now: 14, every: 5, want: 15},
		{at: 10, now: 15, every: 5, want: 20},
		{at: 10, now: 99, every: 5, want: 100},
		{at: -10, now: -10, every: 5, want: -5}, // a bubble's time is before the epoch
		{at: -10, now: -3, every: 5, want: 0},
		{at: 10, now: 10, every: 1, want: 11},
		{at: 10, now: 1000, every: 1, want: 1001},
		{at: 10, now: 20, every: math.MaxInt64, want: math.MaxInt64},
	} {
		if got := clock.Next(row.at, row.every, row.now); got != row.want {
			t.Errorf("%+v: %d", row, got)
		}
	}
}
