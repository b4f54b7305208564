package pool_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
)

// Of a pool one member gets each event, the one with the least to do; a member of a key
// gets all of its own.
func TestTopicOfAPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := staff(t, 3, actor.WithCapacity(2))
		var news topic.Topic[int]
		published := func(want int) {
			t.Helper()
			if got := news.Publish(1); got != want {
				t.Errorf("%d have accepted it: want %d", got, want)
			}
		}
		var got atomic.Int64
		cancel, err := topic.Subscribe(&news, p, func(w *worker, e int) { got.Add(int64(e)) })
		if err != nil {
			t.Fatal(err)
		}
		letGo := occupyAll(t, p)
		for range 6 {
			published(1)
		}
		published(0) // all three are full
		if i := info(p); i.Refused != 1 || i.Queued != 6 {
			t.Errorf("Info = %+v", i)
		}
		letGo()
		synctest.Wait()
		if got.Load() != 6 {
			t.Errorf("%d events came: want 6", got.Load())
		}
		cancel()
		key := p.Key("one")
		var who []int64
		if _, err := topic.Subscribe(&news, key, func(w *worker, e int) { who = append(who, w.number) }); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			published(1)
			synctest.Wait()
		}
		if n, err := actor.Get(t.Context(), key, (*worker).who); err != nil || !slices.Equal(who, []int64{n, n, n}) {
			t.Errorf("the key's events came to %v: want %d, %v", who, n, err)
		}
		actortest.Stop(t, p)
		published(0)
		if _, err := topic.Subscribe(&news, p, func(*worker, int) {}); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Subscribe of a stopped pool = %v", err)
		}
	})
}

// A pool whose members have crashed gets its events when it is back, and one that has
// stopped is forgotten.
func TestTopicForgetsAPoolThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := staff(t, 2)
		var news topic.Topic[int]
		var got atomic.Int64
		if _, err := topic.Subscribe(&news, p, func(w *worker, e int) { got.Add(int64(e)) }); err != nil {
			t.Fatal(err)
		}
		p.Broadcast(func(*worker) { panic("no") })
		news.Publish(1)
		synctest.Wait()
		if n := got.Load(); n != 1 {
			t.Errorf("%d events came: want 1", n)
		}
		actortest.Stop(t, p)
		news.Publish(1)
		if i := news.Info(); i.Subscribers != 0 {
			t.Errorf("%+v", i)
		}
	})
}

// A pool's members are inside its tree's interceptors, and inside its own.
func TestInterceptorsOfAPool(t *testing.T) {
	var seen []string
	called := func(name string) actor.Interceptor {
		return func(_ actor.Closure, run func() error) error { seen = append(seen, name); return run() }
	}
	p := newPool(2, workers(), supervisor.Spec{Interceptors: []actor.Interceptor{called("pool")}})
	tree := supervisor.New("tree", supervisor.Spec{
		Logger: silent, Interceptors: []actor.Interceptor{called("tree")}, Children: []supervisor.Child{{Service: p}},
	})
	if err := tree.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(context.Background(), func(*worker) error { return nil }); err != nil {
		t.Error(err)
	}
	actortest.Stop(t, tree)
	if !slices.Equal(seen, []string{"tree", "pool"}) {
		t.Errorf("%q", seen)
	}
}

// Of a pool the members are watched, one by one.
func TestWatchOfAMember(t *testing.T) {
	p := staff(t, 1, actor.WithName("crew"))
	svc := actor.Start(&struct{}{}, actortest.Quiet())
	told := make(chan actor.DownNotice, 1)
	defer actor.Watch(p.Members()[0], svc, func(_ *struct{}, d actor.DownNotice) { told <- d })()
	_ = p.Do(func(*worker) { panic("down") })
	if d := <-told; d.Service != "crew/0" || d.Incarnation != 1 {
		t.Errorf("the notice is %+v", d)
	}
	actortest.Stop(t, p)
	actortest.Stop(t, svc)
}
