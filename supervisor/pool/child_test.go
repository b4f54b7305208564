package pool_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// A pool is a child like any other: up when its members are, restarted with its
// queues when it gives up, drained and stopped in its turn.
func TestSUPPoolIsAChild(t *testing.T) {
	var made atomic.Int64
	build := func(context.Context) (*worker, error) { return &worker{number: made.Add(1)}, nil }
	p := newPool(2, build, supervisor.Spec{MaxRestarts: 1, Period: time.Hour})
	events := make(chan supervisor.Event, 100)
	tree := supervisor.New("shop", supervisor.Spec{
		Logger:   silent,
		Children: []supervisor.Child{{Name: "workers", Service: p}},
		OnEvent:  func(e supervisor.Event) { events <- e },
	})
	ctx := context.Background()
	if err := tree.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if n := made.Load(); n != 2 {
		t.Errorf("the tree is up, and %d members are: want 2", n)
	}
	if name := p.Name(); name != "shop/workers" {
		t.Errorf("the pool is %s", name)
	}
	who, err := pool.Gather(ctx, p, func(w *worker) (int64, error) { return w.number, nil })
	slices.Sort(who)
	if err != nil || !slices.Equal(who, []int64{1, 2}) {
		t.Errorf("the members are %v, %v", who, err)
	}
	if name := p.Members()[1].Name(); name != "shop/workers/1" {
		t.Errorf("a member is %s", name)
	}
	// The first crash is the pool's affair, the second its supervisor's.
	for range 2 {
		if err := p.Run(ctx, func(*worker) error { panic("no") }); actor.OutcomeOf(err) != actor.Crashed {
			t.Errorf("the call = %v", err)
		}
	}
	until := func(k supervisor.Kind) {
		for e := range events {
			if e.Kind == k && e.Path == "shop/workers" {
				return
			}
		}
	}
	until(supervisor.Restarting)
	if _, err := pool.Gather(ctx, p, func(w *worker) (int64, error) { return w.number, nil }); err != nil {
		t.Errorf("what was asked of a pool that is restarted = %v", err)
	}
	var gaveUp *supervisor.GaveUpError
	if i := tree.Children()[0]; i.Restarts != 1 || !errors.As(i.Err, &gaveUp) {
		t.Errorf("the child has %d restarts, %v: want 1", i.Restarts, i.Err)
	}
	until(supervisor.Started) // a member that is not up when it is stopped has nothing to run closures with
	var ran atomic.Int64
	for range 100 {
		if err := p.Do(func(*worker) { ran.Add(1) }); err != nil {
			t.Error(err)
		}
	}
	if err := tree.Stop(ctx); err != nil {
		t.Error(err)
	}
	if n := ran.Load(); n != 100 {
		t.Errorf("%d of 100 have run", n)
	}
	for _, m := range p.Members() {
		if i := m.Info(); i.State != actor.Down {
			t.Errorf("after the tree's stop: %+v", i)
		}
	}
	if err := p.Do(func(*worker) {}); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Do = %v", err)
	}
}

// A member that does not return is cut off in the pool's time, and named.
func TestSUPPoolThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2, workers(), supervisor.Spec{})
		tree := supervisor.New("shop", supervisor.Spec{
			Logger:   silent,
			Children: []supervisor.Child{{Name: "workers", Service: p, Shutdown: time.Second}},
		})
		if err := tree.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		if err := p.Do(func(*worker) { <-release }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		start := time.Now()
		var stuck *supervisor.StuckError
		if err := tree.Stop(context.Background()); !errors.As(err, &stuck) || stuck.Children[0].Path != "shop/workers/0" || stuck.Children[0].Running == "" {
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
		p := newPool(2, workers(), supervisor.Spec{})
		tree := supervisor.New("shop", supervisor.Spec{Logger: silent, Children: []supervisor.Child{{Name: "workers", Service: p}}})
		if err := tree.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(context.Background()); err != nil {
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

// A pool is found as what it is, and its members below it, as long as it takes closures.
func TestSUPLookupOfAPool(t *testing.T) {
	p := newPool(2, workers(), supervisor.Spec{})
	tree := supervisor.New("shop", supervisor.Spec{Logger: silent, Children: []supervisor.Child{{Name: "workers", Service: p}}})
	lookup := func() error {
		found, err := supervisor.Lookup[*pool.Pool[worker]](tree, "workers")
		if err == nil && found != p {
			t.Error("another one was found")
		}
		return err
	}
	if err := lookup(); err != nil {
		t.Errorf("before the start: %v", err)
	}
	if err := tree.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := lookup(); err != nil {
		t.Error(err)
	}
	if m, err := supervisor.Lookup[*actor.Service[worker]](tree, "shop/workers/1"); m != p.Members()[1] || err != nil {
		t.Errorf("a member: %v", err)
	}
	if ref, err := supervisor.Lookup[actor.Ref[worker]](tree, "workers"); ref != actor.Ref[worker](p) || err != nil {
		t.Errorf("as a Ref: %v", err)
	}
	if _, err := supervisor.Lookup[*actor.Service[worker]](tree, "workers"); !errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), "is a *pool.Pool[") {
		t.Errorf("as a service: %v", err)
	}
	for _, name := range []string{"0", "1"} { // as long as there is one
		if err := lookup(); err != nil {
			t.Error(err)
		}
		if err := p.Terminate(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	if err := lookup(); !errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), "down") {
		t.Errorf("with no member: %v", err)
	}
	actortest.Stop(t, tree)
}
