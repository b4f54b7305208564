package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Whatever the service runs can end it without its context: methods that have none.
func TestL8ExitOnItsGoroutine(t *testing.T) {
	exit := func(*actortest.Plain) { actor.Exit(context.Background(), errLost) }
	nothing := func(*actor.Service[actortest.Plain]) {}
	for name, row := range map[string]struct {
		build func(context.Context)
		send  func(*actor.Service[actortest.Plain])
	}{
		"the constructor": {func(context.Context) { exit(nil) }, nothing},
		"Continue":        {func(ctx context.Context) { actor.Continue(ctx, exit) }, nothing},
		"a timer":         {func(ctx context.Context) { actor.Self[actortest.Plain](ctx).After(1, exit) }, nothing},
		"Do":              {func(context.Context) {}, func(svc *actor.Service[actortest.Plain]) { actortest.Do(t, svc, exit) }},
		"Wait": {func(context.Context) {}, func(svc *actor.Service[actortest.Plain]) {
			if err := actor.Wait(context.Background(), svc, exit); err != nil {
				t.Error(err)
			}
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.New(func(ctx context.Context) (*actortest.Plain, error) { row.build(ctx); return &actortest.Plain{}, nil }, actortest.Quiet())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			row.send(svc)
			if err := <-served; !errors.Is(err, errLost) {
				t.Errorf("%s: Serve = %v", name, err)
			}
			svc.Kill()
		})
	}
}

// A context that belongs to another service is that one's, and not the goroutine's.
func TestL8ExitOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var of context.Context
		other := actor.New(func(ctx context.Context) (*actortest.Plain, error) { of = ctx; return &actortest.Plain{}, nil }, actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(context.Background()), other)
		synctest.Wait()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if err := actor.Wait(t.Context(), svc, func(*actortest.Plain) { actor.Exit(of, errLost) }); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, errLost) {
			t.Errorf("Serve = %v", err)
		}
		if err := actor.Wait(t.Context(), svc, increment); err != nil {
			t.Errorf("the one that has called Exit: %v", err)
		}
		actortest.Stop(t, svc)
		panicsWith(t, "actor: Exit with a context that belongs to no service", func() { actor.Exit(context.Background(), nil) })
	})
}
