package topic_test

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/internal/nils"
)

// publishers are all calls of a topic that take a context.
func publishers(t *testing.T, events *topic.Topic[int], ctx context.Context) map[string]func() {
	x := nils.Table{Types: map[string]any{"Topic": events}, Args: []any{events}}
	return x.Calls(t, ctx)
}

// Whatever of a topic is given a context that misbehaves, at whichever of its questions, harms
// the publisher that brought it, and nothing else: others publish meanwhile, and the
// subscribers get it.
func TestL17ContextsOfATopic(t *testing.T) {
	names := slices.Sorted(maps.Keys(publishers(t, new(topic.Topic[int]), t.Context())))
	if len(names) == 0 {
		t.Fatal("none takes a context")
	}
	for _, name := range names {
		for _, manner := range append([]string{hostile.CallsBack}, hostile.Names...) {
			for _, state := range []string{"idle", "full", "crashes"} {
				at := int64(1)
				for at < 30 && contextOfATopic(t, name, manner, state, at) {
					at++
				}
				if at == 1 && state == "crashes" { // who has sent it is asked for then, and only then
					t.Errorf("%s, %s: it is not asked", name, state)
				}
			}
		}
	}
}

// contextOfATopic reports whether the context was asked that question.
func contextOfATopic(t *testing.T, name, manner, state string, at int64) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		events := &topic.Topic[int]{Keep: 2}
		subscriber := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(1))
		var got atomic.Int64
		beside := actor.Start(&actortest.Plain{}, actortest.Quiet())
		for _, svc := range []*actor.Service[actortest.Plain]{subscriber, beside} {
			if _, err := topic.Subscribe(events, svc, func(_ *actortest.Plain, e int) {
				if got.Add(int64(e)); e == 1 && state == "crashes" && svc == subscriber {
					panic("crash")
				}
			}); err != nil {
				t.Fatal(err)
			}
		}
		gate := make(chan struct{})
		if state == "full" {
			actortest.Do(t, subscriber, func(*actortest.Plain) { <-gate })
			synctest.Wait()
			actortest.Do(t, subscriber, func(*actortest.Plain) {})
		}
		m, release := hostile.NewCalling(manner, func() {
			_, _ = events.Info(), events.Publish(0)
			_, cancel := topic.Chan(events, 1, topic.Replay(1))
			cancel()
		})
		base, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		ctx := &hostile.Context{Context: base, Manner: m, At: at}
		call := publishers(t, events, ctx)[name]
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			call()
		}()
		synctest.Wait()
		got.Store(0)
		events.Publish(100)
		close(gate)
		synctest.Wait()
		if got.Load() < 100 || events.Info().Published < 2 {
			t.Errorf("%s, %s, which %s at question %d: another publisher's event is lost: %d", name, state, manner, at, got.Load())
		}
		release()
		<-over
		synctest.Wait()
		for _, svc := range []*actor.Service[actortest.Plain]{subscriber, beside} {
			within, cancel := context.WithTimeout(context.Background(), time.Minute)
			if err := svc.Stop(within); err != nil && state != "crashes" {
				t.Errorf("%s, %s, which %s at question %d: Stop: %v", name, state, manner, at, err)
			}
			cancel()
		}
		reached = ctx.Reached()
	})
	return reached
}
