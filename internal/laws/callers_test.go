package laws_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// formsWithContext are all forms in which a closure is handed over with a context. Each
// hands its closure over to a service that commits batches.
var formsWithContext = []struct {
	name   string
	waits  bool // the sender waits for the closure
	passes bool // the closure has a context to pass on
	send   func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error
}{
	{"DoContext", false, true, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		return svc.DoContext(ctx, func(ctx context.Context, _ *actortest.Plain) { f(ctx) })
	}},
	{"Run", true, false, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		return svc.Run(ctx, func(*actortest.Plain) error { f(nil); return nil })
	}},
	{"RunContext", true, true, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		return svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error { f(ctx); return nil })
	}},
	{"Call", true, false, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		_, err := actor.Call(ctx, svc, func(*actortest.Plain) (int, error) { f(nil); return 0, nil })
		return err
	}},
	{"CallContext", true, true, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		_, err := actor.CallContext(ctx, svc, func(ctx context.Context, _ *actortest.Plain) (int, error) { f(ctx); return 0, nil })
		return err
	}},
	{"Get", true, false, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		_, err := actor.Get(ctx, svc, func(*actortest.Plain) int { f(nil); return 0 })
		return err
	}},
	{"CallLater", true, true, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		_, err := actor.CallLater(ctx, svc, func(ctx context.Context, _ *actortest.Plain, r actor.Reply[int]) { f(ctx); r.Answer(0, nil) })
		return err
	}},
	{"CallBatched", true, false, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		_, err := actor.CallBatched(ctx, svc, func(*actortest.Plain) (int, error) { f(nil); return 0, nil })
		return err
	}},
	{"PipeContext", false, true, func(ctx context.Context, svc *actor.Service[actortest.Plain], f func(context.Context)) error {
		work := func(context.Context) (int, error) { return 0, nil }
		return actor.PipeContext(ctx, svc, work, func(ctx context.Context, _ *actortest.Plain, _ int, _ error) { f(ctx) })
	}},
}

// sendOn has front send in a form to back, and returns what back, which crashes, says of it.
func sendOn(t *testing.T, form int, f func(context.Context)) *actor.PanicError {
	t.Helper()
	how := formsWithContext[form]
	front := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("front"))
	back := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("back"),
		actor.WithBatch(8, func(*actortest.Plain) error { return nil }))
	_ = front.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) error {
		return how.send(ctx, back, f)
	})
	<-back.Done()
	actortest.Stop(t, front)
	var p *actor.PanicError
	if !errors.As(back.Err(), &p) {
		t.Fatalf("%s: back ended with %v", how.name, back.Err())
	}
	return p
}

// The crash of a closure names those on whose behalf it ran, and where it was handed
// over if its sender waits, in whichever form that was.
func TestCallersOfEachForm(t *testing.T) {
	for i, how := range formsWithContext {
		p := sendOn(t, i, func(context.Context) { panic("at the end") })
		cs := p.Callers()
		if len(cs) != 1 || cs[0].Service != "front" || !strings.Contains(cs[0].Func, "sendOn") {
			t.Errorf("%s: callers %v", how.name, cs)
		}
		if has := strings.Contains(p.Site(), "callers_test.go"); has != how.waits {
			t.Errorf("%s: site %q", how.name, p.Site())
		}
		if how.waits && len(cs) == 1 && cs[0].Site != p.Site() {
			t.Errorf("%s: the caller's site is %q, the closure's %q", how.name, cs[0].Site, p.Site())
		}
	}
}

// A closure that has a context is known by its function to those to which it passes it
// on, in whichever form it was handed over.
func TestCallersKnowTheClosureInBetween(t *testing.T) {
	for i, how := range formsWithContext {
		if !how.passes {
			continue
		}
		last := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("last"))
		var p *actor.PanicError
		sendOn(t, i, func(ctx context.Context) {
			errors.As(last.Run(ctx, func(*actortest.Plain) error { panic("at the end") }), &p)
			panic("after it")
		})
		if p == nil || len(p.Callers()) == 0 || p.Callers()[0].Service != "back" || !strings.Contains(p.Callers()[0].Func, "init.func") {
			t.Errorf("%s: callers %v", how.name, p.Callers())
		}
	}
}
