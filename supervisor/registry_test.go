package supervisor_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// innerOuter returns outer, which has inner, which has svc. All of them are up.
func innerOuter(t *testing.T, restarts int) (outer, inner *supervisor.Supervisor, svc *actor.Service[number]) {
	svc = service("svc")
	inner = supervisor.New("inner", supervisor.Spec{
		MaxRestarts: restarts, Logger: quiet,
		Children: []supervisor.Child{{Service: svc, Backoff: &supervisor.Backoff{Min: time.Minute}}},
	})
	outer = supervisor.New("outer", children(supervisor.Child{Service: inner}))
	start(t, outer)
	return outer, inner, svc
}

// expectTwice wants an error that says where a service stands already.
func expectTwice(t *testing.T, what string, err error, where string) {
	t.Helper()
	var bad *supervisor.SpecError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "stands in the tree already, as "+where) {
		t.Errorf("%s: %v, want that it stands as %s", what, err, where)
	}
}

// A service stands in a tree once, wherever it is added, and also while it does not run.
func TestSUPAddOfAServiceFromElsewhereInTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer, inner, svc := innerOuter(t, 0)
		ctx, again := t.Context(), supervisor.Child{Name: "again", Service: svc}
		expectTwice(t, "up", outer.Add(ctx, again), "outer/inner/svc")
		sub := supervisor.New("sub", children(again))
		expectTwice(t, "below one that is added", outer.Add(ctx, supervisor.Child{Service: sub}), "outer/inner/svc")
		expectTwice(t, "a supervisor", inner.Add(ctx, supervisor.Child{Name: "x", Service: inner}), "outer/inner")

		svc.Do(func(*number) { panic(errCrash) })
		expectStates(t, inner, "svc:waiting")
		expectTwice(t, "waiting", outer.Add(ctx, again), "outer/inner/svc")
		if err := inner.Terminate(ctx, "svc"); err != nil {
			t.Fatal(err)
		}
		expectTwice(t, "terminated", outer.Add(ctx, again), "outer/inner/svc")

		other := service("other")
		add(t, outer, supervisor.Child{Service: other})
		expectTwice(t, "added above", inner.Add(ctx, supervisor.Child{Service: other}), "outer/other")
		if err := errors.Join(outer.Terminate(ctx, "other"), outer.Remove(ctx, "other")); err != nil {
			t.Fatal(err)
		}
		add(t, inner, supervisor.Child{Name: "moved", Service: newPuppet()})
		expectStates(t, outer, "inner:up")
		stop(t, outer)
	})
}

// A supervisor that is restarted has the same services again, and one that is removed
// leaves them to others.
func TestSUPServicesOfARestartedSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer, inner, svc := innerOuter(t, supervisor.NoRestarts)
		p := newPuppet()
		add(t, inner, supervisor.Child{Name: "p", Service: p})
		svc.Do(func(*number) { panic(errCrash) }) // inner gives up, and comes back without p
		expectStates(t, outer, "inner:up")
		expectStates(t, inner, "svc:up")
		expectTwice(t, "restarted", outer.Add(t.Context(), supervisor.Child{Name: "again", Service: svc}), "outer/inner/svc")
		add(t, outer, supervisor.Child{Name: "p", Service: p})
		stop(t, outer)
	})
}

// A service that was added elsewhere while its supervisor was down goes on there, and the
// supervisor can not be started.
func TestSUPServiceAddedWhileItsSupervisorIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		inner := supervisor.New("inner", children(supervisor.Child{Name: "p", Service: p}))
		outer := supervisor.New("outer", children(supervisor.Child{Service: inner}))
		start(t, outer)
		if err := outer.Terminate(t.Context(), "inner"); err != nil {
			t.Fatal(err)
		}
		add(t, outer, supervisor.Child{Name: "p", Service: p})
		expectTwice(t, "Restart", outer.Restart(t.Context(), "inner"), "outer/p")
		expectStates(t, outer, "inner:exited p:up")
		if err := errors.Join(outer.Terminate(t.Context(), "p"), outer.Remove(t.Context(), "p"), outer.Restart(t.Context(), "inner")); err != nil {
			t.Error(err)
		}
		expectStates(t, outer, "inner:up")
		stop(t, outer)
	})
}
