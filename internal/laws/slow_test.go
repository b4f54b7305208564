package laws_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/goid"
)

// hangsIn is where the closures of these tests hang.
func hangsIn(free <-chan struct{}) { <-free }

// A report of a slow closure says what runs, since when, who waits behind it, and where
// exactly it is.
func TestL10SlowReportSaysAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		var log actortest.Records
		svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithSlowClosure(time.Second), actor.WithName("stuck"), actor.WithHistory(4))
		shop := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("shop"))
		actortest.Do(t, svc, func(*actortest.Plain) {})
		free := make(chan struct{})
		asked := make(chan error, 2)
		go func() {
			asked <- shop.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
				return svc.RunContext(ctx, func(context.Context, *actortest.Plain) error { hangsIn(free); return nil })
			})
		}()
		synctest.Wait()
		go func() { asked <- svc.Run(ctx, func(*actortest.Plain) error { return nil }) }()
		time.Sleep(10 * time.Second)
		all := log.With(slowMessage)
		if len(all) < 2 {
			t.Fatalf("%d reports", len(all))
		}
		rec := all[0]
		for key, want := range map[string]string{
			"running": "TestL10SlowReportSaysAll", "func": "TestL10SlowReportSaysAll", "file": "slow_test.go",
			"waiters": "shop in laws_test.TestL10SlowReportSaysAll", "callers": "shop: ", "history": "TestL10SlowReportSaysAll",
			"stack": "hangsIn",
		} {
			if got := actortest.Attr(rec, key).String(); !strings.Contains(got, want) || key == "file" && got != want {
				t.Errorf("%s is %q, without %q", key, got, want)
			}
		}
		if actortest.Attr(rec, "line").Int64() == 0 || actortest.Attr(rec, "waiting").Int64() != 1 || actortest.Attr(rec, "for").Duration() < time.Second {
			t.Errorf("%v", rec)
		}
		if s := actortest.Attr(all[1], "stack").String(); !strings.Contains(s, "less than a minute ago") {
			t.Errorf("another stack is taken at once: %q", s)
		}
		time.Sleep(2 * time.Minute)
		all = log.With(slowMessage)
		if s := actortest.Attr(all[len(all)-1], "stack").String(); !strings.Contains(s, "hangsIn") {
			t.Errorf("no stack is taken after a minute: %q", s)
		}
		close(free)
		for range 2 {
			if err := <-asked; err != nil {
				t.Error(err)
			}
		}
		actortest.Stop(t, svc)
		actortest.Stop(t, shop)
	})
}

// Services of one tree share the limit of stack dumps, which stop the world.
func TestL10StacksAreLimitedByTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(goid.WithDumps(context.Background(), new(goid.Dumps)))
		var log actortest.Records
		free := make(chan struct{})
		build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
		var served []<-chan error
		for range 3 {
			svc := actor.New(build, log.Option(), actor.WithSlowClosure(time.Second))
			served = append(served, actortest.Serve(ctx, svc))
			actortest.Do(t, svc, func(*actortest.Plain) { hangsIn(free) })
		}
		time.Sleep(10 * time.Second)
		stacks := 0
		for _, rec := range log.With(slowMessage) {
			if strings.Contains(actortest.Attr(rec, "stack").String(), "hangsIn") {
				stacks++
			}
		}
		if stacks != 1 {
			t.Errorf("%d stacks within ten seconds", stacks)
		}
		close(free)
		cancel()
		for _, s := range served {
			<-s
		}
	})
}

// With many goroutines no stack is looked for.
func TestL10NoStackAmongManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		free := make(chan struct{})
		for range 1000 {
			go func() { <-free }()
		}
		svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithSlowClosure(time.Second))
		actortest.Do(t, svc, func(*actortest.Plain) { hangsIn(free) })
		time.Sleep(10 * time.Second)
		if n := runtime.NumGoroutine(); n <= 1000 {
			t.Fatalf("%d goroutines", n)
		}
		all := log.With(slowMessage)
		if len(all) == 0 || !strings.Contains(actortest.Attr(all[0], "stack").String(), "goroutines") {
			t.Errorf("%v", all)
		}
		close(free)
		actortest.Stop(t, svc)
	})
}
