package laws_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// A service that brings a context which misbehaves, and goes on, waits for nothing any more:
// it may be called by what it has called, also while the context has not ended yet.
func TestL17ContextsBroughtByAService(t *testing.T) {
	probe := actor.Start(&actortest.Plain{}, actortest.Quiet())
	names := slices.Sorted(maps.Keys(exported(t, probe).Calls(t, t.Context())))
	probe.Kill()
	for _, name := range names {
		for _, manner := range []string{"panics", "blocks"} {
			for _, state := range []string{"idle", "full"} {
				for at := int64(1); at < 10 && broughtByAService(t, name, manner, state, at); at++ {
				}
			}
		}
	}
}

// broughtByAService reports whether the context was asked that question.
func broughtByAService(t *testing.T, name, manner, state string, at int64) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(1), actor.WithBatch(1, func(*actortest.Plain) error { return nil }))
		by := actor.Start(&actortest.Plain{}, actortest.Quiet())
		m, release := hostile.New(manner)
		base, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		ctx := &hostile.Context{Context: base, Manner: m, At: at}
		call := exported(t, svc).Calls(t, ctx)[name]
		synctest.Wait()
		gate := make(chan bool, 1)
		if state == "full" {
			actortest.Do(t, svc, func(*actortest.Plain) {
				if panicked := <-gate; !panicked {
					return
				}
				if err := actor.Wait(context.Background(), by, nothingOf); err != nil {
					t.Errorf("%s, %s, which %s at question %d: what it had called calls it: %v", name, state, manner, at, err)
				}
			})
			synctest.Wait()
			actortest.Do(t, svc, nothingOf)
		}
		actortest.Do(t, by, func(*actortest.Plain) {
			defer func() {
				if recover() != nil {
					gate <- true
				}
			}()
			call()
		})
		time.Sleep(2 * time.Second)
		release()
		synctest.Wait()
		close(gate)
		svc.Resume()
		within, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for way, pair := range map[string][2]*actor.Service[actortest.Plain]{"calls it": {by, svc}, "is called": {svc, by}} {
			err := actor.Wait(within, pair[0], func(*actortest.Plain) {})
			if err == nil {
				_, err = actor.CallContext(within, pair[0], func(ctx context.Context, _ *actortest.Plain) (int, error) {
					return 0, actor.Wait(ctx, pair[1], nothingOf)
				})
			}
			if err != nil && !errors.Is(err, actor.ErrStopped) {
				t.Errorf("%s, %s, which %s at question %d: it %s: %v", name, state, manner, at, way, err)
			}
		}
		for _, s := range []*actor.Service[actortest.Plain]{svc, by} {
			if err := s.Stop(within); errors.Is(err, context.DeadlineExceeded) && !strings.Contains(name, "Stop") {
				t.Errorf("%s, %s, which %s at question %d: Stop: %v", name, state, manner, at, err)
			}
		}
		reached = ctx.Reached()
	})
	return reached
}
