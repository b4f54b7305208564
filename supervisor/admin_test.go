package supervisor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Each refusal of a request has its own error, and changes nothing.
func TestSUPRefusalsChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		svc := service("svc")
		root, _ := trio(t, &j, supervisor.Spec{Children: []supervisor.Child{{Service: svc}}})
		if err := root.Terminate(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		j.expect(t, "stopped root/b")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		ctx, p := t.Context(), newPuppet()
		type child = supervisor.Child
		before := states(root)
		for _, row := range []struct {
			what string
			err  error
			want error // nil: a *SpecError
		}{
			{"Terminate of nobody", root.Terminate(ctx, "x"), supervisor.ErrUnknown},
			{"Restart of nobody", root.Restart(ctx, "x"), supervisor.ErrUnknown},
			{"Remove of nobody", root.Remove(ctx, "x"), supervisor.ErrUnknown},
			{"of a path", root.Terminate(ctx, "root/a"), supervisor.ErrUnknown},
			{"Restart of a running child", root.Restart(ctx, "a"), supervisor.ErrRunning},
			{"Remove of a running child", root.Remove(ctx, "a"), supervisor.ErrRunning},
			{"Add of a name that is taken", root.Add(ctx, child{Name: "a", Service: p}), supervisor.ErrExists},
			{"by a terminated child", root.Add(ctx, child{Name: "b", Service: p}), supervisor.ErrExists},
			{"Add without a service", root.Add(ctx, child{Name: "x"}), nil},
			{"without a name", root.Add(ctx, child{Service: p}), nil},
			{"with a bad name", root.Add(ctx, child{Name: "x/y", Service: p}), nil},
			{"with bad fields", root.Add(ctx, child{Name: "x", Service: p, Restart: 7, Shutdown: -7}), nil},
			{"of a service twice", root.Add(ctx, child{Name: "x", Service: svc}), nil},
			{"of a bad tree", root.Add(ctx, child{Service: supervisor.New("x", supervisor.Spec{Period: -1})}), nil},
			{"of itself", root.Add(ctx, child{Name: "x", Service: root}), supervisor.ErrServed},
			{"Add in vain", root.Add(ended, child{Name: "x", Service: p}), context.Canceled},
			{"Terminate in vain", root.Terminate(ended, "a"), context.Canceled},
			{"Restart in vain", root.Restart(ended, "b"), context.Canceled},
			{"Remove in vain", root.Remove(ended, "b"), context.Canceled},
			{"Serve", root.Serve(ctx), supervisor.ErrServed},
			{"Start", root.Start(ctx), supervisor.ErrServed},
		} {
			var bad *supervisor.SpecError
			if row.want == nil && !errors.As(row.err, &bad) || row.want != nil && !errors.Is(row.err, row.want) {
				t.Errorf("%s: %v, want %v", row.what, row.err, row.want)
			}
		}
		expectStates(t, root, before)
		j.expect(t)
		// The refused Add of a service that stands here already has not harmed it.
		svc.Do(func(*number) { panic(errCrash) })
		if n, err := actor.Get(ctx, svc, (*number).next); n != 1 || err != nil {
			t.Errorf("the service that was to be added twice: %d, %v", n, err)
		}
		stop(t, root)
	})
}

// A service that is served elsewhere can not be added, and goes on there.
func TestSUPAddOfAServiceOfAnotherTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc")
		one := supervisor.New("one", children(supervisor.Child{Service: svc}))
		other := supervisor.New("other", children())
		start(t, one)
		start(t, other)
		var failed *supervisor.StartError
		err := other.Add(t.Context(), supervisor.Child{Service: svc})
		if !errors.As(err, &failed) || failed.Child != "other/svc" || !errors.Is(err, actor.ErrServed) {
			t.Errorf("Add = %v", err)
		}
		svc.Do(func(*number) { panic(errCrash) })
		if n, err := actor.Get(t.Context(), svc, (*number).next); n != 1 || err != nil {
			t.Errorf("after a crash: %d, %v", n, err)
		}
		if got := states(other); got != "" {
			t.Errorf("the other tree has %s", got)
		}
		stop(t, one)
		stop(t, other)
	})
}

// Requests to a tree that does not run yet, is stopping, or is down.
func TestSUPRequestsOutsideOfALife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.slow = time.Second
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: p}))
		all := func(when string, want error) {
			t.Helper()
			ctx := t.Context()
			for _, err := range []error{
				root.Add(ctx, supervisor.Child{Name: "x", Service: newPuppet()}),
				root.Terminate(ctx, "a"), root.Restart(ctx, "a"), root.Remove(ctx, "a"),
			} {
				if !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", when, err, want)
				}
			}
		}
		all("before", supervisor.ErrNotRunning)
		if got := root.Children(); len(got) != 0 {
			t.Errorf("Children() before = %v", got)
		}
		start(t, root)
		stopped := pending(func() error { return root.Stop(context.Background()) })
		synctest.Wait()
		all("while it stops", supervisor.ErrStopping)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		all("afterwards", supervisor.ErrNotRunning)
		expectStates(t, root, "a:terminated")
		if err := root.Serve(t.Context()); !errors.Is(err, supervisor.ErrStopped) {
			t.Errorf("Serve = %v", err)
		}
		stop(t, root)
	})
}

// A request that waits its turn when the tree begins to stop, or when its context
// ends, has not been begun and never will be.
func TestSUPRequestThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, ps := trio(t, nil, supervisor.Spec{}, func(i int, c *supervisor.Child) {
			c.Service.(*puppet).slow = time.Second
		})
		first := pending(func() error { return root.Terminate(t.Context(), "a") })
		synctest.Wait()
		added := newPuppet()
		add := pending(func() error {
			return root.Add(t.Context(), supervisor.Child{Name: "x", Service: added})
		})
		ctx, cancel := context.WithCancel(t.Context())
		given := pending(func() error { return root.Terminate(ctx, "b") })
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "under way") {
			t.Errorf("a request that was given up: %v", err)
		}
		if ps[1].born() != 1 || !strings.Contains(states(root), "b:up") {
			t.Errorf("it was done: %s", states(root))
		}
		stopped := pending(func() error { return root.Stop(context.Background()) })
		if err := errors.Join(<-first, <-stopped); err != nil {
			t.Error(err)
		}
		if err := <-add; !errors.Is(err, supervisor.ErrStopping) {
			t.Errorf("a request while it stops: %v", err)
		}
		expectLives(t, []int{1, 1, 1, 0}, ps[0], ps[1], ps[2], added)
	})
}

// A request whose context ends while it is under way goes on, and the error says
// so.
func TestSUPRequestNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, _ := trio(t, nil, supervisor.Spec{})
		x := newPuppet()
		x.awaits = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := root.Add(ctx, supervisor.Child{Name: "x", Service: x})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "under way") {
			t.Errorf("Add = %v", err)
		}
		x.ready()
		expectStates(t, root, "a:up b:up c:up x:up")
		stop(t, root)
	})
}

// A child that can not be started is not added; one that could not be restarted
// stays down.
func TestSUPAddAndRestartThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		root, _ := trio(t, &j, supervisor.Spec{MaxRestarts: supervisor.NoRestarts})
		x := newPuppet()
		x.awaits = true
		c := supervisor.Child{Name: "x", Service: x, Restart: supervisor.Transient,
			Backoff: &supervisor.Backoff{Min: time.Second}}
		x.failNext(1)
		var failed *supervisor.StartError
		err := root.Add(t.Context(), c)
		if !errors.As(err, &failed) || !errors.Is(err, errCrash) || failed.Child != "root/x" {
			t.Errorf("Add = %v", err)
		}
		expectStates(t, root, "a:up b:up c:up")
		added := pending(func() error { return root.Add(t.Context(), c) })
		synctest.Wait()
		x.ready()
		if err := <-added; err != nil {
			t.Fatal(err)
		}
		if err := root.Terminate(t.Context(), "x"); err != nil {
			t.Error(err)
		}
		x.failNext(1)
		if err := root.Restart(t.Context(), "x"); !errors.As(err, &failed) || !errors.Is(err, errCrash) {
			t.Errorf("Restart = %v", err)
		}
		expectStates(t, root, "a:up b:up c:up x:exited")
		j.expect(t, "started root/x", "stopped root/x")
		stop(t, root)
	})
}

// The same of an added child that was terminated while it waited out a delay.
func TestSUPAddedChildStaysAfterAFailedRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newPuppet()
		x.awaits = true
		root := supervisor.New("root", children())
		start(t, root)
		added := pending(func() error {
			return root.Add(t.Context(), supervisor.Child{
				Name: "x", Service: x, Backoff: &supervisor.Backoff{Min: time.Second},
			})
		})
		synctest.Wait()
		x.ready()
		if err := <-added; err != nil {
			t.Fatal(err)
		}
		x.crash()
		expectStates(t, root, "x:waiting")
		if err := root.Restart(t.Context(), "x"); !errors.Is(err, supervisor.ErrRunning) {
			t.Errorf("Restart of one that waits: %v", err)
		}
		if err := root.Terminate(t.Context(), "x"); err != nil {
			t.Error(err)
		}
		x.failNext(1)
		if err := root.Restart(t.Context(), "x"); !errors.Is(err, errCrash) {
			t.Errorf("Restart = %v", err)
		}
		expectStates(t, root, "x:exited")
		stop(t, root)
	})
}

// One that is terminated while it is being added has not been added.
func TestSUPTerminateWhileAdding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children())
		start(t, root)
		x := newPuppet()
		x.awaits = true
		added := pending(func() error { return root.Add(t.Context(), supervisor.Child{Name: "x", Service: x}) })
		expectStates(t, root, "x:starting")
		if err := root.Terminate(t.Context(), "x"); err != nil {
			t.Error(err)
		}
		var failed *supervisor.StartError
		if err := <-added; !errors.As(err, &failed) {
			t.Errorf("Add = %v", err)
		}
		expectStates(t, root, "")
		stop(t, root)
	})
}

// A request to add a child is answered, also if the child is ended with others before it is up
// and is not to be restarted.
func TestSUPAddedWhileItsGroupIsRestarted(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{supervisor.OneForAll, supervisor.RestForOne} {
		for _, restart := range []supervisor.Restart{supervisor.Permanent, supervisor.Transient, supervisor.Temporary} {
			synctest.Test(t, func(t *testing.T) {
				a, gate, lives := service("a"), make(chan struct{}), 0
				root := supervisor.New("root", supervisor.Spec{Strategy: strategy, Logger: quiet, Children: []supervisor.Child{{Service: a}}})
				start(t, root)
				added := pending(func() error {
					return root.Add(context.Background(), supervisor.Child{Service: gatedBy("n", gate, &lives), Restart: restart})
				})
				synctest.Wait()
				_ = a.Do(func(*number) { panic(errCrash) })
				synctest.Wait()
				close(gate)
				err := <-added
				if restart == supervisor.Temporary {
					if _, ok := errors.AsType[*supervisor.StartError](err); !ok {
						t.Errorf("Add: %v", err)
					}
					expectStates(t, root, "a:up")
				} else {
					if err != nil {
						t.Errorf("Add: %v", err)
					}
					expectStates(t, root, "a:up n:up")
				}
				stop(t, root)
			})
		}
	}
}
