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

// A supervisor keeps when its children have failed: the last 100 times, and nothing before the
// first. A child that ends as it was told to has not failed, whatever it returns.
func TestSnapshotKeepsTheTimesOfCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc", actor.WithLogger(quiet))
		rude := supervisor.Func(func(ctx context.Context) error { <-ctx.Done(); return errors.New("I was told to") })
		tree := supervisor.New("tree", supervisor.Spec{
			Logger: quiet, MaxRestarts: supervisor.Unlimited,
			Children: []supervisor.Child{{Service: svc}, {Name: "rude", Service: rude}},
		})
		start(t, tree)
		times := func() []time.Time { return tree.Snapshot().Supervisor.Crashes }
		if err := tree.Terminate(t.Context(), "rude"); err != nil || times() != nil {
			t.Errorf("before the first: %v, %v", err, times())
		}
		begun := time.Now()
		for n := 1; n <= 130; n++ {
			time.Sleep(time.Second)
			_ = svc.Run(t.Context(), func(*number) error { panic("crash") })
			synctest.Wait()
			all := times()
			if len(all) != min(n, 100) {
				t.Fatalf("%d times of %d crashes", len(all), n)
			}
			for i, at := range all {
				if want := begun.Add(time.Duration(n-len(all)+i+1) * time.Second); !at.Equal(want) {
					t.Fatalf("of %d crashes number %d was at %v, want %v", n, i, at, want)
				}
			}
		}
		if err := tree.Stop(t.Context()); err != nil || len(times()) != 100 {
			t.Errorf("afterwards: %v, %d", err, len(times()))
		}
	})
}

// What does not start in its time has failed as well.
func TestSnapshotCountsALateStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		slow := actor.New(func(ctx context.Context) (*number, error) {
			if !first {
				<-ctx.Done()
			}
			first = false
			return new(number), nil
		}, actor.WithLogger(quiet))
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, MaxRestarts: supervisor.Unlimited, Children: []supervisor.Child{
			{Name: "slow", Service: slow, StartTimeout: time.Second},
		}})
		start(t, tree)
		_ = slow.Run(t.Context(), func(*number) error { panic("crash") })
		time.Sleep(1500 * time.Millisecond)
		if n := len(tree.Snapshot().Supervisor.Crashes); n != 2 {
			t.Errorf("%d crashes: want that, and the start that took too long", n)
		}
		if err := tree.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Stopping is closed when the tree begins to stop, while its children still end; each life
// has one of its own.
func TestSUPStoppingComesBeforeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		inner := supervisor.New("inner", supervisor.Spec{})
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
			{Service: inner},
			{Name: "slow", Service: supervisor.Func(func(ctx context.Context) error { <-ctx.Done(); <-goOn; return nil })},
		}})
		closed := func(c <-chan struct{}) bool {
			synctest.Wait()
			select {
			case <-c:
				return true
			default:
				return false
			}
		}
		before := tree.Stopping()
		start(t, tree)
		if closed(before) || closed(tree.Stopping()) || before != tree.Stopping() {
			t.Error("it stops before it is told to")
		}
		if err := tree.Terminate(t.Context(), "inner"); err != nil {
			t.Fatal(err)
		}
		if closed(inner.Stopping()) {
			t.Error("one that Restart may follow is at its end for good")
		}
		stopped := make(chan error)
		go func() { stopped <- tree.Stop(context.Background()) }()
		if !closed(before) || !closed(tree.Stopping()) || closed(tree.Done()) {
			t.Error("while it stops: not closed, or Done is")
		}
		close(goOn)
		if err := <-stopped; err != nil || !closed(tree.Stopping()) {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// Of a function a Snapshot has the name, and of a service what it keeps of its closures.
func TestSnapshotFunctionsAndHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc", actor.WithLogger(quiet), actor.WithHistory(2))
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
			{Service: svc}, {Name: "f", Service: supervisor.Func(wait)},
		}})
		start(t, tree)
		for range 3 {
			if err := svc.Run(t.Context(), func(*number) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		n := tree.Snapshot()
		if h := n.Children[0].History(); len(h) != 2 || h[0].Site == "" {
			t.Errorf("the history: %+v", h)
		}
		if f := n.Children[1].Func; f != "supervisor_test.wait crashtimes_test.go:148" {
			t.Errorf("the function: %q", f)
		}
		if n.History() != nil || n.Children[1].History() != nil || n.Children[0].Func != "" || n.Children[1].Requests != nil {
			t.Errorf("of what has none: %+v", n)
		}
		if err := tree.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func wait(ctx context.Context) error { <-ctx.Done(); return nil }
