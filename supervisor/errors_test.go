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

// One question does for a service and a supervisor: the values are the same, not only equal
// in what they say.
func TestSUPErrorsAreThoseOfServices(t *testing.T) {
	for _, row := range []struct {
		name         string
		ours, theirs error
	}{
		{"ErrStopped", supervisor.ErrStopped, actor.ErrStopped},
		{"ErrServed", supervisor.ErrServed, actor.ErrServed},
		{"ErrNotRunning", supervisor.ErrNotRunning, actor.ErrNotRunning},
	} {
		if row.ours != row.theirs {
			t.Errorf("%s are two values", row.name)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children(supervisor.Child{Name: "p", Service: new(idler)}))
		asks := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		asks("Terminate before Start", root.Terminate(t.Context(), "p"), actor.ErrNotRunning)
		start(t, root)
		asks("Serve of what runs", root.Serve(t.Context()), actor.ErrServed)
		stop(t, root)
		asks("Serve after Stop", root.Serve(t.Context()), actor.ErrStopped)
		asks("Start after Stop", root.Start(t.Context()), actor.ErrStopped)
		asks("Terminate after Stop", root.Terminate(t.Context(), "p"), actor.ErrNotRunning)
	})
}

// Whatever a supervisor says, it says once that it is one, at the beginning, however many
// supervisors the error has come through.
func TestSUPErrorsSayThePackageOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := supervisor.Func(func(context.Context) error { return errCrash })
		never := func(name string) supervisor.Child {
			return supervisor.Child{Name: name, Service: new(idler), AwaitReady: true, StartTimeout: time.Second}
		}
		nested := func(c supervisor.Child) *supervisor.Supervisor {
			s := children(c)
			s.MaxRestarts = supervisor.NoRestarts
			middle := children(supervisor.Child{Service: supervisor.New("inner", s)})
			middle.MaxRestarts = supervisor.NoRestarts
			return supervisor.New("middle", middle)
		}
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: new(idler)}))
		late, cancel := context.WithCancel(t.Context())
		cancel()
		errs := map[string]error{
			"before Start":   root.Remove(t.Context(), "a"),
			"late Start":     root.Start(late),
			"nested start":   nested(never("x")).Serve(t.Context()),
			"nested give-up": nested(supervisor.Child{Name: "x", Service: fails}).Serve(t.Context()),
		}
		start(t, root)
		errs["Serve again"] = root.Serve(t.Context())
		errs["Add of nothing"] = root.Add(t.Context(), supervisor.Child{Name: "b"})
		errs["Add twice"] = root.Add(t.Context(), supervisor.Child{Name: "a", Service: new(idler)})
		errs["Add that fails"] = root.Add(t.Context(), never("c"))
		errs["Add below that fails"] = root.Add(t.Context(), supervisor.Child{Service: nested(never("x"))})
		errs["Terminate"] = root.Terminate(t.Context(), "none")
		errs["Restart"] = root.Restart(t.Context(), "a")
		errs["Remove"] = root.Remove(t.Context(), "a")
		errs["late Terminate"] = root.Terminate(late, "a")
		stop(t, root)
		errs["after Stop"] = root.Serve(t.Context())
		for what, err := range errs {
			if err == nil {
				t.Errorf("%s: no error", what)
			} else if text := err.Error(); strings.LastIndex(text, "supervisor: ") != 0 {
				t.Errorf("%s: %s", what, text)
			}
		}
	})
}
