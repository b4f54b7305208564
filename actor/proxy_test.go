package actor_test

import (
	"context"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// To go through a proxy allocates nothing that the service does not.
func TestProxyAllocatesNothing(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	ctx := context.Background()
	add := func(*actortest.Plain) {}
	for _, form := range []struct {
		name           string
		proxy, without func()
	}{
		{"Do", func() { _ = actor.ProxyOf(svc).Do(add) }, func() { _ = svc.Do(add) }},
		{"DoContext", func() { _ = actor.ProxyOf(svc).DoContext(ctx, actortest.Ignore) }, func() { _ = svc.DoContext(ctx, actortest.Ignore) }},
		{"Run", func() { _ = actor.ProxyOf(svc).Run(ctx, actortest.Nothing) }, func() { _ = svc.Run(ctx, actortest.Nothing) }},
		{"RunContext", func() { _ = actor.ProxyOf(svc).RunContext(ctx, actortest.NothingContext) }, func() { _ = svc.RunContext(ctx, actortest.NothingContext) }},
		{"Call", func() { _, _ = actor.Call(ctx, actor.ProxyOf(svc), actortest.Number) }, func() { _, _ = actor.Call(ctx, svc, actortest.Number) }},
		{"CallContext", func() { _, _ = actor.CallContext(ctx, actor.ProxyOf(svc), actortest.NumberContext) }, func() { _, _ = actor.CallContext(ctx, svc, actortest.NumberContext) }},
		{"Get", func() { _, _ = actor.Get(ctx, actor.ProxyOf(svc), (*actortest.Plain).Value) }, func() { _, _ = actor.Get(ctx, svc, (*actortest.Plain).Value) }},
		{"Async", func() { actor.Async(actor.ProxyOf(svc), actortest.Number) }, func() { actor.Async(svc, actortest.Number) }},
	} {
		round := func(f func()) func() {
			return func() { f(); _ = svc.Run(ctx, actortest.Nothing) } // until the queue is empty again
		}
		with, without := testing.AllocsPerRun(200, round(form.proxy)), testing.AllocsPerRun(200, round(form.without))
		if with > without {
			t.Errorf("%s: %v allocations with a proxy, %v without", form.name, with, without)
		}
	}
}

func BenchmarkProxy(b *testing.B) {
	ctx := context.Background()
	add := func(t *tally) { t.n++ }
	for _, with := range []string{"without", "with"} {
		proxied := with == "with"
		b.Run("Do/"+with, func(b *testing.B) {
			svc := actor.Start(new(tally), actortest.Quiet())
			if proxied {
				each(b, 1, func() { _ = actor.ProxyOf(svc).Do(add) })
			} else {
				each(b, 1, func() { _ = svc.Do(add) })
			}
			_ = svc.Stop(ctx)
		})
		b.Run("Get/"+with, func(b *testing.B) {
			svc := actor.Start(new(tally), actortest.Quiet())
			if proxied {
				each(b, 1, func() { _, _ = actor.Get(ctx, actor.ProxyOf(svc), (*tally).value) })
			} else {
				each(b, 1, func() { _, _ = actor.Get(ctx, svc, (*tally).value) })
			}
			_ = svc.Stop(ctx)
		})
	}
}
