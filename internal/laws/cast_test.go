package laws_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A DoContext allocates once, for its closure and the closure's context: into a queue, with
// room and when it has to wait for that, whether its own context ends or not.
func TestDoContextAllocatesOnce(t *testing.T) {
	ends, cancel := context.WithCancel(context.Background())
	defer cancel()
	contexts := map[string]context.Context{
		"that never ends": context.Background(), "with a value": context.WithValue(context.Background(), key{}, 1),
		"that may end": ends,
	}
	const many = 16
	for name, ctx := range contexts {
		for _, row := range []struct {
			name string
			opts []actor.Option
		}{
			{"unbounded", nil},
			{"with room", []actor.Option{actor.WithCapacity(2 * many)}},
			{"waiting for room", []actor.Option{actor.WithCapacity(1)}}, // all but the first two
		} {
			svc := actor.Start(&actortest.Plain{}, append(row.opts, actortest.Quiet())...)
			measure := func(sender string) {
				n := testing.AllocsPerRun(50, func() {
					for range many {
						if err := svc.DoContext(ctx, actortest.Ignore); err != nil {
							t.Error(err)
						}
					}
					_ = svc.Run(context.Background(), actortest.Nothing)
				})
				if n > many {
					t.Errorf("%s, %s, a context %s: %v allocations for %d closures", sender, row.name, name, n, many)
				}
			}
			measure("a goroutine")
			if ctx.Done() == nil { // of its wait for room another service would have to know the end
				other := actor.Start(&actortest.Plain{}, actortest.Quiet())
				if err := other.Run(context.Background(), func(*actortest.Plain) error { measure("a service"); return nil }); err != nil {
					t.Error(err)
				}
				actortest.Stop(t, other)
			}
			actortest.Stop(t, svc)
		}
	}
}

// A closure's context is its own for ever: whoever keeps it does not speak for a closure that
// comes later, also of the same function, from the same sender, and behind the same bound.
func TestL10ContextIsNotUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("svc")
		const closures = 20
		kept := map[context.Context]bool{}
		gate := make(chan struct{})
		var present context.Context
		do := func(ctx context.Context, _ *actortest.Plain) {
			kept[ctx], present = true, ctx
			<-gate
		}
		for range closures {
			go func() {
				if err := svc.DoContext(context.Background(), do); err != nil {
					t.Error(err)
				}
			}()
		}
		for i := range closures {
			synctest.Wait() // it is in the next closure
			if len(kept) != i+1 {
				t.Fatalf("%d contexts of %d closures", len(kept), i+1)
			}
			called := make(chan error, len(kept))
			ended, cancel := context.WithCancel(context.Background())
			for ctx := range kept {
				if ctx == present {
					continue
				}
				go func() {
					ctx, cancel := context.WithCancel(ctx)
					defer cancel()
					defer context.AfterFunc(ended, cancel)()
					called <- svc.Run(ctx, actortest.Nothing)
				}()
			}
			synctest.Wait()
			if len(called) > 0 {
				t.Errorf("a goroutine with the context of an earlier closure: %v", <-called)
			}
			cancel()
			synctest.Wait()
			gate <- struct{}{}
		}
		actortest.Stop(t, svc)
	})
}

// A service that goes on sending to itself keeps none of the closures that it comes from, nor
// their contexts, whether each passes its context on or its function does.
func TestL12SentClosuresAreNotKept(t *testing.T) {
	for name, pass := range map[string]func(context.Context) context.Context{
		"with its context":            func(ctx context.Context) context.Context { return ctx },
		"with a function that has it": func(context.Context) context.Context { return context.Background() },
	} {
		for _, capacity := range []int{1, 8} {
			t.Run(fmt.Sprint(name, capacity), func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(capacity), actortest.Quiet())
				const closures = 10
				var captured []weak.Pointer[[100]int]
				var contexts atomic.Int32 // that are no more
				var last context.Context
				over := make(chan struct{})
				var next func(before context.Context) func(context.Context, *actortest.Plain)
				next = func(before context.Context) func(context.Context, *actortest.Plain) {
					value := new([100]int)
					captured = append(captured, weak.Make(value))
					return func(ctx context.Context, p *actortest.Plain) {
						value[0], last = 1, ctx
						runtime.SetFinalizer(ctx, func(context.Context) { contexts.Add(1) })
						_ = before.Err()
						if len(captured) == closures {
							close(over)
						} else if err := svc.DoContext(pass(ctx), next(ctx)); err != nil {
							t.Error(err)
						}
					}
				}
				if err := svc.DoContext(context.Background(), next(context.Background())); err != nil {
					t.Fatal(err)
				}
				<-over
				actortest.Stop(t, svc)
				next = nil
				actortest.Collected(t, "a context", func() bool { return contexts.Load() == closures-1 })
				actortest.Collected(t, "a closure", func() bool {
					return !slices.ContainsFunc(captured, func(p weak.Pointer[[100]int]) bool { return p.Value() != nil })
				})
				runtime.KeepAlive(last)
			})
		}
	}
}
