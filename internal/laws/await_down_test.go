package laws_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// The next end, or the latest at once if the target is down; what ends while nobody awaits
// it, and what is not down, are not told.
func TestWATCHAwaitDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := actor.New((&actortest.Factory{}).Build, actor.WithName("target"), actortest.Quiet())
		awaits := func() <-chan actor.DownNotice {
			told := make(chan actor.DownNotice, 1)
			go func() {
				d, err := actor.AwaitDown(context.Background(), target)
				if err != nil {
					t.Error(err)
				}
				told <- d
			}()
			synctest.Wait()
			return told
		}
		wants := func(when string, told <-chan actor.DownNotice, number uint64, reason error) {
			t.Helper()
			select {
			case d := <-told:
				if d.Service != "target" || d.Incarnation != number || !errors.Is(d.Reason, reason) || (reason == nil) != (d.Reason == nil) {
					t.Errorf("%s: %+v", when, d)
				}
			default:
				t.Errorf("%s: nothing was told", when)
			}
		}
		none := func(when string, told <-chan actor.DownNotice) {
			t.Helper()
			if len(told) != 0 {
				t.Errorf("%s: %+v was told", when, <-told)
			}
		}
		early := awaits()
		none("not served yet", early)
		served := actortest.Serve(actortest.Supervised(context.Background()), target)
		synctest.Wait()
		none("at work", early)
		exit := func(reason error) {
			if err := target.DoContext(t.Context(), func(ctx context.Context, _ *actortest.Closable) { actor.Exit(ctx, reason) }); err != nil {
				t.Error(err)
			}
			<-served
			synctest.Wait()
		}
		exit(errLost)
		wants("the first end", early, 1, errLost)
		wants("between two incarnations", awaits(), 1, errLost)

		served = actortest.Serve(actortest.Supervised(context.Background()), target)
		synctest.Wait()
		both := []<-chan actor.DownNotice{awaits(), awaits()}
		none("at work again", both[0])
		exit(nil)
		wants("the second end", both[0], 2, nil)
		wants("the second end, to another", both[1], 2, nil)
		actortest.Stop(t, target)
		wants("ended for good", awaits(), 2, nil)
	})
}

// One that was never served has no incarnation, and ends.
func TestWATCHAwaitDownOfNoIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		told := make(chan actor.DownNotice)
		go func() {
			d, err := actor.AwaitDown(context.Background(), target)
			if err != nil {
				t.Error(err)
			}
			told <- d
		}()
		synctest.Wait()
		actortest.Stop(t, target)
		if d := <-told; d.Incarnation != 0 || d.Reason != nil {
			t.Errorf("%+v", d)
		}
	})
}

// A context that ends first is the error; an end that is there counts; nothing is kept.
func TestL13AwaitDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := actor.Start(&actortest.Plain{}, actor.WithName("target"), actortest.Quiet())
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		begun := time.Now()
		_, err := actor.AwaitDown(ctx, target)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if text := err.Error(); text != "actor: target: AwaitDown: context deadline exceeded" {
			t.Errorf("the error says %q", text)
		}
		actortest.Stop(t, target)
		if _, err := actor.AwaitDown(ctx, target); err != nil {
			t.Errorf("the context has ended, and the end was there: %v", err)
		}
	})
}

// To await the end of who waits for the same is refused, and leaves both as they were.
func TestL10AwaitDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bounded("a"), bounded("b")
		var own, inner error
		err := a.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Plain) error {
			_, own = actor.AwaitDown(ctx, a)
			return b.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
				_, inner = actor.AwaitDown(ctx, a)
				return nil
			})
		})
		if err != nil {
			t.Error(err)
		}
		expectCycle(t, own, []string{"a"}, nil)
		expectCycle(t, inner, []string{"b", "a"}, nil)

		// The other way round: who is awaited calls.
		var called error
		ask := make(chan struct{})
		actortest.Do(t, b, func(*actortest.Plain) {
			<-ask
			called = a.Run(context.Background(), actortest.Nothing)
		})
		actortest.Do(t, a, func(*actortest.Plain) {
			if _, err := actor.AwaitDown(context.Background(), b); err != nil {
				t.Errorf("b goes on, and ends: %v", err)
			}
		})
		synctest.Wait()
		close(ask)
		actortest.Stop(t, b)
		expectCycle(t, called, []string{"b", "a"}, nil)
		actortest.Stop(t, a)
	})
}

// The wait is over with the incarnation: the next one may call who has waited, also if that
// has not woken up yet.
func TestL10AwaitDownIsOver(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			var all [20]plainService
			target := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
			served := actortest.Serve(actortest.Supervised(context.Background()), target)
			for i := range all {
				all[i] = actor.Start(&actortest.Plain{}, actortest.Quiet())
				actortest.Do(t, all[i], func(*actortest.Plain) {
					if _, err := actor.AwaitDown(context.Background(), target); err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
			actortest.Do(t, target, func(*actortest.Closable) { panic("crash") })
			actortest.Do(t, target, func(*actortest.Closable) {
				for _, svc := range all {
					if err := svc.Run(context.Background(), actortest.Nothing); err != nil {
						t.Error(err)
					}
				}
			})
			<-served
			served = actortest.Serve(actortest.Supervised(context.Background()), target)
			actortest.Stop(t, target)
			<-served
			for _, svc := range all {
				actortest.Stop(t, svc)
			}
		})
	}
}

func TestWATCHAwaitDownMisusePanics(t *testing.T) {
	var zero actor.Service[actortest.Plain]
	panicsWith(t, "is made by Start or New", func() { _, _ = actor.AwaitDown(context.Background(), &zero) })
	panicsWith(t, "AwaitDown of a Router", func() {
		_, _ = actor.AwaitDown(context.Background(), actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { return nil }))
	})
}

// Who has given up waiting is forgotten.
func TestL12AwaitDownKeepsNothing(t *testing.T) {
	target := actor.Start(&actortest.Plain{}, actortest.Quiet())
	over, cancel := context.WithCancel(context.Background())
	cancel()
	objects := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	const n = 20_000
	before := objects()
	for range n {
		if _, err := actor.AwaitDown(over, target); err == nil {
			t.Fatal("no error")
		}
	}
	if after := objects(); after > before+n {
		t.Errorf("%d objects more after %d times", after-before, n)
	}
	actortest.Stop(t, target)
}
