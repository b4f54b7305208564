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
// is broken off, also the first one of the tree. One that does not heed its context is cut
// off in its time.
func TestSUPConstructorThatWaitsForOneThatCrashes(t *testing.T) {
	strategies := []supervisor.Strategy{supervisor.OneForOne, supervisor.RestForOne, supervisor.OneForAll}
	for i := range 12 {
		strategy, restarts, heeds := strategies[i%3], i/3%2 == 0, i/6 == 0 // b is built for the second time then
		synctest.Test(t, func(t *testing.T) {
			a, hold, waits := service("a"), make(chan struct{}), !restarts
			b := actor.New(func(ctx context.Context) (*number, error) {
				if waits {
					waits = false
					_ = a.Do(func(*number) { <-hold; panic(errCrash) })
					if !heeds {
						ctx = context.WithoutCancel(ctx)
					}
					if err := a.Run(ctx, func(*number) error { return nil }); err != nil {
						return nil, err
					}
				}
				return new(number), nil
			}, actor.WithName("b"), actor.WithLogger(quiet))
			c := service("c")
			root := supervisor.New("root", supervisor.Spec{
				Logger: quiet, Strategy: strategy, Children: []supervisor.Child{{Service: a}, {Service: b}, {Service: c}},
			})
			up := pending(func() error { return root.Start(context.Background()) })
			synctest.Wait()
			if restarts {
				waits = true
				_ = b.Do(func(*number) { panic(errCrash) })
				synctest.Wait()
			}
			close(hold)
			if !heeds && strategy != supervisor.OneForOne {
				time.Sleep(supervisor.DefaultShutdown)
			}
			synctest.Wait()
			select {
			case err := <-up:
				if err != nil {
					t.Error(err)
				}
			default:
				t.Errorf("%v: the tree is not up", strategy)
			}
			expectStates(t, root, "a:up b:up c:up")
			_ = root.Stop(context.Background())
		})
	}
}

// The start of a tree is not over while children are restarted that were not up before; nor
// does it wait for who was to lead that, and has ended for good.
func TestSUPStartWaitsForWhatIsRestarted(t *testing.T) {
	for _, row := range []struct {
		name string
		ends func(root *supervisor.Supervisor, a *actor.Service[number])
		then string
	}{
		{"it is restarted", func(*supervisor.Supervisor, *actor.Service[number]) { time.Sleep(time.Hour) }, "a:up b:up c:up"},
		{"Kill", func(_ *supervisor.Supervisor, a *actor.Service[number]) { a.Kill() }, "a:exited b:up c:up"},
		{"Terminate", func(root *supervisor.Supervisor, _ *actor.Service[number]) {
			_ = root.Terminate(context.Background(), "a")
		}, "a:terminated b:up c:up"},
	} {
		synctest.Test(t, func(t *testing.T) {
			lives, gate := 0, make(chan struct{})
			a, b := service("a"), gatedBy("b", gate, &lives)
			root := supervisor.New("root", supervisor.Spec{
				Logger: quiet, Strategy: supervisor.RestForOne, Children: []supervisor.Child{
					{Service: a, Backoff: &supervisor.Backoff{Min: time.Hour, Max: time.Hour}}, {Service: b}, {Service: service("c")},
				},
			})
			up := pending(func() error { return root.Start(context.Background()) })
			synctest.Wait()
			_ = a.Do(func(*number) { panic(errCrash) })
			expectStates(t, root, "a:waiting b:waiting c:waiting")
			close(gate)
			expectStates(t, root, "a:waiting b:waiting c:waiting")
			select {
			case err := <-up:
				t.Errorf("%s: Start = %v, and nothing is up", row.name, err)
			default:
			}
			row.ends(root, a)
			expectStates(t, root, row.then)
			if err := <-up; err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
			stop(t, root)
		})
	}
}

// A start that takes too long is ended when its time is over, whatever the supervisor waits
// for, and its end is waited for by nothing else.
func TestSUPStartTimesOutMeanwhile(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			lives, gate := 0, make(chan struct{})
			first := newPuppet()
			hangs := actor.New(func(ctx context.Context) (*number, error) {
				switch lives++; {
				case lives != 2:
					return new(number), nil
				case stuck:
					<-gate
				}
				<-ctx.Done()
				return nil, ctx.Err()
			}, actor.WithName("hangs"), actor.WithLogger(quiet))
			root := supervisor.New("root", children(
				supervisor.Child{Name: "first", Service: first, Shutdown: supervisor.Forever},
				supervisor.Child{Service: hangs, StartTimeout: time.Second, Shutdown: time.Second},
			))
			start(t, root)
			free := first.hang()
			asked := pending(func() error { return root.Terminate(context.Background(), "first") })
			synctest.Wait()
			_ = hangs.Do(func(*number) { panic(errCrash) })
			expectStates(t, root, "first:stopping hangs:starting")
			time.Sleep(time.Second)
			if stuck {
				expectStates(t, root, "first:stopping hangs:stopping")
				time.Sleep(time.Second)
			}
			expectStates(t, root, "first:stopping hangs:up")
			free()
			if err := <-asked; err != nil {
				t.Error(err)
			}
			close(gate)
			synctest.Wait()
			stop(t, root)
		})
	}
}

// While such an end is waited for by nothing else, it is served like any other child's.
func TestSUPEndsWhatWasTooLate(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(root *supervisor.Supervisor) error
		then string
	}{
		{"it ends", func(*supervisor.Supervisor) error { return nil }, "a:up b:terminated"},
		{"Terminate", func(root *supervisor.Supervisor) error { return root.Terminate(context.Background(), "late") }, "a:up b:terminated"},
		{"Stop", func(root *supervisor.Supervisor) error { return root.Stop(context.Background()) }, "a:terminated late:terminated b:terminated"},
	} {
		synctest.Test(t, func(t *testing.T) {
			root := supervisor.New("root", children(supervisor.Child{Service: service("a")}))
			start(t, root)
			gate := make(chan struct{})
			added := pending(func() error {
				return root.Add(context.Background(), supervisor.Child{
					Name: "late", AwaitReady: true, StartTimeout: time.Second, Shutdown: supervisor.Forever,
					Service: supervisor.Func(func(context.Context) error { <-gate; return nil }),
				})
			})
			time.Sleep(time.Second)
			expectStates(t, root, "a:up late:stopping")
			if err := root.Add(context.Background(), supervisor.Child{Service: service("b")}); err != nil {
				t.Error(err) // which is not held up
			}
			if err := root.Terminate(context.Background(), "b"); err != nil {
				t.Error(err)
			}
			if err := root.Remove(context.Background(), "late"); !errors.Is(err, supervisor.ErrRunning) {
				t.Errorf("Remove = %v", err)
			}
			ended := pending(func() error { return row.end(root) })
			synctest.Wait()
			close(gate)
			if err := <-ended; err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
			var failed *supervisor.StartError
			if err := <-added; !errors.As(err, &failed) && !errors.Is(err, supervisor.ErrStopping) {
				t.Errorf("%s: Add = %v", row.name, err)
			}
			expectStates(t, root, row.then)
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

// hesitant is a service whose Serve waits, each for the next gate, before it begins.
type hesitant struct {
	*actor.Service[number]
	gates chan chan struct{}
}

// Serve implements supervisor.Service.
func (h *hesitant) Serve(ctx context.Context) error {
	<-<-h.gates
	return h.Service.Serve(ctx)
}

// SignalsReady says that the child is up before that.
func (h *hesitant) SignalsReady() bool { return false }

// A Serve that begins when the child was cut off does nothing: neither does a service that was
// told that it is down go on, nor is it in the way of the next Serve.
func TestSUPServeComesTooLate(t *testing.T) {
	for _, row := range []struct {
		restart supervisor.Restart
		do      error  // afterwards
		served  uint64 // then, how often
	}{
		{supervisor.Temporary, actor.ErrStopped, 0},
		{supervisor.Permanent, nil, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := &hesitant{service("late"), make(chan chan struct{}, 2)}
			late, next := make(chan struct{}), make(chan struct{})
			h.gates <- late
			h.gates <- next
			first := service("first")
			root := supervisor.New("root", supervisor.Spec{Logger: quiet, Strategy: supervisor.OneForAll, Children: []supervisor.Child{
				{Service: first}, {Service: h, Restart: row.restart, Shutdown: time.Second},
			}})
			start(t, root)
			_ = first.Do(func(*number) { panic("all of them") })
			time.Sleep(2 * time.Second) // it is cut off
			close(late)
			synctest.Wait()
			if n := h.Info().Incarnation; n != 0 {
				t.Errorf("%v: it is served, which comes too late", row.restart)
			}
			close(next)
			synctest.Wait()
			if err := h.Do(func(*number) {}); !errors.Is(err, row.do) {
				t.Errorf("%v: Do = %v", row.restart, err)
			}
			if i := h.Info(); i.Incarnation != row.served {
				t.Errorf("%v: it was served %d times", row.restart, i.Incarnation)
			}
			stop(t, root)
		})
	}
}
