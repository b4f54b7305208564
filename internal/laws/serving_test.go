package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/tree"
)

var errEnough = errors.New("enough")

func serving() *tree.Serving {
	return tree.NewServing(context.Background(), tree.Place{Path: "tree/svc"})
}

func declared() *actor.Service[actortest.Plain] {
	return actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
}

// A service ends with the context that its supervisor ends: what was accepted runs, and
// what comes is refused.
func TestSTATEServingEndsTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		svc := declared()
		served := actortest.Serve(ctx, svc)
		b := actortest.Occupy(t, svc)
		ran := false
		actortest.Do(t, svc, func(*actortest.Plain) { ran = true })
		ctx.End(nil)
		if got := svc.Info().State; got != actor.Draining {
			t.Errorf("the service is %v", got)
		}
		b.LetGo()
		if err := <-served; err != nil || !ran {
			t.Errorf("Serve = %v; what had been accepted has run: %t", err, ran)
		}
		svc.Kill()
	})
}

// The cause of the end reaches the service: with Restart it keeps its queue.
func TestSTATEServingEndsForARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		svc := declared()
		served := actortest.Serve(ctx, svc)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*actortest.Plain) {})
		ctx.End(actor.Restart)
		b.LetGo()
		if err := <-served; err != nil || svc.Info().Queued != 1 {
			t.Errorf("Serve = %v, and %d closures wait", err, svc.Info().Queued)
		}
		svc.Kill()
	})
}

// Who is served with a context that is derived from the supervisor's, or as the second
// with the same one, ends with it as well.
func TestSTATEServingEndsOthersToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		derived, cancel := context.WithCancel(ctx)
		defer cancel()
		for _, served := range []<-chan error{
			actortest.Serve(ctx, declared()), actortest.Serve(ctx, declared()), actortest.Serve(derived, declared()),
		} {
			defer func() {
				if err := <-served; err != nil {
					t.Errorf("Serve = %v", err)
				}
			}()
		}
		synctest.Wait()
		ctx.End(nil)
	})
}

// An end that comes before the service has begun is found by it; one that comes when it
// is over does no harm.
func TestSTATEServingEndsBeforeServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		ctx.End(nil)
		svc := declared()
		if err := <-actortest.Serve(ctx, svc); err != nil {
			t.Errorf("Serve = %v", err)
		}
		ctx.End(errEnough)
		svc.Kill()
	})
}

// However an end and the beginning of Serve fall together, it is noticed.
func TestSTATEServingEndsWhileServeBegins(t *testing.T) {
	for i := range 2000 {
		ctx, svc := serving(), declared()
		served := actortest.Serve(ctx, svc)
		go ctx.End(nil)
		if i%2 == 0 {
			go ctx.End(actor.Restart)
		}
		if err := <-served; err != nil {
			t.Fatal(err)
		}
		svc.Kill()
	}
}
