package laws_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// relay is what a goroutine or service does to hand a closure to B or C.
type relay struct {
	name string
	send func(context.Context, *actor.Service[arrivals], contextNote) error
}

// contextNote is what it hands.
type contextNote = func(context.Context, *arrivals)

var relays = []relay{
	{"Do", func(ctx context.Context, svc *actor.Service[arrivals], f contextNote) error {
		return svc.Do(func(a *arrivals) { f(ctx, a) })
	}},
	{"DoContext", func(ctx context.Context, svc *actor.Service[arrivals], f contextNote) error {
		return svc.DoContext(ctx, f)
	}},
	{"Async", func(ctx context.Context, svc *actor.Service[arrivals], f contextNote) error {
		actor.Async(svc, func(a *arrivals) (int, error) { f(ctx, a); return 0, nil })
		return nil
	}},
}

// A sends to B, then to C, and C thereupon to B: what A sent is there first. All
// nine combinations of how A sends to B, and C to B, while others fill B's queue.
func TestL2CausalOrder(t *testing.T) {
	const rounds = 30
	for _, first := range relays {
		for _, second := range relays {
			t.Run(first.name+" then "+second.name, func(t *testing.T) {
				b := actor.Start(newArrivals(), actor.WithName("B"), actortest.Quiet())
				c := actor.Start(newArrivals(), actor.WithName("C"), actortest.Quiet())
				a := actor.Start(&actortest.Plain{}, actor.WithName("A"), actortest.Quiet())
				var noise sync.WaitGroup
				noise.Go(func() {
					for n := range 10 * rounds {
						actortest.Do(t, b, note(1, n))
					}
				})
				ctx := context.Background()
				for n := range rounds {
					actortest.Do(t, a, func(*actortest.Plain) {
						err := errors.Join(
							first.send(ctx, b, func(_ context.Context, v *arrivals) { note(0, 2*n)(v) }),
							c.DoContext(ctx, func(ctx context.Context, _ *arrivals) {
								if err := second.send(ctx, b, func(_ context.Context, v *arrivals) {
									note(0, 2*n+1)(v)
								}); err != nil {
									t.Error(err)
								}
							}))
						if err != nil {
							t.Error(err)
						}
					})
				}
				noise.Wait()
				actortest.Stop(t, a)
				actortest.Stop(t, c)
				var from []int
				actortest.Do(t, b, func(v *arrivals) { from = v.from[0] })
				actortest.Stop(t, b)
				checkCauses(t, from, rounds)
			})
		}
	}
}

// checkCauses wants each even number before the odd one that it caused, and each
// sender's numbers in order.
func checkCauses(t *testing.T, from []int, rounds int) {
	t.Helper()
	var causes, effects []int
	for i, n := range from {
		if n%2 == 0 {
			causes = append(causes, n)
			continue
		}
		effects = append(effects, n)
		if !slices.Contains(from[:i], n-1) {
			t.Errorf("%d came before what had caused it", n)
		}
	}
	if len(causes) != rounds || !slices.IsSorted(causes) || len(effects) != rounds ||
		!slices.IsSorted(effects) {
		t.Errorf("B got %v", from)
	}
}

// The same with goroutines instead of services, which learn of each other's
// sending through a channel.
func TestL2CausalOrderOfGoroutines(t *testing.T) {
	b := actor.Start(newArrivals(), actortest.Quiet())
	const rounds = 300
	told := make(chan int)
	var all sync.WaitGroup
	all.Go(func() {
		for n := range rounds {
			actortest.Do(t, b, note(0, 2*n))
			told <- n
		}
		close(told)
	})
	all.Go(func() {
		for n := range told {
			actortest.Do(t, b, note(0, 2*n+1))
		}
	})
	all.Wait()
	var from []int
	actortest.Do(t, b, func(v *arrivals) { from = v.from[0] })
	actortest.Stop(t, b)
	checkCauses(t, from, rounds)
}
