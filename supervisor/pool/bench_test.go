package pool_test

import (
	"context"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Calls of a pool of four and of one of its keys, beside a call of one service.
func BenchmarkPool(b *testing.B) {
	p := staff(b, 4)
	defer actortest.Stop(b, p)
	svc := actor.Start(&worker{})
	defer actortest.Stop(b, svc)
	for _, row := range []struct {
		name string
		ref  actor.Ref[worker]
	}{{"service", svc}, {"pool", p}, {"key", p.Key("some")}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = actor.Get(context.Background(), row.ref, (*worker).who)
			}
		})
	}
}
