package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// Whatever crashes, the shop comes back, or gives up where a restart was not enough; what went
// into a till that lives is there. In 200 runs, each twice.
func TestShopUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		shop := newShop()
		if err := shop.root.Start(s.Context()); err != nil {
			s.Fatal(err)
		}
		faults := sim.Every
		faults.Crash = .1 // money gives up after one restart
		s.Faults(faults)
		for i := range 3 {
			s.Go(fmt.Sprint("customer", i), func(ctx context.Context) {
				for range 4 {
					_ = actor.Wait(ctx, shop.till, func(t *till) { t.put(1) })
				}
			})
		}
		ended := func() bool {
			select {
			case <-shop.root.Done():
				return true
			default:
				return false
			}
		}
		s.Eventually("the shop is open, or has given up", time.Minute, func() bool {
			return shop.root.Up() || ended()
		})
		s.Finally("the books are right", func() error {
			var gaveUp *supervisor.GaveUpError
			if ended() && !errors.As(shop.root.Err(), &gaveUp) {
				return fmt.Errorf("it is over: %v", shop.root.Err())
			}
			i := shop.till.Info()
			if t, _ := sim.State(shop.till); t != nil && i.Incarnation == 1 && uint64(t.cash) != i.Executed {
				return fmt.Errorf("%d, after %d payments", t.cash, i.Executed)
			}
			if s.Sometimes("money gave up", i.Incarnation > 2); i.Accepted != i.Executed+i.Dead+i.Skipped {
				return fmt.Errorf("%+v", i)
			}
			return nil
		})
	}, sim.Check())
}
