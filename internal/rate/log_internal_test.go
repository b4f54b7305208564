package rate

import (
	"testing"
	"testing/synctest"
	"time"
)

type nothing struct{}

func (nothing) WriteHeld(int, uint64) {}

// A timer that has rung, and comes to the log behind a Flush, sets no second timer beside the
// one of what has come since, which no Flush would stop.
func TestLogHasOneTimer(t *testing.T) {
	for _, since := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			var l Log[int]
			add := func() { l.Add(1, time.Now(), time.Second, nothing{}) }
			add()
			add()
			rung := l.set
			l.Flush()
			for range since {
				add()
			}
			timer := l.timer
			if _, n := l.ring(rung, time.Second, nothing{}); n != 0 || l.timer != timer || (timer != nil) != (since > 0) {
				t.Errorf("%d since: %d to be written, and the timer is another: %t", since, n, l.timer != timer)
			}
			if _, n := l.Flush(); n != uint64(since) || l.timer != nil {
				t.Errorf("%d since: %d were held", since, n)
			}
		})
	}
}
