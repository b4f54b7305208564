package laws_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Watches are set and cancelled, and watchers restarted, while the target ends again
// and again: no watcher hears of one end twice, or in another order.
func TestWATCHHammer(t *testing.T) {
	target := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
	svc := actor.Start(&onlooker{}, actortest.Quiet())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 300 {
			served := actortest.Serve(actortest.Supervised(context.Background()), target)
			if err := target.Do(actortest.Panics); err != nil {
				t.Error(err)
			}
			<-served
		}
	}()
	for range 300 {
		heard := []uint64{}
		cancel := actor.Watch(target, svc, func(_ *onlooker, d actor.DownNotice) { heard = append(heard, d.Incarnation) })
		err := svc.Run(t.Context(), func(*onlooker) error {
			cancel()
			if !slices.IsSorted(heard) || len(slices.Compact(slices.Clone(heard))) != len(heard) {
				return fmt.Errorf("heard of %v", heard)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	<-done
	actortest.Stop(t, target)
	actortest.Stop(t, svc)
}
