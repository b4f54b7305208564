package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// What ends while the supervisor waits for something else: over_test.go has the table of
// states, the stories what is told; here is what a user notices besides.

// gatedBy is a service whose constructor waits for the gate, and counts its lives.
func gatedBy(name string, gate chan struct{}, lives *int) *actor.Service[number] {
	return actor.New(func(ctx context.Context) (*number, error) {
		*lives++
		select {
		case <-gate:
			return new(number), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}, actor.WithName(name), actor.WithLogger(quiet))
}

// What is stopped for good before its turn is shown so at once, and never started; also if
// the start is broken off.
func TestSUPStoppedBeforeItsStart(t *testing.T) {
	for _, goesOn := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var j journal
			gate, lives, none := make(chan struct{}), 0, 0
			killed, last := gatedBy("killed", gate, &none), service("last")
			below := supervisor.New("below", children(supervisor.Child{Service: gatedBy("x", gate, &none)}))
			root := supervisor.New("root", logged(&j, supervisor.Spec{Children: []supervisor.Child{
				{Service: gatedBy("a", gate, &lives)}, {Service: killed},
				{Service: below, Restart: supervisor.Temporary}, {Service: last},
			}}))
			up := pending(func() error { return root.Start(context.Background()) })
			expectStates(t, root, "a:starting killed:new below:new last:new")
			killed.Kill()
			expectStates(t, root, "a:starting killed:exited below:new last:new")
			stop(t, below)
			expectStates(t, root, "a:starting killed:exited last:new")
			j.expect(t, "exited root/killed", "exited root/below")
			if goesOn {
				close(gate)
				if err := <-up; err != nil {
					t.Error(err)
				}
				expectStates(t, root, "a:up killed:exited last:up")
				j.expect(t, "started root/a", "started root/last")
			}
			stop(t, root)
			last.Kill() // it is down: nothing looks out for it any more
			synctest.Wait()
			if lives != 1 || none != 0 {
				t.Errorf("%d lives, and %d of what was stopped before its start", lives, none)
			}
		})
	}
}

// The same if it was stopped before the tree was started at all.
func TestSUPStoppedBeforeTheStartOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		none := 0
		a, b := gatedBy("a", opened(), &none), gatedBy("b", opened(), &none)
		root := supervisor.New("root", logged(&j, supervisor.Spec{Children: []supervisor.Child{
			{Service: a}, {Service: b}, {Name: "c", Service: newPuppet()},
		}}))
		a.Kill()
		stop(t, b)
		start(t, root)
		expectStates(t, root, "a:exited b:exited c:up")
		j.expect(t, "exited root/a", "exited root/b", "started root/c")
		stop(t, root)
		if none != 0 {
			t.Errorf("%d lives", none)
		}
	})
}

// A service that is awaited for its retry at boot holds up neither the events nor an
// AutoShutdown when it is killed.
func TestSUPKilledWhileItIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := actor.New(func(context.Context) (*number, error) { return nil, errCrash },
			actor.WithName("a"), actor.WithLogger(quiet))
		root := supervisor.New("root", logged(&j, supervisor.Spec{
			AutoShutdown: supervisor.AnySignificant,
			Children: []supervisor.Child{
				{Service: a, Restart: supervisor.Transient, Significant: true, Backoff: &supervisor.Backoff{Min: time.Hour}},
				{Name: "b", Service: newPuppet()},
			},
		}))
		up := pending(func() error { return root.Start(context.Background()) })
		j.expect(t, "restarting root/a (1) in 1h0m0s")
		a.Kill()
		if err := <-up; err == nil || err.Error() != "supervisor: root: Start: significant children have ended" {
			t.Errorf("Start = %v", err)
		}
		<-root.Done()
		j.expect(t, "exited root/a", "stopped root")
		expectStates(t, root, "a:exited b:new")
	})
}

// While a tree stops, the callers of what is not restarted any more are answered at once:
// of one that waits for its delay, and of one that crashes now. They may be what is stopped.
func TestSUPCallersOfWhatIsDownInAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone, crashes, hold := service("gone"), service("crashes"), make(chan struct{})
		root := supervisor.New("root", children(
			supervisor.Child{Service: gone, Backoff: &supervisor.Backoff{Min: time.Hour}},
			supervisor.Child{Service: crashes},
			supervisor.Child{Name: "slow", Shutdown: supervisor.Forever, Service: supervisor.Func(func(ctx context.Context) error {
				<-ctx.Done()
				err := crashes.Run(context.Background(), func(*number) error { return nil })
				if !errors.Is(err, actor.ErrStopped) {
					t.Errorf("a call from what is stopped: %v", err)
				}
				return nil
			})},
		))
		start(t, root)
		_ = gone.Do(func(*number) { panic(errCrash) })
		_ = crashes.Do(func(*number) { <-hold; panic(errCrash) })
		synctest.Wait()
		first := calling(gone)
		synctest.Wait()
		stopped := pending(func() error { return root.Stop(context.Background()) })
		if err := <-first; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("a call of what waited: %v", err)
		}
		expectStates(t, root, "gone:terminated crashes:up slow:stopping")
		close(hold)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		expectStates(t, root, "gone:terminated crashes:exited slow:terminated")
	})
}

// A supervisor that is restarted by its parent keeps the queue of what ends meanwhile.
func TestSUPQueueOfWhatEndsWhileItsSupervisorIsRestarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, hold := service("svc"), make(chan struct{})
		slow, first := newPuppet(), newPuppet()
		slow.slow = time.Second
		inner := supervisor.New("inner", children(
			supervisor.Child{Service: svc}, supervisor.Child{Name: "slow", Service: slow}))
		root := supervisor.New("root", supervisor.Spec{
			Logger: quiet, Strategy: supervisor.RestForOne,
			Children: []supervisor.Child{{Name: "first", Service: first}, {Service: inner}},
		})
		start(t, root)
		_ = svc.Do(func(*number) { <-hold; panic(errCrash) })
		call := calling(svc)
		first.crash()
		expectStates(t, inner, "svc:up slow:stopping")
		close(hold)
		expectStates(t, inner, "svc:exited slow:stopping")
		if err := <-call; err != nil {
			t.Errorf("the call that was queued: %v", err)
		}
		stop(t, root)
	})
}

// A constructor that waits for a service which crashes before its turn is not waited for
// while that waits for it: alone the service is restarted at once, with its group the start
// is broken off.
func TestSUPConstructorThatWaitsForOneThatCrashes(t *testing.T) {
	for _, row := range []struct {
		strategy supervisor.Strategy
		restarts bool // b is built for the second time then
	}{{supervisor.OneForOne, false}, {supervisor.OneForOne, true}, {supervisor.RestForOne, true}, {supervisor.OneForAll, true}} {
		synctest.Test(t, func(t *testing.T) {
			a, hold, waits := service("a"), make(chan struct{}), !row.restarts
			b := actor.New(func(ctx context.Context) (*number, error) {
				if waits {
					waits = false
					_ = a.Do(func(*number) { <-hold; panic(errCrash) })
					if err := a.Run(ctx, func(*number) error { return nil }); err != nil {
						return nil, err
					}
				}
				return new(number), nil
			}, actor.WithName("b"), actor.WithLogger(quiet))
			root := supervisor.New("root", supervisor.Spec{
				Logger: quiet, Strategy: row.strategy, Children: []supervisor.Child{{Service: a}, {Service: b}},
			})
			up := pending(func() error { return root.Start(context.Background()) })
			synctest.Wait()
			if row.restarts {
				waits = true
				_ = b.Do(func(*number) { panic(errCrash) })
				synctest.Wait()
			}
			expectStates(t, root, "a:up b:starting")
			close(hold)
			if err := <-up; err != nil {
				t.Error(err)
			}
			expectStates(t, root, "a:up b:up")
			stop(t, root)
		})
	}
}

// A supervisor that gives up while it ends a child does not wait for that before it ends
// the others; who asked for the end learns of it.
func TestSUPGivesUpWhileItTerminates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		root, ps := trio(t, &j, supervisor.Spec{MaxRestarts: supervisor.NoRestarts}, func(i int, c *supervisor.Child) {
			if i == 0 {
				c.Service.(*puppet).slow = time.Minute
				c.Shutdown = supervisor.Forever
			}
		})
		asked := pending(func() error { return root.Terminate(context.Background(), "a") })
		synctest.Wait()
		ps[1].crash()
		j.expect(t, "exited root/b: crash", "gave up root: supervisor: root gave up after 0 restarts within 5s: root/b: crash",
			"stopped root/c")
		expectStates(t, root, "a:stopping b:exited c:terminated")
		time.Sleep(time.Minute)
		j.expect(t, "stopped root/a", "stopped root: supervisor: root gave up after 0 restarts within 5s: root/b: crash")
		if err := <-asked; err != nil {
			t.Errorf("Terminate = %v", err)
		}
		expectStates(t, root, "a:terminated b:exited c:terminated")
	})
}
