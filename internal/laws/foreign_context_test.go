package laws_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// Whatever is given a context that misbehaves, at whichever of its questions and in whatever
// state the service is, harms the goroutine that brought it, and nothing else: the service goes
// on meanwhile, and ends.
func TestL17ContextsOfAllThatIsExported(t *testing.T) {
	var names []string
	probe := actor.Start(&actortest.Plain{}, actortest.Quiet())
	names = slices.Sorted(maps.Keys(exported(t, probe).Calls(t, t.Context())))
	probe.Kill()
	if len(names) < 20 {
		t.Fatalf("only %v take a context", names)
	}
	for _, name := range names {
		for _, manner := range append([]string{hostile.CallsBack}, hostile.Names...) {
			for _, state := range []string{"idle", "busy", "full"} {
				for at := int64(1); at < 10 && hostileContext(t, name, manner, state, at); at++ {
				}
			}
		}
	}
}

// hostileContext reports whether the context was asked that question.
func hostileContext(t *testing.T, name, manner, state string, at int64) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(2), actor.WithBatch(1, func(*actortest.Plain) error { return nil }))
		m, release := hostile.NewCalling(manner, func() { callBack(svc) })
		base, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		ctx := &hostile.Context{Context: base, Manner: m, At: at}
		call := exported(t, svc).Calls(t, ctx)[name]
		synctest.Wait()
		gate := make(chan struct{})
		if state != "idle" {
			actortest.Do(t, svc, func(*actortest.Plain) { <-gate })
			synctest.Wait()
		}
		for state == "full" && svc.Do(nothingOf) == nil {
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			call()
		}()
		time.Sleep(2 * time.Second)
		close(gate)
		goesOn := func(when string) {
			svc.Resume()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := svc.Run(ctx, func(*actortest.Plain) error { return nil }); err != nil && !errors.Is(err, actor.ErrStopped) {
				t.Errorf("%s, %s, which %s at question %d: %s: %v", name, state, manner, at, when, err)
			}
		}
		goesOn("meanwhile")
		release()
		<-over
		goesOn("afterwards")
		ctx2, cancel2 := context.WithTimeout(context.Background(), time.Minute)
		defer cancel2()
		if err := svc.Stop(ctx2); errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, %s, which %s at question %d: Stop: %v", name, state, manner, at, err)
		}
		reached = ctx.Reached()
	})
	return reached
}

// callBack has a service do and say what it can.
func callBack(svc *actor.Service[actortest.Plain]) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second/10)
	defer cancel()
	_ = svc.Do(nothingOf)
	_ = svc.Info()
	_, _, _ = svc.Name(), svc.Err(), svc.Done()
	_ = svc.Run(ctx, actortest.Nothing)
	_, _ = actor.Inspect(ctx, svc, func(*actortest.Plain) int { return 0 })
	svc.Resume()
}

func nothingOf(*actortest.Plain) {}

// A service whose call a context has ended with a panic waits no more: nobody is refused because of it.
func TestL17CallThatPanicsWaitsNoMore(t *testing.T) {
	panics := 0
	for at := int64(1); at < 8; at++ {
		synctest.Test(t, func(t *testing.T) {
			a := actor.Start(&actortest.Plain{}, actortest.Quiet())
			b := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(1))
			gate, goOn, err := make(chan struct{}), make(chan struct{}), error(nil)
			actortest.Do(t, b, func(*actortest.Plain) { <-gate; err = a.Run(context.Background(), nothing) })
			synctest.Wait()
			actortest.Do(t, b, func(*actortest.Plain) {}) // it is full
			m, release := hostile.New("panics")
			defer release()
			base, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			panicked := false
			actortest.Do(t, a, func(*actortest.Plain) {
				func() {
					defer func() { panicked = recover() != nil }()
					_ = b.Run(&hostile.Context{Context: base, Manner: m, At: at}, nothing)
				}()
				<-goOn // a service that sleeps waits for nothing, whatever it was about before
			})
			synctest.Wait()
			close(gate)
			synctest.Wait()
			close(goOn)
			synctest.Wait()
			if panicked {
				if panics++; err != nil {
					t.Errorf("question %d: %v", at, err)
				}
			}
			actortest.Stop(t, a)
			actortest.Stop(t, b)
		})
	}
	if panics == 0 {
		t.Error("the context was not asked")
	}
}

func nothing(*actortest.Plain) error { return nil }
