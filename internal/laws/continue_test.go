package laws_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// continued declares a service whose constructor calls Continue with each function, after
// what before does.
func continued(before func(context.Context) error, fs ...func(*actortest.Plain)) *actor.Service[actortest.Plain] {
	return actor.New(func(ctx context.Context) (*actortest.Plain, error) {
		for _, f := range fs {
			actor.Continue(ctx, f)
		}
		return &actortest.Plain{}, before(ctx)
	}, actor.WithName("continued"), actortest.Quiet())
}

func nothingBefore(context.Context) error { return nil }

// They run after the constructor, in the order of the calls, before what is queued, each
// incarnation's once; a view shows what they have done, and no number has them.
func TestL2Continue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		note := func(what string) func(*actortest.Plain) {
			return func(p *actortest.Plain) { p.N++; order = append(order, what) }
		}
		svc := continued(func(context.Context) error { order = append(order, "made"); return nil }, note("first"), note("second"))
		view := actor.NewView(svc, func(p *actortest.Plain) int { return p.N })
		actortest.Do(t, svc, note("queued"))
		actortest.Do(t, svc, func(*actortest.Plain) { panic("crash") })
		<-actortest.Serve(actortest.Supervised(t.Context()), svc)
		if got := strings.Join(order, " "); got != "made first second queued" {
			t.Errorf("in the order %q", got)
		}
		served := actortest.Serve(actortest.Supervised(t.Context()), svc)
		synctest.Wait()
		if got := strings.Join(order[4:], " "); got != "made first second" {
			t.Errorf("the next incarnation: %q", got)
		}
		if n := view.Load(); n != 2 {
			t.Errorf("the view shows %d", n)
		}
		actortest.Stop(t, svc)
		<-served
		if i := svc.Info(); i.Accepted != 2 || i.Executed != 2 || i.Crashed != 1 {
			t.Errorf("%+v", i)
		}
	})
}

// It is not called if the constructor fails, ends the incarnation, or that is told to end.
func TestL8ContinueOfWhatIsNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, before := range map[string]func(context.Context) error{
			"the constructor fails":      func(context.Context) error { return errLost },
			"the constructor calls Exit": func(ctx context.Context) error { actor.Exit(ctx, errLost); return nil },
			"the first one calls Exit":   nil,
		} {
			fs := []func(*actortest.Plain){func(*actortest.Plain) { t.Errorf("%s, and it runs", name) }}
			if before == nil {
				var own context.Context
				before = func(ctx context.Context) error { own = ctx; return nil }
				fs = append([]func(*actortest.Plain){func(*actortest.Plain) { actor.Exit(own, errLost) }}, fs...)
			}
			svc := continued(before, fs...)
			if err := svc.Serve(t.Context()); !errors.Is(err, errLost) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What an end that is told meanwhile leaves of it: a restart and Kill leave out what has not
// begun, and what drains has all of its start, as it has all of its queue.
func TestL11ContinueOfWhatIsToEnd(t *testing.T) {
	type ends = func(*actor.Service[actortest.Plain], context.CancelCauseFunc)
	for name, row := range map[string]struct {
		end  ends
		runs bool
	}{
		"a restart": {func(_ *actor.Service[actortest.Plain], cancel context.CancelCauseFunc) { cancel(actor.Restart) }, false},
		"Kill":      {func(svc *actor.Service[actortest.Plain], _ context.CancelCauseFunc) { svc.Kill() }, false},
		"the end":   {func(_ *actor.Service[actortest.Plain], cancel context.CancelCauseFunc) { cancel(nil) }, true},
		"Stop": {func(svc *actor.Service[actortest.Plain], _ context.CancelCauseFunc) {
			ended, cancel := context.WithCancel(context.Background())
			time.AfterFunc(time.Second, cancel)
			go func() { _ = svc.Stop(ended) }()
		}, true},
	} {
		for _, inFirst := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var order []string
				ctx, cancel := context.WithCancelCause(t.Context())
				var svc *actor.Service[actortest.Plain]
				told := func(what string, now bool) {
					if order = append(order, what); now {
						row.end(svc, cancel)
						time.Sleep(time.Millisecond) // it has been told
					}
				}
				svc = continued(func(context.Context) error { told("made", !inFirst); return nil },
					func(*actortest.Plain) { told("first", inFirst) }, func(*actortest.Plain) { told("second", false) })
				actortest.Do(t, svc, func(*actortest.Plain) { told("queued", false) })
				<-actortest.Serve(actortest.Supervised(ctx), svc)
				want := "made"
				switch {
				case row.runs:
					want = "made first second queued"
				case inFirst:
					want = "made first"
				}
				if got := strings.Join(order, " "); got != want {
					t.Errorf("%s, told in the first: %v: %q, want %q", name, inFirst, got, want)
				}
				svc.Kill()
			})
		}
	}
}

// A crash in it is the service's, and names it; the queue goes on to the next incarnation.
func TestL7ContinueCrashes(t *testing.T) {
	for _, p := range breaks {
		synctest.Test(t, func(t *testing.T) {
			end, ran, next := p.end, 0, 0
			svc := continued(nothingBefore, func(*actortest.Plain) { end() }, func(*actortest.Plain) { next++ })
			actortest.Do(t, svc, func(*actortest.Plain) { ran++ })
			<-actortest.Serve(actortest.Supervised(t.Context()), svc)
			var crash *actor.PanicError
			if !errors.As(svc.Err(), &crash) || !p.check(crash) || !strings.Contains(crash.Func, "TestL7ContinueCrashes") {
				t.Errorf("%s: %v", p.name, svc.Err())
			}
			if c := svc.Info().Crash; c == nil || c.Count != 1 || ran+next != 0 {
				t.Errorf("%s: %+v, and %d closures and %d functions of Continue ran", p.name, c, ran, next)
			}
			end = func() {}
			served := actortest.Serve(actortest.Supervised(t.Context()), svc)
			synctest.Wait()
			actortest.Stop(t, svc)
			<-served
			if ran != 1 {
				t.Errorf("%s: %d closures ran", p.name, ran)
			}
		})
	}
}

// Stop waits for it, and what cuts the service off from it names it.
func TestL11Continue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := func(*actortest.Plain) { <-release }
		svc := continued(nothingBefore, hang, func(*actortest.Plain) { t.Error("the next one runs") })
		served := actortest.Serve(actortest.Supervised(t.Context()), svc)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := svc.Stop(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "TestL11Continue.func") {
			t.Errorf("Stop = %v", err)
		}
		close(release)
		<-served

		release = make(chan struct{})
		ran := false
		svc = continued(nothingBefore, hang, func(*actortest.Plain) { ran = true })
		served = actortest.Serve(actortest.Supervised(t.Context()), svc)
		synctest.Wait()
		time.AfterFunc(time.Second, func() { close(release) })
		actortest.Stop(t, svc)
		<-served
		if !ran {
			t.Error("Stop has not waited for all of the start")
		}
	})
}

// It may wait for others, and would wait for itself for ever.
func TestL10Continue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := actor.Start(&actortest.Plain{N: 7}, actortest.Quiet())
		var self *actor.Service[actortest.Plain]
		self = continued(nothingBefore, func(p *actortest.Plain) {
			n, err := actor.Get(context.Background(), other, numberOf)
			if n != 7 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			if _, err := actor.Get(context.Background(), self, numberOf); !errors.Is(err, actor.ErrSelfCall) {
				t.Errorf("of itself: %v", err)
			}
		})
		served := actortest.Serve(actortest.Supervised(t.Context()), self)
		synctest.Wait()
		actortest.Stop(t, self)
		<-served
		actortest.Stop(t, other)
	})
}

func TestContinueMisusePanics(t *testing.T) {
	none := func(*actortest.Plain) {}
	outside := func(ctx context.Context) {
		t.Helper()
		panicsWith(t, "actor: Continue outside of a constructor", func() { actor.Continue(ctx, none) })
	}
	var kept context.Context
	svc := actor.New(func(ctx context.Context) (*actortest.Plain, error) {
		kept = ctx
		panicsWith(t, "actor: Continue of a nil function", func() { actor.Continue[actortest.Plain](ctx, nil) })
		panicsWith(t, "of another type", func() { actor.Continue(ctx, func(*actortest.Closable) {}) })
		beside := make(chan struct{})
		go func() { defer close(beside); outside(ctx) }()
		<-beside
		return &actortest.Plain{}, nil
	}, actortest.Quiet())
	served := actortest.Serve(t.Context(), svc)
	err := svc.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Plain) error {
		outside(ctx)
		outside(kept)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	outside(t.Context())
	outside(kept)
	actortest.Stop(t, svc)
	<-served
	started := actor.Start(&actortest.Plain{}, actortest.Quiet())
	if err := started.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Plain) error { outside(ctx); return nil }); err != nil {
		t.Error(err)
	}
	actortest.Stop(t, started)
}
