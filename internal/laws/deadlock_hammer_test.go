package laws_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Services that call each other in a ring at the same instant: exactly one of the
// calls is refused, and all the others are answered.
func TestL10SameInstant(t *testing.T) {
	for n := 2; n <= 4; n++ {
		t.Run(fmt.Sprintf("ring of %d", n), func(t *testing.T) {
			ring := make([]plainService, n)
			for i := range ring {
				ring[i] = bounded(fmt.Sprint("s", i))
			}
			for round := range 6000 / (n * n) {
				sameInstant(t, ring, round)
				if t.Failed() {
					break
				}
			}
			for _, svc := range ring {
				actortest.Stop(t, svc)
			}
		})
	}
}

func sameInstant(t *testing.T, ring []plainService, round int) {
	var done sync.WaitGroup
	var ready atomic.Int32
	errs := make([]error, len(ring))
	for i, svc := range ring {
		next := ring[(i+1)%len(ring)]
		done.Add(1)
		actortest.Do(t, svc, func(*actortest.Plain) {
			defer done.Done()
			ready.Add(1)
			for ready.Load() < int32(len(ring)) { // all are in a closure: the calls do form a ring
				runtime.Gosched()
			}
			for range i * (round % 8) { // one a little later than the other
				_ = next.Name()
			}
			errs[i] = next.Run(context.Background(), actortest.Nothing)
		})
	}
	done.Wait()
	refused := 0
	for i, err := range errs {
		if err == nil {
			continue
		}
		refused++
		names := make([]string, len(ring))
		for j := range names {
			names[j] = fmt.Sprint("s", (i+j)%len(ring))
		}
		expectCycle(t, err, names, nil)
	}
	if refused != 1 {
		t.Errorf("%d of %d were refused", refused, len(ring))
	}
}

// Calls that go in one direction only, from many goroutines and in every way, are
// never refused. The services call those above them.
func TestL10NoFalseAlarm(t *testing.T) {
	const services, senders, each = 6, 4, 150
	all := make([]*actor.Service[actortest.Plain], services)
	for i := range all {
		all[i] = actor.Start(&actortest.Plain{}, actor.WithName(fmt.Sprint("s", i)), actortest.Quiet())
	}
	// climb has service i call some of those above it, each in some way, and so on.
	var climb func(ctx context.Context, r *rand.Rand, i int) error
	climb = func(ctx context.Context, r *rand.Rand, i int) error {
		if i == services {
			return nil
		}
		up := i + 1 + r.IntN(services-i)
		switch r.IntN(4) {
		case 0:
			return all[i].Run(ctx, func(*actortest.Plain) error { return climb(context.Background(), r, up) })
		case 1:
			return all[i].RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error { return climb(ctx, r, up) })
		case 2:
			return actortest.Second(actor.Async(all[i], func(*actortest.Plain) (int, error) {
				return 0, climb(context.Background(), r, up)
			}).Await(ctx))
		}
		return all[i].RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
			errs := make(chan error, 1)
			go func() { errs <- climb(ctx, r, up) }()
			return <-errs
		})
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(s), 10))
			for range each {
				if err := climb(context.Background(), r, r.IntN(services)); err != nil {
					t.Errorf("refused: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, svc := range all {
		actortest.Stop(t, svc)
	}
}

// Calls between services in all directions, some of which do form cycles: each
// ends, in success or as a refusal.
func TestL10EveryCallEnds(t *testing.T) {
	const services, senders, each = 4, 4, 150
	all := make([]*actor.Service[actortest.Plain], services)
	for i := range all {
		all[i] = actor.Start(&actortest.Plain{}, actor.WithName(fmt.Sprint("s", i)), actortest.Quiet())
	}
	var walk func(ctx context.Context, r *rand.Rand, depth int) error
	walk = func(ctx context.Context, r *rand.Rand, depth int) error {
		if depth == 0 {
			return nil
		}
		svc := all[r.IntN(services)]
		if r.IntN(2) == 0 {
			return svc.Run(ctx, func(*actortest.Plain) error { return walk(context.Background(), r, depth-1) })
		}
		return svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error { return walk(ctx, r, depth-1) })
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(s), 11))
			for range each {
				err := walk(context.Background(), r, 3)
				if actor.OutcomeOf(err) != actor.Ran { // the test waits for no cycle itself
					t.Errorf("a call from outside: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, svc := range all {
		actortest.Stop(t, svc)
	}
}
