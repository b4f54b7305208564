package topic_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// senderKey is a value that a sender's context has.
type senderKey struct{}

// An interceptor sees the context of the event's sender, of that event and no other, also of
// one that has ended; a channel and a late subscriber get such an event as any.
func TestTopicPublishContext(t *testing.T) {
	var news topic.Topic[int]
	news.Keep = 1
	var seen []any
	svc := actor.Start(&actortest.Plain{}, actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		if !c.Awaited() {
			seen = append(seen, c.Context().Value(senderKey{}))
		}
		return run()
	}))
	subscribe(t, &news, svc, func(*actortest.Plain, int) {})
	events, cancel := topic.Chan(&news, 2)
	defer cancel()
	ctx, end := context.WithCancel(context.WithValue(t.Context(), senderKey{}, "ada"))
	end()
	if got := news.PublishContext(ctx, 1); got != 2 {
		t.Errorf("%d got it", got)
	}
	if err := svc.Run(t.Context(), func(*actortest.Plain) error { return nil }); err != nil {
		t.Error(err)
	}
	if got := news.Publish(2); got != 2 { // what the first one took on its way is used again
		t.Errorf("%d got it", got)
	}
	if got := news.PublishContext(ctx, 3); got != 1 {
		t.Errorf("%d got it: the channel has no room", got)
	}
	var late []int
	subscribe(t, &news, svc, func(_ *actortest.Plain, n int) { late = append(late, n) }, topic.Replay(1))
	actortest.Stop(t, svc)
	if len(seen) != 4 || seen[0] != "ada" || seen[1] != nil || seen[2] != "ada" || seen[3] != nil {
		t.Errorf("senders: %v", seen)
	}
	if first, second := <-events, <-events; first != 1 || second != 2 || len(late) != 1 || late[0] != 3 {
		t.Errorf("the channel got %d and %d, and who came late %v", first, second, late)
	}
	if i := news.Info(); i.Published != 3 || i.Delivered != 5 || i.Refused != 1 {
		t.Errorf("%+v", i)
	}
}

// A crash names the closures on whose behalf the event was published.
func TestTopicPublishContextCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news topic.Topic[int]
		shop := actor.Start(&actortest.Plain{}, actor.WithName("shop"), actortest.Quiet())
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		subscribe(t, &news, svc, func(*actortest.Plain, int) { panic("crash") })
		err := shop.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Plain) error {
			news.PublishContext(ctx, 1)
			return nil
		})
		<-svc.Done()
		var crash *actor.PanicError
		if err != nil || !errors.As(svc.Err(), &crash) || len(crash.Callers()) != 1 || crash.Callers()[0].Service != "shop" {
			t.Errorf("%v, callers %v", err, crash.Callers())
		}
		actortest.Stop(t, shop)
	})
}

// It allocates nothing, and its context is let go of at the turn.
func TestTopicPublishContextCosts(t *testing.T) {
	var news topic.Topic[int]
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	subscribe(t, &news, svc, func(*actortest.Plain, int) {})
	value := new([1 << 10]byte)
	held := weak.Make(value)
	ctx := context.WithValue(t.Context(), senderKey{}, value)
	turn := func() {
		news.PublishContext(ctx, 1)
		_ = svc.Run(context.Background(), func(*actortest.Plain) error { return nil })
	}
	turn()
	if n := testing.AllocsPerRun(100, turn); n != 0 {
		t.Errorf("%v allocations", n)
	}
	runtime.KeepAlive(ctx)
	value, ctx = nil, nil
	actortest.Collected(t, "the context of an event", func() bool { return held.Value() == nil })
	runtime.KeepAlive(&news)
	actortest.Stop(t, svc)
}
