package actor_test

import (
	"context"
	"io"
	"runtime/trace"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// What each instrument costs; the table is in docs/observing.rst. Compare the figures of
// one run only:
//
//	go test -run '^$' -bench 'Observe|Look' -count 5 ./actor

// BenchmarkObserve is of closures that one goroutine hands over and the service runs.
func BenchmarkObserve(b *testing.B) {
	ctx := context.Background()
	for _, of := range []struct {
		name string
		opts []actor.Option
		on   func(b *testing.B, svc *actor.Service[tally])
		off  int // closures after which it has to be switched on again
	}{
		{name: "nothing"},
		{name: "slow", opts: []actor.Option{actor.WithSlowClosure(time.Second)}},
		{name: "times", opts: []actor.Option{actor.WithTimes()}},
		{name: "alarmed", off: 1 << 15, on: func(_ *testing.B, svc *actor.Service[tally]) { // by a refused deadlock
			_ = svc.Run(ctx, func(t *tally) error { return svc.Run(ctx, func(*tally) error { return nil }) })
		}},
		{name: "history", opts: []actor.Option{actor.WithHistory(16)}},
		{name: "trace", on: func(b *testing.B, svc *actor.Service[tally]) {
			if err := trace.Start(io.Discard); err != nil {
				b.Skip(err)
			}
			b.Cleanup(trace.Stop)
			_ = svc.Run(ctx, func(*tally) error { return nil })
		}},
	} {
		b.Run("Do/"+of.name, func(b *testing.B) {
			svc := actor.Start(new(tally), append(of.opts, actortest.Quiet())...)
			if of.on != nil {
				of.on(b, svc)
			}
			b.ReportAllocs()
			add := func(t *tally) { t.n++ }
			b.ResetTimer()
			for i := range b.N {
				if of.off > 0 && i%of.off == of.off-1 {
					of.on(b, svc)
				}
				if err := svc.Do(add); err != nil {
					b.Fatal(err)
				}
			}
			actortest.Stop(b, svc) // when all have run
		})
		b.Run("Call/"+of.name, func(b *testing.B) {
			svc := actor.Start(new(tally), append(of.opts, actortest.Quiet())...)
			if of.on != nil {
				of.on(b, svc)
			}
			b.ReportAllocs()
			for i := 1; b.Loop(); i++ {
				if of.off > 0 && i%of.off == 0 {
					of.on(b, svc)
				}
				if _, err := actor.Get(ctx, svc, (*tally).value); err != nil {
					b.Fatal(err)
				}
			}
			actortest.Stop(b, svc)
		})
	}
}

// BenchmarkLook is of those who look.
func BenchmarkLook(b *testing.B) {
	ctx := context.Background()
	svc := actor.Start(new(tally), actortest.Quiet(), actor.WithHistory(16))
	for range 100 {
		actortest.Do(b, svc, func(t *tally) { t.n++ })
	}
	for _, of := range []struct {
		name string
		look func() error
	}{
		{"Info", func() error { svc.Info(); return nil }},
		{"History", func() error { svc.History(); return nil }},
		{"Inspect", func() error { _, err := actor.Inspect(ctx, svc, (*tally).value); return err }},
		{"PauseResume", func() error { defer svc.Resume(); return svc.Pause(ctx) }},
	} {
		b.Run(of.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := of.look(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	actortest.Stop(b, svc)
}
