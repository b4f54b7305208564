package laws_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A service that has nothing to do keeps alive neither the service that it has asked last
// nor what that has answered.
func TestL12LatestWaitIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := actor.Start(&actortest.Plain{}, actortest.Quiet())
		asked := func() weak.Pointer[actor.Service[actortest.Plain]] {
			b := actor.Start(&actortest.Plain{}, actortest.Quiet())
			if err := a.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) error {
				return b.Run(ctx, actortest.Nothing)
			}); err != nil {
				t.Error(err)
			}
			actortest.Stop(t, b)
			return weak.Make(b)
		}()
		synctest.Wait()
		for range 10 {
			if runtime.GC(); asked.Value() == nil {
				break
			}
		}
		if asked.Value() != nil {
			t.Error("it is kept")
		}
		actortest.Stop(t, a)
	})
}
