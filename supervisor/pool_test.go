package supervisor_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

type hand struct{ number int64 }

// A pool is a child like any other: up when its members are, restarted with its
// queues when it gives up, drained and stopped in its turn.
func TestSUPPoolIsAChild(t *testing.T) {
	var made atomic.Int64
	build := func(context.Context) (*hand, error) { return &hand{made.Add(1)}, nil }
	pool := actor.NewPool(2, build, actor.WithLogger(quiet), actor.WithRestarts(1, time.Hour))
	events := make(chan supervisor.Event, 100)
	tree := supervisor.New("shop", supervisor.Spec{
		Logger:   quiet,
		Children: []supervisor.Child{{Name: "workers", Service: pool}},
		OnEvent:  func(e supervisor.Event) { events <- e },
	})
	ctx := context.Background()
	if err := tree.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if n := made.Load(); n != 2 {
		t.Errorf("the tree is up, and %d members are: want 2", n)
	}
	if name := pool.Name(); name != "shop/workers" {
		t.Errorf("the pool is %s", name)
	}
	who, err := actor.Gather(ctx, pool, func(h *hand) (int64, error) { return h.number, nil })
	slices.Sort(who)
	if err != nil || !slices.Equal(who, []int64{1, 2}) {
		t.Errorf("the members are %v, %v", who, err)
	}
	if name := pool.Members()[1].Name; name != "shop/workers/1" {
		t.Errorf("a member is %s", name)
	}
	// The first crash is the pool's affair, the second its supervisor's.
	for range 2 {
		if err := pool.Run(ctx, func(*hand) error { panic("no") }); actor.OutcomeOf(err) != actor.Crashed {
			t.Errorf("the call = %v", err)
		}
	}
	for e := range events {
		if e.Kind == supervisor.Restarting {
			break
		}
	}
	if err := pool.Run(ctx, func(*hand) error { return nil }); err != nil {
		t.Errorf("what was asked of a pool that is restarted = %v", err)
	}
	if i := tree.Children()[0]; i.Restarts != 1 || !errors.Is(i.Err, actor.ErrRestarts) {
		t.Errorf("the child has %d restarts, %v: want 1", i.Restarts, i.Err)
	}
	var ran atomic.Int64
	for range 100 {
		if err := pool.Do(func(*hand) { ran.Add(1) }); err != nil {
			t.Error(err)
		}
	}
	if err := tree.Stop(ctx); err != nil {
		t.Error(err)
	}
	if n := ran.Load(); n != 100 {
		t.Errorf("%d of 100 have run", n)
	}
	if i := pool.Info(); i.State != actor.Down {
		t.Errorf("after the tree's stop: %+v", i)
	}
	if err := pool.Do(func(*hand) {}); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Do = %v", err)
	}
}

// A member that does not return is cut off in the pool's time, and named.
func TestSUPPoolThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build := func(context.Context) (*hand, error) { return &hand{}, nil }
		pool := actor.NewPool(2, build, actor.WithLogger(quiet))
		tree := supervisor.New("shop", supervisor.Spec{
			Logger:   quiet,
			Children: []supervisor.Child{{Name: "workers", Service: pool, Shutdown: time.Second}},
		})
		if err := tree.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		if err := pool.Do(func(*hand) { <-release }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		start := time.Now()
		var stuck *supervisor.StuckError
		if err := tree.Stop(context.Background()); !errors.As(err, &stuck) || stuck.Children[0].Running == "" {
			t.Errorf("Stop = %v", err)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("after %v: want 1s", d)
		}
		close(release)
	})
}

func TestSUPPoolThatIsStoppedIsLeftDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build := func(context.Context) (*hand, error) { return &hand{}, nil }
		pool := actor.NewPool(2, build, actor.WithLogger(quiet))
		tree := supervisor.New("shop", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Name: "workers", Service: pool}}})
		if err := tree.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := pool.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if i := tree.Children()[0]; i.State != supervisor.Gone || i.Restarts != 0 {
			t.Errorf("the child is %+v", i)
		}
		if err := tree.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
