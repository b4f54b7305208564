package laws_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Misuse panics, with the package's prefix and the name of what was misused.
func TestMisusePanics(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	ctx := t.Context()
	var opt actor.Option
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
	rows := []struct {
		want string
		f    func()
	}{
		{"Do", func() { _ = svc.Do(nil) }},
		{"DoContext", func() { _ = svc.DoContext(ctx, nil) }},
		{"Run", func() { _ = svc.Run(ctx, nil) }},
		{"RunContext", func() { _ = svc.RunContext(ctx, nil) }},
		{"Call", func() { _, _ = actor.Call[actortest.Plain, int](ctx, svc, nil) }},
		{"CallContext", func() { _, _ = actor.CallContext[actortest.Plain, int](ctx, svc, nil) }},
		{"Get", func() { _, _ = actor.Get[actortest.Plain, int](ctx, svc, nil) }},
		{"Async", func() { actor.Async[actortest.Plain, int](svc, nil) }},
		{"AsyncContext", func() { actor.AsyncContext[actortest.Plain, int](t.Context(), svc, nil) }},
		{"AsyncBatched", func() { actor.AsyncBatched[actortest.Plain, int](t.Context(), svc, nil) }},
		{"Start", func() { actor.Start[actortest.Plain](nil) }},
		{"New", func() { actor.New[actortest.Plain](nil) }},
		{"nil option", func() { actor.Start(&actortest.Plain{}, opt) }},
		{"nil option", func() { actor.New(build, actortest.Quiet(), nil) }},
		{"WithName(\"\")", func() { actor.WithName("") }},
		{"WithName(\"a/b\")", func() { actor.WithName("a/b") }},
		{"WithName(\"/\")", func() { actor.WithName("/") }},
		{"WithCapacity(0)", func() { actor.WithCapacity(0) }},
		{"WithCapacity(-1)", func() { actor.WithCapacity(-1) }},
		{"WithOverflow(2)", func() { actor.WithOverflow(2) }},
		{"WithOverflow(DropOldest)", func() { actor.Start(&actortest.Plain{}, actor.WithOverflow(actor.DropOldest)) }},
		{"WithQueuePolicy(2)", func() { actor.WithQueuePolicy(2) }},
		{"WithDeadLetters(nil)", func() { actor.WithDeadLetters(nil) }},
		{"WithLogger(nil)", func() { actor.WithLogger(nil) }},
		{"WithSlowClosure(0s)", func() { actor.WithSlowClosure(0) }},
		{"WithSlowClosure(-1ns)", func() { actor.WithSlowClosure(-1) }},
		{"WithDrainTime(-1s)", func() { actor.WithDrainTime(-time.Second) }},
		{"Exit", func() { actor.Exit(ctx, nil) }},
		{"Exit", func() { actor.Exit(context.Background(), errors.New("lost")) }},
	}
	for _, row := range rows {
		t.Run(row.want, func(t *testing.T) {
			defer func() {
				v := recover()
				if text, ok := v.(string); !ok || !strings.HasPrefix(text, "actor: ") ||
					!strings.Contains(text, row.want) {
					t.Errorf("panic: %v", v)
				}
			}()
			row.f()
		})
	}
	// Nothing of it was accepted, and nothing is left behind.
	if i := svc.Info(); i.Accepted != 0 || i.Refused != 0 {
		t.Errorf("%+v", i)
	}
}

// Misuse inside a closure is a crash of that closure, which says the same.
func TestMisuseInAClosure(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	err := svc.Run(t.Context(), func(*actortest.Plain) error { return svc.Do(nil) })
	if actor.OutcomeOf(err) != actor.Crashed || !strings.Contains(err.Error(), "actor: Do of a nil closure") {
		t.Errorf("Run = %v", err)
	}
}

// Self of a context that belongs to no service, or to one of another type, is nil.
func TestSelfOfAnotherContext(t *testing.T) {
	if s := actor.Self[actortest.Plain](t.Context()); s != nil {
		t.Errorf("Self = %v", s)
	}
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	err := svc.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Plain) error {
		if actor.Self[actortest.Closable](ctx) != nil || actor.Self[actortest.Plain](ctx) != svc {
			t.Error("Self does not return the service")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	actortest.Stop(t, svc)
}

// A constructor that returns neither a T nor an error has failed.
func TestConstructorReturnsNothing(t *testing.T) {
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { return nil, nil },
		actor.WithName("empty"), actortest.Quiet())
	err := svc.Serve(t.Context())
	if !errors.Is(err, actor.ErrNoState) || !strings.HasPrefix(err.Error(), "actor: empty: ") ||
		svc.Err() != err {
		t.Errorf("Serve = %v; Err = %v", err, svc.Err())
	}
	svc.Kill()
}

// What can happen in operation is an error: Serve of what is served or has ended.
func TestServeTwice(t *testing.T) {
	started := actor.Start(&actortest.Plain{}, actortest.Quiet())
	if err := started.Serve(t.Context()); !errors.Is(err, actor.ErrServed) {
		t.Errorf("Serve of a started service = %v", err)
	}
	actortest.Stop(t, started)
	svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
	served := actortest.Serve(context.Background(), svc)
	if err := svc.Run(t.Context(), func(*actortest.Closable) error { return nil }); err != nil {
		t.Error(err)
	}
	if err := svc.Serve(t.Context()); !errors.Is(err, actor.ErrServed) {
		t.Errorf("Serve of a served service = %v", err)
	}
	actortest.Stop(t, svc)
	<-served
	if err := svc.Serve(t.Context()); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Serve of an ended service = %v", err)
	}
}

// A service must not be copied, and go vet says so.
func TestVetFindsACopy(t *testing.T) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	out, err := exec.Command(goCommand, "vet", "./testdata/copied").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "copies lock value") {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// A nil context and a Service that nobody made are misuse too, and say so in the
// caller, before anything has changed.
func TestNilContextAndZeroServicePanic(t *testing.T) {
	svc := actor.New(func(context.Context) (*actortest.Closable, error) { return new(actortest.Closable), nil }, actortest.Quiet())
	var none context.Context
	var zero actor.Service[actortest.Closable]
	for name, misuse := range map[string]func(){
		"Serve":      func() { _ = svc.Serve(none) },
		"DoContext":  func() { _ = svc.DoContext(none, func(context.Context, *actortest.Closable) {}) },
		"Run":        func() { _ = svc.Run(none, func(*actortest.Closable) error { return nil }) },
		"Stop":       func() { _ = svc.Stop(none) },
		"zero Do":    func() { _ = zero.Do(func(*actortest.Closable) {}) },
		"zero Serve": func() { _ = zero.Serve(context.Background()) },
		"zero Stop":  func() { _ = zero.Stop(context.Background()) },
		"zero Kill":  func() { zero.Kill() },
	} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "actor: ") {
					t.Errorf("%s: no panic of the package: %v", name, text)
				}
			}()
			misuse()
		}()
	}
	if i := svc.Info(); i.State != actor.Pending || i.Accepted != 0 {
		t.Errorf("something has changed: %+v", i)
	}
	if err := svc.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}
