package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// What random histories have found to go wrong (internal/checks), told step by step.

// Of a group that waits for the delay of one, another is terminated: the rest goes on
// waiting.
func TestSUPTerminateOfOneThatWaitsWithAnother(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{supervisor.OneForAll, supervisor.RestForOne} {
		synctest.Test(t, func(t *testing.T) {
			root, ps := trio(t, nil, supervisor.Spec{Strategy: strategy}, func(i int, c *supervisor.Child) {
				if i == 0 {
					c.Backoff = &supervisor.Backoff{Min: time.Minute}
				}
			})
			ps[0].crash()
			synctest.Wait()
			if err := root.Terminate(t.Context(), "b"); err != nil {
				t.Error(err)
			}
			expectStates(t, root, "a:waiting b:terminated c:waiting")
			time.Sleep(time.Minute)
			expectStates(t, root, "a:up b:terminated c:up")
			stop(t, root)
		})
	}
}

// The one whose delay they wait for is temporary, a Decider has ordered that it comes
// back, and it is terminated, and so forgotten: the rest does not wait any more.
func TestSUPTerminateOfATemporaryOneThatIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, ps := trio(t, nil, supervisor.Spec{
			Strategy: supervisor.OneForAll,
			Decider:  func(string, error) supervisor.Decision { return supervisor.RestartChild },
		}, func(i int, c *supervisor.Child) {
			if i == 1 {
				c.Restart = supervisor.Temporary
				c.Backoff = &supervisor.Backoff{Min: time.Minute}
			}
		})
		ps[1].crash()
		expectStates(t, root, "a:waiting b:waiting c:waiting")
		if err := root.Terminate(t.Context(), "b"); err != nil {
			t.Error(err)
		}
		expectStates(t, root, "a:up c:up")
		stop(t, root)
	})
}

// A child that was up for long begins with the shortest delay again, also if it was
// then stopped with another and could not be started.
func TestSUPHealthyBystander(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		fail, crash := false, make(chan error)
		a := newPuppet()
		b := supervisor.Func(func(ctx context.Context) error {
			if fail {
				fail = false
				return errCrash
			}
			supervisor.Ready(ctx)
			select {
			case err := <-crash:
				return err
			case <-ctx.Done():
				return nil
			}
		})
		backoff := &supervisor.Backoff{Min: time.Second, Max: 10 * time.Second}
		root := supervisor.New("root", logged(&j, supervisor.Spec{
			Strategy: supervisor.OneForAll,
			Children: []supervisor.Child{
				{Name: "a", Service: a}, {Name: "b", Service: b, AwaitReady: true, Backoff: backoff},
			},
		}))
		start(t, root)
		crash <- errCrash
		time.Sleep(time.Second)
		j.expect(t, "started root/a", "started root/b", "exited root/b: crash",
			"restarting root/b (1) in 1s", "started root/a", "started root/b")
		time.Sleep(10 * time.Second)
		fail = true
		a.crash()
		j.expect(t, "exited root/a: crash", "restarting root/a (1)", "started root/a",
			"exited root/b: crash", "restarting root/b (2) in 1s")
		stop(t, root)
	})
}
