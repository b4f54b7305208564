package supervisor_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// No loop of anything that is asked of a supervisor keeps its other services from running,
// nor from being restarted, with one processor either. Each loop is run by two goroutines
// at once, and errors of requests that meet are meant.
func TestNoLoopStarvesATree(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const crashes, limit = 3, 10_000_000 // many times what a loop makes before it is interrupted
	ctx := t.Context()
	for name, turn := range map[string]func(root *supervisor.Supervisor){
		"Terminate and Restart": func(root *supervisor.Supervisor) {
			_ = root.Terminate(ctx, "b")
			_ = root.Restart(ctx, "b")
		},
		"Terminate, Remove and Add": func(root *supervisor.Supervisor) {
			_ = root.Terminate(ctx, "c")
			_ = root.Remove(ctx, "c")
			_ = root.Add(ctx, supervisor.Child{Service: service("c")})
		},
		"refused": func(root *supervisor.Supervisor) { _ = root.Restart(ctx, "a") },
		"unknown": func(root *supervisor.Supervisor) { _ = root.Terminate(ctx, "x") },
		"reading": func(root *supervisor.Supervisor) {
			root.Snapshot()
			root.Children()
			root.Child("a")
			root.Up()
			root.Find("b")
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := service("a"), service("b")
			spec := children(supervisor.Child{Service: a}, supervisor.Child{Service: b})
			spec.MaxRestarts = supervisor.Unlimited
			root := supervisor.New("root", spec)
			start(t, root)
			var turns, ran atomic.Int64
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for ran.Load() < crashes {
						if turns.Add(1) > limit {
							t.Errorf("%d restarts are due after %d turns", crashes-ran.Load(), limit)
							return
						}
						turn(root)
					}
				})
			}
			wg.Go(func() {
				for ran.Load() < crashes && turns.Load() <= limit {
					for before := turns.Load(); turns.Load() == before; {
						runtime.Gosched() // until the loops are at work
					}
					// A crash, and what needs the restart.
					_ = a.Do(func(*number) { panic(errCrash) })
					if _, err := actor.Get(ctx, a, func(*number) int { return int(ran.Add(1)) }); err != nil {
						t.Error(err)
					}
				}
			})
			wg.Wait()
			t.Logf("%d restarts in %d turns", crashes, turns.Load())
			stop(t, root)
		})
	}
}
