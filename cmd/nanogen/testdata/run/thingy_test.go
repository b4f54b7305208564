package run

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Everything runs in bubbles: a goroutine that is left behind fails the test.

var silent = slog.New(slog.DiscardHandler)

// tally is a counter that thingies share: a service's constructor uses it on the
// service's goroutine.
type tally struct{ n atomic.Int32 }

func (t *tally) Count() { t.n.Add(1) }

// tree starts a supervisor with the children.
func tree(t *testing.T, children ...supervisor.Child) *supervisor.Supervisor {
	t.Helper()
	root := supervisor.New("root", supervisor.Spec{Logger: silent, MaxRestarts: 100, Children: children})
	if err := root.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return root
}

func stop(t *testing.T, root *supervisor.Supervisor) {
	t.Helper()
	if err := root.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestThingyRunsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made tally
		thingy := NewThingyService(&made, 40, actor.WithLogger(silent))
		root := tree(t, supervisor.Child{Service: thingy})
		if err := errors.Join(thingy.PlusOne(), thingy.Inc(1)); err != nil {
			t.Error(err)
		}
		if n, err := thingy.Get(t.Context()); n != 42 || err != nil {
			t.Errorf("Get = %d, %v; want 42", n, err)
		}
		if n, err := thingy.SetAndGet(t.Context(), 7); n != 42 || err != nil {
			t.Errorf("SetAndGet = %d, %v; want 42", n, err)
		}
		for i := range 1000 {
			if err := thingy.Set(i); err != nil {
				t.Fatal(err)
			}
			if n, err := thingy.Get(t.Context()); n != i || err != nil {
				t.Fatalf("Get after Set(%d) = %d, %v", i, n, err)
			}
		}
		stop(t, root)
		if _, err := thingy.Get(t.Context()); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Get after the stop: %v", err)
		}
		if err := thingy.PlusOne(); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("PlusOne after the stop: %v", err)
		}
		if n := made.n.Load(); n != 1 {
			t.Errorf("%d thingies were made", n)
		}
	})
}

func TestThingyAssertionFailsInTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made tally
		thingy := NewThingyService(&made, 10, actor.WithLogger(silent))
		root := tree(t, supervisor.Child{Service: thingy})
		if err := thingy.Inc(-1); err != nil {
			t.Errorf("the assertion reached the caller: %v", err)
		}
		// Queued behind the crash, for the next thingy, which is made anew.
		if err := thingy.PlusOne(); err != nil {
			t.Error(err)
		}
		if n, err := thingy.Get(t.Context()); n != 11 || err != nil {
			t.Errorf("Get = %d, %v; want 11", n, err)
		}
		if n := made.n.Load(); n != 2 {
			t.Errorf("%d thingies were made, want 2", n)
		}
		stop(t, root)
	})
}

func TestThingyTwoGoroutinesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		thingy := NewThingyService(new(tally), 0)
		root := tree(t, supervisor.Child{Service: thingy})
		var callers sync.WaitGroup
		for range 2 {
			callers.Go(func() {
				last := -1
				for range 500 {
					if err := thingy.PlusOne(); err != nil {
						t.Error(err)
					}
					n, err := thingy.Get(t.Context())
					if n <= last || err != nil {
						t.Errorf("Get = %d, %v, after %d", n, err, last)
					}
					last = n
				}
			})
		}
		callers.Wait()
		if n, err := thingy.Get(t.Context()); n != 1000 || err != nil {
			t.Errorf("Get = %d, %v; want 1000", n, err)
		}
		stop(t, root)
	})
}

func TestThingyConstructorFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		thingy := NewThingyService(nil, 0, actor.WithLogger(silent))
		err := thingy.Serve(t.Context())
		if err == nil || !strings.Contains(err.Error(), "nobody counts") {
			t.Errorf("Serve = %v", err)
		}
	})
}
