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

// A supervisor called from its own children. Nothing of it may deadlock; in a
// bubble a deadlock is a failure.

func TestSUPInspectionFromAChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, ps := trio(t, nil, supervisor.Spec{})
		seen := make(chan string, 1)
		ps[1].do(func() error {
			seen <- states(root) + " " + root.Name()
			if root.Err() != nil {
				t.Error(root.Err())
			}
			return errGoOn
		})
		if got := <-seen; got != "a:up b:up c:up root" {
			t.Errorf("a child saw %s", got)
		}
		stop(t, root)
	})
}

func TestSUPAdministrationFromAChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, ps := trio(t, nil, supervisor.Spec{})
		x := newPuppet()
		result := make(chan error, 1)
		ps[0].do(func() error {
			ctx := t.Context()
			result <- errors.Join(
				root.Add(ctx, supervisor.Child{Name: "x", Service: x}),
				root.Terminate(ctx, "b"), root.Restart(ctx, "b"),
				root.Terminate(ctx, "x"), root.Remove(ctx, "x"))
			return errGoOn
		})
		if err := <-result; err != nil {
			t.Error(err)
		}
		expectStates(t, root, "a:up b:up c:up")
		expectLives(t, []int{1, 2, 1, 1}, ps[0], ps[1], ps[2], x)
		stop(t, root)
	})
}

// Terminate of itself does not wait, and neither does one that ends the caller
// with the supervisor it is below.
func TestSUPTerminateOfItself(t *testing.T) {
	for name, want := range map[string]string{"p": "p:terminated", "inner": "p:terminated"} {
		synctest.Test(t, func(t *testing.T) {
			p := newPuppet()
			inner := supervisor.New("inner", children(supervisor.Child{Name: "p", Service: p}))
			root := supervisor.New("root", children(supervisor.Child{Service: inner}))
			start(t, root)
			s := root
			if name == "p" {
				s = inner
			}
			result := make(chan error, 1)
			p.do(func() error { result <- s.Terminate(t.Context(), name); return errGoOn })
			if err := <-result; err != nil {
				t.Errorf("Terminate = %v", err)
			}
			expectStates(t, inner, want)
			if err := s.Restart(t.Context(), name); err != nil {
				t.Errorf("Restart = %v", err)
			}
			expectStates(t, inner, "p:up")
			stop(t, root)
		})
	}
}

func TestSUPStopFromAChild(t *testing.T) {
	for _, outer := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			svc := service("svc")
			inner := supervisor.New("inner", children(supervisor.Child{Service: svc}))
			root := supervisor.New("root", children(supervisor.Child{Service: inner}))
			start(t, root)
			s := inner
			if outer {
				s = root
			}
			err := svc.Run(t.Context(), func(*number) error { return s.Stop(context.Background()) })
			if err != nil {
				t.Errorf("Stop = %v", err)
			}
			<-s.Done()
			if !outer {
				expectStates(t, root, "inner:exited") // a deliberate end is no failure
			}
			stop(t, root)
		})
	}
}

// A child whose start the supervisor waits for is refused at once, whatever it
// asks, and may look and stop.
func TestSUPRequestsFromAConstructor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		var seen string
		var got []error
		svc := actor.New(func(ctx context.Context) (*number, error) {
			seen = states(root)
			got = []error{
				root.Add(ctx, supervisor.Child{Name: "x", Service: newPuppet()}),
				root.Terminate(ctx, "a"), root.Restart(ctx, "a"), root.Remove(ctx, "a"),
				root.Terminate(ctx, "svc"),
			}
			return new(number), nil
		}, actor.WithName("svc"), actor.WithLogger(quiet))
		root = supervisor.New("root", supervisor.Spec{
			Logger: quiet, Strategy: supervisor.OneForAll,
			Children: []supervisor.Child{{Name: "a", Service: newPuppet()}, {Service: svc}},
		})
		start(t, root)
		check := func(when string) {
			t.Helper()
			for i, err := range got {
				if !errors.Is(err, supervisor.ErrWouldDeadlock) {
					t.Errorf("%s: request %d: %v", when, i, err)
				}
			}
			if seen != "a:up svc:starting" {
				t.Errorf("%s: it saw %s", when, seen)
			}
			got = nil
		}
		check("at the start")
		svc.Do(func(*number) { panic(errCrash) })
		synctest.Wait()
		check("at a restart of all")
		stop(t, root)
	})
}

// The same from below a supervisor that is waited for.
func TestSUPRequestsFromBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		var got error
		svc := actor.New(func(ctx context.Context) (*number, error) {
			got = root.Add(ctx, supervisor.Child{Name: "x", Service: newPuppet()})
			return new(number), nil
		}, actor.WithName("svc"))
		root = supervisor.New("root", children(supervisor.Child{
			Service: supervisor.New("inner", children(supervisor.Child{Service: svc})),
		}))
		start(t, root)
		if !errors.Is(got, supervisor.ErrWouldDeadlock) {
			t.Errorf("Add = %v", got)
		}
		stop(t, root)
	})
}

// A constructor that nobody waits for is served: its supervisor restarts it alone
// and does other things meanwhile.
func TestSUPRequestsFromARestartedConstructor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		var got error
		lives := 0
		svc := actor.New(func(ctx context.Context) (*number, error) {
			if lives++; lives == 2 {
				got = errors.Join(
					root.Add(ctx, supervisor.Child{Name: "x", Service: newPuppet()}),
					root.Terminate(ctx, "svc"))
			}
			return new(number), nil
		}, actor.WithName("svc"), actor.WithLogger(quiet))
		root = supervisor.New("root", children(supervisor.Child{Service: svc}))
		start(t, root)
		svc.Do(func(*number) { panic(errCrash) })
		expectStates(t, root, "svc:terminated x:up")
		if got != nil {
			t.Error(got)
		}
		stop(t, root)
	})
}

// A child that the supervisor waits for to end, and one that has asked something
// before it was told to end, are refused as well.
func TestSUPRequestsWhileItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		got := make(chan error, 2)
		ends := supervisor.Func(func(ctx context.Context) error {
			<-ctx.Done()
			got <- root.Restart(context.Background(), "a")
			return nil
		})
		a := newPuppet()
		a.slow = time.Second
		asks := newPuppet()
		root = supervisor.New("root", children(
			supervisor.Child{Name: "asks", Service: asks},
			supervisor.Child{Name: "a", Service: a}, supervisor.Child{Name: "ends", Service: ends},
		))
		start(t, root)
		if err := root.Terminate(t.Context(), "ends"); err != nil {
			t.Error(err)
		}
		if err := <-got; !errors.Is(err, supervisor.ErrWouldDeadlock) {
			t.Errorf("while it ends: %v", err)
		}
		first := pending(func() error { return root.Terminate(t.Context(), "a") })
		synctest.Wait()
		second := pending(func() error { return root.Terminate(t.Context(), "asks") })
		synctest.Wait()
		asks.do(func() error { got <- root.Restart(context.Background(), "ends"); return errGoOn })
		if err := errors.Join(<-first, <-second); err != nil {
			t.Error(err)
		}
		if err := <-got; !errors.Is(err, supervisor.ErrWouldDeadlock) {
			t.Errorf("before it was told to: %v", err)
		}
		stop(t, root)
	})
}
