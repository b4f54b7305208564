package actor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// While a tick of Every waits, the clock is off: a short period costs nothing then.
func TestTIMERWaitingTickSetsNoClock(t *testing.T) {
	for _, overflow := range []Overflow{Reject, DropOldest} {
		synctest.Test(t, func(t *testing.T) {
			s := Start(new(int), WithCapacity(1), WithOverflow(overflow))
			release := make(chan struct{})
			_ = s.Do(func(*int) { <-release })
			synctest.Wait()
			tick := s.Every(1, func(n *int) { *n++; time.Sleep(time.Second) })
			time.Sleep(time.Millisecond)
			synctest.Wait()
			k := s.in.Load().clock()
			k.Lock()
			if k.Set() || s.box.Len() != 1 {
				t.Error("the clock is set while a tick waits")
			}
			k.Unlock()
			close(release)
			time.Sleep(time.Second + time.Second/2)
			tick.Cancel()
			if n, err := Get(context.Background(), s, func(n *int) int { return *n }); n != 2 || err != nil {
				t.Errorf("%d ticks, %v", n, err)
			}
			if err := s.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}
