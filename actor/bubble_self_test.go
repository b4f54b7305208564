package actor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// Self is the service of a constructor's and of a closure's context, for its T.
func TestL15Self(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var built *actor.Service[plain]
		var other *actor.Service[closable]
		svc := actor.New(func(ctx context.Context) (*plain, error) {
			built, other = actor.Self[plain](ctx), actor.Self[closable](ctx)
			return &plain{}, nil
		}, quiet())
		served := serve(context.Background(), svc)
		var cast, derived *actor.Service[plain]
		call, err := actor.CallContext(context.Background(), svc,
			func(ctx context.Context, _ *plain) (*actor.Service[plain], error) {
				derived = actor.Self[plain](context.WithoutCancel(ctx))
				return actor.Self[plain](ctx), nil
			})
		if err != nil {
			t.Error(err)
		}
		_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *plain) {
			cast = actor.Self[plain](ctx)
		})
		stop(t, svc)
		<-served
		for i, self := range []*actor.Service[plain]{built, call, cast, derived} {
			if self != svc {
				t.Errorf("Self number %d is %v", i, self)
			}
		}
		if other != nil || actor.Self[plain](context.Background()) != nil {
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
	var f factory
	var d diary
	var stray context.Context
	first := true
	svc := actor.New(func(ctx context.Context) (*closable, error) {
		if first && place == "constructor" {
			actor.Exit(ctx, want)
		}
		first = false
		return f.build(ctx)
	}, quiet())
	end := func(ctx context.Context, _ *closable) error {
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
		d.add("exit")
		return nil
	}
	called := make(chan error, 1)
	switch place {
	case "call", "goroutine":
		go func() { called <- svc.RunContext(context.Background(), end) }()
	case "cast":
		_ = svc.DoContext(context.Background(), func(ctx context.Context, c *closable) { _ = end(ctx, c) })
		called <- nil
	default:
		d.add("exit")
		called <- nil
	}
	synctest.Wait()
	do(t, svc, d.note("next"))
	err, ok := <-serve(supervised(context.Background()), svc)
	if err != want || !ok {
		t.Errorf("Serve = %v", err)
	}
	if err := svc.Err(); err != want {
		t.Errorf("Err = %v", err)
	}
	if err := <-called; err != nil {
		t.Errorf("the call: %v", err)
	}
	inState(t, svc, actor.Pending)
	d.expect(t, "exit")
	if n := f.list()[0].closes.Load(); n != 1 {
		t.Errorf("T was closed %d times", n)
	}
	again := serve(supervised(context.Background()), svc)
	synctest.Wait()
	if stray != nil {
		actor.Exit(stray, errLate) // of an incarnation that is over
	}
	synctest.Wait()
	inState(t, svc, actor.Running)
	d.expect(t, "exit 2:next")
	stop(t, svc)
	<-again
}

var errLate = errors.New("late")

// Without a supervisor the service has ended.
func TestL15ExitOfStarted(t *testing.T) {
	for _, want := range []error{nil, errors.New("failure")} {
		synctest.Test(t, func(t *testing.T) {
			var dead letters
			state := &closable{}
			svc := actor.Start(state, quiet(), dead.option())
			b := occupy(t, svc)
			_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *closable) { actor.Exit(ctx, want) })
			do(t, svc, func(*closable) { t.Error("ran after Exit") })
			b.letGo()
			<-svc.Done()
			if svc.Err() != want || state.closes.Load() != 1 || len(dead.list()) != 1 {
				t.Errorf("Err = %v, %d closes, dead letters %+v", svc.Err(), state.closes.Load(), dead.list())
			}
			inState(t, svc, actor.Ended)
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
