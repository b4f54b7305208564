package laws_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// Whatever is given an error that misbehaves, or a function that returns or panics with it,
// harms the goroutine that brought it, or the incarnation that made it, and nothing else: who
// looks at the service is not held up, who stops it no longer than its own time, and the one
// that it was handed over from goes on.
func TestL17ErrorsOfAllThatIsExported(t *testing.T) {
	probe := actor.Start(&actortest.Plain{}, actortest.Quiet())
	names := slices.Sorted(maps.Keys(exported(t, probe).Errors(t, t.Context(), context.Canceled)))
	probe.Kill()
	if len(names) < 40 {
		t.Fatalf("only %d take an error: %v", len(names), names)
	}
	errs, release := hostile.Errors()
	release()
	for _, name := range names {
		for _, err := range append(slices.Sorted(maps.Keys(errs)), hostile.CallsBack) {
			hostileError(t, name, err)
		}
	}
}

func hostileError(t *testing.T, name, manner string) {
	fault := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, which %s: "+format, append([]any{name, manner}, args...)...)
	}
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithBatch(1, func(*actortest.Plain) error { return nil }))
		errs, release := hostile.Errors()
		errs[hostile.CallsBack] = &hostile.Error{Manner: hostile.Manner{Name: manner, Act: func() { callBack(svc) }}}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		call := exported(t, svc).Errors(t, ctx, errs[manner])[name]
		synctest.Wait()
		over := make(chan struct{})
		by := actor.Start(&actortest.Plain{}, actortest.Quiet())
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			call()
		}()
		time.Sleep(2 * time.Second)
		if err := by.Run(context.Background(), actortest.Nothing); err != nil {
			fault("another service: %v", err)
		}
		begun := time.Now()
		_, _ = svc.Info(), svc.History()
		if err := svc.Err(); err != nil {
			_, _ = err.Error(), actor.OutcomeOf(err)
		}
		if took := time.Since(begun); took > 0 {
			fault("to look at it takes %v", took)
		}
		within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = svc.Stop(within)
		svc.Kill()
		<-svc.Done()
		if took := time.Since(begun); took > 6*time.Second {
			fault("Stop takes %v", took)
		}
		release()
		<-over
		actortest.Stop(t, by)
		synctest.Wait()
		actortest.Balanced(t, svc.Info())
	})
}
