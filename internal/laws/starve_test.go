package laws_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// No loop of anything that is done to a service keeps what is sent to it from running,
// with one processor either. Each loop is run by two goroutines at once.
func TestNoLoopStarvesAService(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ctx := context.Background()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	other := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, other)
	down := func(*actortest.Plain, actor.DownNotice) {}
	type option = actor.Option
	var ran atomic.Int64 // closures of the service
	add := func(*actortest.Plain) { ran.Add(1) }
	for name, row := range map[string]struct {
		waits   bool // in each turn for the service
		options []option
		turn    func(svc plainService) func()
	}{
		"Inspect": {waits: true, turn: func(svc plainService) func() { return func() { value(t, svc) } }},
		"Inspect given up": {turn: func(svc plainService) func() {
			return func() { _, _ = actor.Inspect(ended, svc, (*actortest.Plain).Value) }
		}},
		"Pause and Resume": {waits: true, turn: func(svc plainService) func() { return func() { _ = svc.Pause(ctx); svc.Resume() } }},
		"Pause given up":   {turn: func(svc plainService) func() { return func() { _ = svc.Pause(ended); svc.Resume() } }},
		"Pause and Inspect": {waits: true, turn: func(svc plainService) func() {
			return func() { _ = svc.Pause(ctx); value(t, svc); svc.Resume() }
		}},
		"Info": {turn: func(svc plainService) func() { return func() { svc.Info(); svc.History(); svc.Load() } }},
		"Record": {turn: func(svc plainService) func() {
			return func() { r := svc.Record(1); _, _ = r.Wait(ended); r.Stop() }
		}},
		"views": {turn: func(svc plainService) func() {
			return func() { v := actor.NewView(svc, (*actortest.Plain).Value); v.Load(); v.Close() }
		}},
		"Watch":    {turn: func(svc plainService) func() { return func() { actor.Watch(svc, other, down)() } }},
		"watching": {turn: func(svc plainService) func() { return func() { actor.Watch(other, svc, down)() } }},
		"After":    {turn: func(svc plainService) func() { return func() { svc.After(time.Hour, add).Cancel() } }},
		"After at once": {turn: func(svc plainService) func() {
			return func() { svc.After(0, func(*actortest.Plain) {}).Cancel() }
		}},
		"WhenIdle": {turn: func(svc plainService) func() { return func() { svc.WhenIdle(time.Hour, add).Cancel() } }},
		"Send to what drops": {options: []option{actor.WithCapacity(4), actor.WithOverflow(actor.DropOldest)}, turn: func(svc plainService) func() {
			r, err := actor.NewRecipient(svc, func(p *actortest.Plain, _ int) { add(p) })
			if err != nil {
				t.Fatal(err)
			}
			return func() { _ = r.Send(1) }
		}},
		"Do to what is full": {options: []option{actor.WithCapacity(1)}, turn: func(svc plainService) func() {
			return func() { _ = svc.Do(func(*actortest.Plain) {}) }
		}},
		"waiting for room": {waits: true, options: []option{actor.WithCapacity(1)}, turn: func(svc plainService) func() {
			return func() { _ = svc.DoContext(ctx, func(context.Context, *actortest.Plain) {}) }
		}},
		"room given up": {options: []option{actor.WithCapacity(1)}, turn: func(svc plainService) func() {
			return func() { _ = svc.DoContext(ended, func(context.Context, *actortest.Plain) {}) }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, append(row.options, actortest.Quiet())...)
			turn := row.turn(svc)
			closures, limit := int64(10), int64(20_000_000) // many times what a loop makes before it is interrupted
			if row.waits {
				closures, limit = 200, 20_000
			}
			var turns atomic.Int64
			var wg sync.WaitGroup
			b := actortest.Occupy(t, svc)
			goal := ran.Load() + closures
			for range closures { // where the mailbox is full each waits for its place in the line
				wg.Go(func() { _ = svc.DoContext(ctx, func(_ context.Context, p *actortest.Plain) { add(p) }) })
			}
			for range 100 { // all of them have sent, or stand in line, before the loops begin
				runtime.Gosched()
			}
			for range 2 {
				wg.Go(func() {
					for ran.Load() < goal {
						if turns.Add(1) > limit {
							t.Errorf("%d of %d closures have not run in %d turns", goal-ran.Load(), closures, limit)
							return
						}
						turn()
					}
				})
			}
			runtime.Gosched() // to the loops
			b.LetGo()
			wg.Wait()
			t.Logf("%d closures in %d turns", closures, turns.Load())
			actortest.Stop(t, svc)
		})
	}
}
