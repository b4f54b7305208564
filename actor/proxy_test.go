package actor_test

import (
	"context"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// To go through a proxy allocates nothing that the service does not.
func TestProxyAllocatesNothing(t *testing.T) {
	svc := actor.Start(&plain{}, quiet())
	defer stop(t, svc)
	ctx := context.Background()
	add := func(*plain) {}
	for _, form := range []struct {
		name           string
		proxy, without func()
	}{
		{"Do", func() { _ = actor.ProxyOf(svc).Do(add) }, func() { _ = svc.Do(add) }},
		{"DoContext", func() { _ = actor.ProxyOf(svc).DoContext(ctx, ignore) }, func() { _ = svc.DoContext(ctx, ignore) }},
		{"Run", func() { _ = actor.ProxyOf(svc).Run(ctx, nothing) }, func() { _ = svc.Run(ctx, nothing) }},
		{"RunContext", func() { _ = actor.ProxyOf(svc).RunContext(ctx, nothingContext) }, func() { _ = svc.RunContext(ctx, nothingContext) }},
		{"Call", func() { _, _ = actor.Call(ctx, actor.ProxyOf(svc), number) }, func() { _, _ = actor.Call(ctx, svc, number) }},
		{"CallContext", func() { _, _ = actor.CallContext(ctx, actor.ProxyOf(svc), numberContext) }, func() { _, _ = actor.CallContext(ctx, svc, numberContext) }},
		{"Get", func() { _, _ = actor.Get(ctx, actor.ProxyOf(svc), (*plain).value) }, func() { _, _ = actor.Get(ctx, svc, (*plain).value) }},
		{"Async", func() { actor.Async(actor.ProxyOf(svc), number) }, func() { actor.Async(svc, number) }},
	} {
		round := func(f func()) func() {
			return func() { f(); _ = svc.Run(ctx, nothing) } // until the queue is empty again
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
			svc := actor.Start(new(tally), quiet())
			if proxied {
				each(b, 1, func() { _ = actor.ProxyOf(svc).Do(add) })
			} else {
				each(b, 1, func() { _ = svc.Do(add) })
			}
			_ = svc.Stop(ctx)
		})
		b.Run("Get/"+with, func(b *testing.B) {
			svc := actor.Start(new(tally), quiet())
			if proxied {
				each(b, 1, func() { _, _ = actor.Get(ctx, actor.ProxyOf(svc), (*tally).value) })
			} else {
				each(b, 1, func() { _, _ = actor.Get(ctx, svc, (*tally).value) })
			}
			_ = svc.Stop(ctx)
		})
	}
}
