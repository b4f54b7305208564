package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Self is the service of a constructor's and of a closure's context, for its T.
func TestL15Self(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var built *actor.Service[actortest.Plain]
		var other *actor.Service[actortest.Closable]
		svc := actor.New(func(ctx context.Context) (*actortest.Plain, error) {
			built, other = actor.Self[actortest.Plain](ctx), actor.Self[actortest.Closable](ctx)
			return &actortest.Plain{}, nil
		}, actortest.Quiet())
		served := actortest.Serve(context.Background(), svc)
		var cast, derived *actor.Service[actortest.Plain]
		call, err := actor.CallContext(context.Background(), svc,
			func(ctx context.Context, _ *actortest.Plain) (*actor.Service[actortest.Plain], error) {
				derived = actor.Self[actortest.Plain](context.WithoutCancel(ctx))
				return actor.Self[actortest.Plain](ctx), nil
			})
		if err != nil {
			t.Error(err)
		}
		_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) {
			cast = actor.Self[actortest.Plain](ctx)
		})
		actortest.Stop(t, svc)
		<-served
		for i, self := range []*actor.Service[actortest.Plain]{built, call, cast, derived} {
			if self != svc {
				t.Errorf("Self number %d is %v", i, self)
			}
		}
		if other != nil || actor.Self[actortest.Plain](context.Background()) != nil {
			t.Error("Self of nothing is something")
		}
	})
}

// Exit ends the incarnation after the closure: normally, or as a failure. What
// follows is somebody else's decision: here, pending.
func TestL15Exit(t *testing.T) {
	failure := errors.New("failure")
	for _, want := range []error{nil, failure} {
		for _, place := range []string{"call", "cast", "constructor", "goroutine"} {
			name := place + ", normally"
			if want != nil {
				name = place + ", with an error"
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { exit(t, place, want) })
			})
		}
	}
}

func exit(t *testing.T, place string, want error) {
	var f actortest.Factory
	var d actortest.Diary
	var stray context.Context
	first := true
	svc := actor.New(func(ctx context.Context) (*actortest.Closable, error) {
		if first && place == "constructor" {
			actor.Exit(ctx, want)
		}
		first = false
		return f.Build(ctx)
	}, actortest.Quiet())
	end := func(ctx context.Context, _ *actortest.Closable) error {
		stray = ctx
		switch place {
		case "goroutine":
			done := make(chan struct{})
			go func() { defer close(done); actor.Exit(ctx, want) }()
			<-done
		default:
			actor.Exit(ctx, want)
		}
		actor.Exit(ctx, errors.New("another")) // the first one counts
		d.Add("exit")
		return nil
	}
	called := make(chan error, 1)
	switch place {
	case "call", "goroutine":
		go func() { called <- svc.RunContext(context.Background(), end) }()
	case "cast":
		_ = svc.DoContext(context.Background(), func(ctx context.Context, c *actortest.Closable) { _ = end(ctx, c) })
		called <- nil
	default:
		d.Add("exit")
		called <- nil
	}
	synctest.Wait()
	actortest.Do(t, svc, d.Note("next"))
	err, ok := <-actortest.Serve(actortest.Supervised(context.Background()), svc)
	if err != want || !ok {
		t.Errorf("Serve = %v", err)
	}
	if err := svc.Err(); err != want {
		t.Errorf("Err = %v", err)
	}
	if err := <-called; err != nil {
		t.Errorf("the call: %v", err)
	}
	actortest.InState(t, svc, actor.Pending)
	d.Expect(t, "exit")
	if n := f.List()[0].Closes.Load(); n != 1 {
		t.Errorf("T was closed %d times", n)
	}
	again := actortest.Serve(actortest.Supervised(context.Background()), svc)
	synctest.Wait()
	if stray != nil {
		actor.Exit(stray, errLate) // of an incarnation that is over
	}
	synctest.Wait()
	actortest.InState(t, svc, actor.Running)
	d.Expect(t, "exit 2:next")
	actortest.Stop(t, svc)
	<-again
}

var errLate = errors.New("late")

// Without a supervisor the service has ended.
func TestL15ExitOfStarted(t *testing.T) {
	for _, want := range []error{nil, errors.New("failure")} {
		synctest.Test(t, func(t *testing.T) {
			var dead actortest.Letters
			state := &actortest.Closable{}
			svc := actor.Start(state, actortest.Quiet(), dead.Option())
			b := actortest.Occupy(t, svc)
			_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *actortest.Closable) { actor.Exit(ctx, want) })
			actortest.Do(t, svc, func(*actortest.Closable) { t.Error("ran after Exit") })
			b.LetGo()
			<-svc.Done()
			if svc.Err() != want || state.Closes.Load() != 1 || len(dead.List()) != 1 {
				t.Errorf("Err = %v, %d closes, dead letters %+v", svc.Err(), state.Closes.Load(), dead.List())
			}
			actortest.InState(t, svc, actor.Ended)
		})
	}
}

// A context of nobody is misuse.
func TestL15ExitMisused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Exit with a context of nobody did not panic")
		}
	}()
	actor.Exit(context.Background(), nil)
}
