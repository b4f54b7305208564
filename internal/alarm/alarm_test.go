package alarm_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/bruskajp/nano_services/internal/alarm"
)

// A Timer that is stopped keeps nothing alive, although the runtime keeps its own: most
// in the heap are not stopped, so that it does not sweep.
func TestL12AStoppedTimerKeepsNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // one heap
	crowd(t, time.Hour/2)
	kept := func() weak.Pointer[[1 << 10]int] {
		v := new([1 << 10]int)
		timer := alarm.Func(time.Hour, func() { v[0]++ })
		timer.Reset(2 * time.Hour)
		crowd(t, 3*time.Hour)
		timer.Stop()
		return weak.Make(v)
	}()
	runtime.GC()
	runtime.GC()
	if kept.Value() != nil {
		t.Error("it is kept alive")
	}
}

// crowd sets a hundred timers.
func crowd(t *testing.T, due time.Duration) {
	for range 100 {
		timer := time.AfterFunc(due, func() {})
		t.Cleanup(func() { timer.Stop() })
	}
}

func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var rang atomic.Int32
		timer := alarm.Func(time.Second, func() { rang.Add(1) })
		wait := func(d time.Duration, n int32) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if rang.Load() != n {
				t.Errorf("after %v it rang %d times, want %d", time.Since(begun), rang.Load(), n)
			}
		}
		wait(time.Second, 1)
		timer.Reset(time.Second)
		wait(time.Second/2, 1)
		timer.Reset(time.Second) // before it was due
		wait(time.Second/2, 1)
		wait(time.Second/2, 2)
		timer.Reset(time.Second)
		timer.Stop()
		wait(time.Hour, 2)
		timer.Reset(time.Second)
		wait(time.Second, 3)
	})
}

func TestNilTimerIsStopped(t *testing.T) {
	var timer *alarm.Timer
	if timer.Stop() {
		t.Error("something was prevented")
	}
}
