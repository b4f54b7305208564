package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// An asynchronous closure runs, however its sender's context has ended meanwhile.
// Its own has the values of that, no deadline and no cancellation.
func TestL15CastContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		b := actortest.Occupy(t, svc)
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "value"), time.Second)
		defer cancel()
		ran := make(chan struct{})
		cast := func(ctx context.Context, _ *actortest.Plain) {
			if ctx.Value(key{}) != "value" {
				t.Errorf("Value = %v", ctx.Value(key{}))
			}
			if deadline, ok := ctx.Deadline(); ok {
				t.Errorf("Deadline = %v", deadline)
			}
			if ctx.Err() != nil || context.Cause(ctx) != nil || !actortest.IsOpen(ctx.Done()) {
				t.Errorf("Err = %v, Cause = %v", ctx.Err(), context.Cause(ctx))
			}
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			if synctest.Wait(); derived.Err() != nil {
				t.Errorf("what is derived has ended: %v", context.Cause(derived))
			}
			close(ran)
		}
		if err := svc.DoContext(ctx, cast); err != nil {
			t.Errorf("DoContext = %v", err)
		}
		time.Sleep(time.Minute) // the sender's context ends before its turn
		b.LetGo()
		<-ran
		actortest.Stop(t, svc)
	})
}

// It ends when its incarnation is cut off, and otherwise with the incarnation.
func TestL15CastContextEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*actor.Service[actortest.Plain])
	}{
		{"Kill", (*actor.Service[actortest.Plain]).Kill},
		{"CutOff", func(svc *actor.Service[actortest.Plain]) { svc.CutOff(true) }},
		{"Stop", func(svc *actor.Service[actortest.Plain]) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			_ = svc.Stop(ctx)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				var ended, cause error
				cast := func(ctx context.Context, _ *actortest.Plain) {
					derived, cancel := context.WithCancel(ctx)
					defer cancel()
					<-derived.Done()
					ended, cause = derived.Err(), context.Cause(ctx)
				}
				senders, cancel := context.WithCancelCause(context.Background())
				if err := svc.DoContext(senders, cast); err != nil {
					t.Errorf("DoContext = %v", err)
				}
				cancel(errors.New("the sender's"))
				synctest.Wait()
				if !actortest.IsOpen(served) {
					t.Error("ended early")
				}
				test.end(svc)
				<-served // the closure did return
				if !errors.Is(ended, context.Canceled) || !errors.Is(cause, actor.ErrStopped) {
					t.Errorf("Err = %v, Cause = %v", ended, cause)
				}
				svc.Kill()
			})
		})
	}
}

// The context of a call's closure has its caller's deadline and values, ends when
// that does, and at the latest with the closure.
func TestL15CallContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "value"), time.Hour)
		defer cancel()
		want, _ := ctx.Deadline()
		var kept, derived context.Context
		_, err := actor.CallContext(ctx, svc, func(ctx context.Context, _ *actortest.Plain) (int, error) {
			deadline, ok := ctx.Deadline()
			if ctx.Value(key{}) != "value" || !ok || !deadline.Equal(want) || ctx.Err() != nil {
				t.Errorf("Value = %v, Deadline = %v, %v, Err = %v", ctx.Value(key{}), deadline, ok, ctx.Err())
			}
			kept, derived = ctx, context.WithValue(ctx, key{}, "another")
			if !actortest.IsOpen(ctx.Done()) || !actortest.IsOpen(derived.Done()) {
				t.Error("Done is closed")
			}
			return 0, nil
		})
		if err != nil {
			t.Errorf("CallContext = %v", err)
		}
		if ctx.Err() != nil || !errors.Is(kept.Err(), context.Canceled) || actortest.IsOpen(derived.Done()) {
			t.Errorf("afterwards: %v, %v, %v", ctx.Err(), kept.Err(), derived.Err())
		}
		if kept.Value(key{}) != "value" {
			t.Error("the value is gone")
		}
		actortest.Stop(t, svc)
	})
}

// It ends with the caller's: by its deadline, by hand, and when the service is cut
// off.
func TestL15CallContextEnds(t *testing.T) {
	type service = *actor.Service[actortest.Plain]
	for _, test := range []struct {
		name string
		end  func(service, context.CancelFunc)
		want error // of the context
		call error // of the call
	}{
		{"deadline", func(service, context.CancelFunc) { time.Sleep(time.Hour) },
			context.DeadlineExceeded, context.DeadlineExceeded},
		{"cancel", func(_ service, cancel context.CancelFunc) { cancel() }, context.Canceled, context.Canceled},
		{"cut off", func(svc service, _ context.CancelFunc) { svc.Kill() }, context.Canceled, actor.ErrStopped},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
				ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
				defer cancel()
				ended, called := make(chan error, 1), make(chan error, 1)
				go func() {
					called <- svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
						<-ctx.Done()
						ended <- ctx.Err()
						return nil
					})
				}()
				synctest.Wait()
				test.end(svc, cancel)
				if err := <-ended; !errors.Is(err, test.want) {
					t.Errorf("Err = %v", err)
				}
				if err := <-called; err != nil { // or it had returned before the caller looked
					actortest.Within(t, "the call", err, test.call, actor.Unknown)
				}
				svc.Kill()
				synctest.Wait()
			})
		})
	}
}

// Through a chain of calls values and deadline are handed on, and each closure's
// context is its own.
func TestL15ChainOfContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bounded("a"), actor.Start(&actortest.Closable{}, actortest.Quiet())
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "value"), time.Hour)
		defer cancel()
		err := a.RunContext(ctx, func(outer context.Context, _ *actortest.Plain) error {
			inner := func(inner context.Context, _ *actortest.Closable) error {
				if actor.Self[actortest.Plain](outer) != a || actor.Self[actortest.Closable](inner) != b || actor.Self[actortest.Plain](inner) != nil {
					t.Error("Self is somebody else")
				}
				if inner.Value(key{}) != "value" {
					t.Errorf("Value = %v", inner.Value(key{}))
				}
				<-inner.Done() // after an hour
				return inner.Err()
			}
			err := b.RunContext(outer, inner)
			if outer.Err() == nil {
				t.Error("the outer context has not ended")
			}
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
		synctest.Wait()
		actortest.Stop(t, a)
		actortest.Stop(t, b)
	})
}
