package supervisor_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A crash and the restart that follows make what they need and no more: the incarnation, its
// T, the context of its Serve with what says that it is up, the error and its stack. What it takes to ask a context or a user's method is not made for nobody.
func TestSUPRestartAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	svc := service("svc")
	root := supervisor.New("root", supervisor.Spec{
		Logger: quiet, MaxRestarts: supervisor.Unlimited, Children: []supervisor.Child{{Service: svc}},
	})
	start(t, root)
	restarts := func(n int) {
		for range n {
			if err := svc.Do(func(*number) { panic(errCrash) }); err != nil {
				t.Fatal(err)
			}
			if _, err := actor.Get(context.Background(), svc, (*number).next); err != nil {
				t.Fatal(err)
			}
		}
	}
	restarts(100)
	const n = 2000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	restarts(n)
	runtime.ReadMemStats(&after)
	// 6, and now and then one more.
	if each := float64(after.Mallocs-before.Mallocs) / n; each > 7.5 {
		t.Errorf("%.1f allocations each", each)
	}
	stop(t, root)
}
