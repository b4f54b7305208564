package actor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/tree"
)

// The second end of a context of Serve is not told: it would begin the drain anew, and
// leave the timer of the first.
func TestServingEndsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := tree.NewServing(context.Background(), tree.Place{Direct: true})
		svc := New(func(context.Context) (*int, error) { return new(int), nil }, WithDrainTime(time.Hour))
		served := make(chan error)
		go func() { served <- svc.Serve(ctx) }()
		goOn := make(chan struct{})
		_ = svc.Do(func(*int) { <-goOn })
		synctest.Wait()
		ctx.End(nil)
		first := svc.in.Load().awaited.drain
		ctx.End(nil)
		if svc.in.Load().awaited.drain != first {
			t.Error("the drain has begun anew")
		}
		close(goOn)
		if err := <-served; err != nil {
			t.Error(err)
		}
		if first.Stop() {
			t.Error("its timer is left")
		}
		svc.Kill()
	})
}
