package laws_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// hooked is a context that package context does not know as its own, so that each context
// which is derived from it costs a goroutine until one of the two ends.
type hooked struct{ context.Context }

// Value hides the context that package context would hang things on instead.
func (h hooked) Value(key any) any {
	v := h.Context.Value(key)
	if _, ok := v.(context.Context); ok {
		return nil
	}
	return v
}

// hooks is how many contexts hang on such ones.
func hooks() int {
	synctest.Wait()
	all := make([]byte, 1<<20)
	return strings.Count(string(all[:runtime.Stack(all, true)]), "\ncreated by context.(*cancelCtx).propagateCancel")
}

// After Stop no goroutine is left. All of a service's work is done before.
func TestL12NoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for range 20 {
		svc := actor.New(new(actortest.Factory).Build, actortest.Quiet(), actor.WithSlowClosure(time.Hour), actor.WithCapacity(2))
		ctx, cancel := context.WithCancel(context.Background())
		served := actortest.Serve(ctx, svc)
		err := svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Closable) error {
			context.AfterFunc(ctx, func() {})
			derived, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			return derived.Err()
		})
		if err != nil {
			t.Errorf("RunContext = %v", err)
		}
		started := make(chan struct{})
		wait := func(ctx context.Context, _ *actortest.Closable) { close(started); <-ctx.Done() }
		if err := svc.DoContext(ctx, wait); err != nil {
			t.Errorf("DoContext = %v", err)
		}
		<-started
		f := actor.Async(svc, func(*actortest.Closable) (int, error) { return 0, nil })
		short, end := context.WithCancel(ctx)
		end()
		_, _ = f.Await(short)
		svc.CutOff(true) // ends the context that the closure waits for
		<-served
		served = actortest.Serve(context.Background(), svc)
		_, _ = f.Await(ctx)
		actortest.Stop(t, svc)
		<-served
		cancel()
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// A bubble ends only when all of its goroutines have ended: here with the Stop of
// a service that has just been in every state.
func TestL12BubbleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(new(actortest.Factory).Build, actortest.Quiet(), actor.WithSlowClosure(time.Millisecond))
		for range 3 {
			ctx, cancel := context.WithCancel(context.Background())
			actortest.Serve(ctx, svc)
			synctest.Wait()
			actortest.Do(t, svc, func(*actortest.Closable) { time.Sleep(time.Second) })
			synctest.Wait()
			cancel()
			time.Sleep(time.Minute)
		}
		actortest.Serve(context.Background(), svc)
		synctest.Wait()
		actortest.Stop(t, svc)
	})
}

// After Stop nothing fires: the watch on slow closures, the time for draining, the
// watch on a declared service.
func TestL12NoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		svc := actor.New(new(actortest.Factory).Build, log.Option(), actor.WithSlowClosure(time.Second))
		ctx, cancel := context.WithCancel(context.Background())
		served := actortest.Serve(ctx, svc)
		b := actortest.Occupy(t, svc)
		cancel() // the time for draining begins
		synctest.Wait()
		b.LetGo()
		<-served
		actortest.Stop(t, svc)
		var dropped actortest.Records // as its closure is
		never := actor.New(new(actortest.Factory).Build, dropped.Option())
		actortest.Do(t, never, func(*actortest.Closable) {})
		actortest.Stop(t, never)
		time.Sleep(365 * 24 * time.Hour)
		for _, rec := range append(log.List(), dropped.List()[1:]...) {
			t.Errorf("logged: %s", rec.Message)
		}
	})
}

// Nothing of the service hangs on the contexts that it was given.
func TestL12NothingOnContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := hooks()
		free := func(what string, want int) {
			t.Helper()
			if n := hooks() - before; n != want {
				t.Errorf("%d hang on the context of %s, and not %d", n, what, want)
			}
		}
		parent, cancel := context.WithCancel(context.Background())
		defer cancel()
		serving, calling := hooked{actortest.Supervised(parent)}, hooked{parent}
		svc := actor.New(new(actortest.Factory).Build, actortest.Quiet())
		for range 2 {
			served := actortest.Serve(serving, svc)
			err := svc.RunContext(calling, func(ctx context.Context, _ *actortest.Closable) error {
				_, cancel := context.WithCancel(ctx)
				defer cancel()
				return ctx.Err()
			})
			if err != nil {
				t.Errorf("RunContext = %v", err)
			}
			free("a call that was answered", 1) // that of Serve
			use := func(ctx context.Context, _ *actortest.Closable) { context.AfterFunc(ctx, func() {}) }
			if err := svc.DoContext(calling, use); err != nil {
				t.Errorf("DoContext = %v", err)
			}
			free("an asynchronous closure", 1)
			actortest.Do(t, svc, actortest.Panics)
			<-served
			free("a Serve that has returned", 0)
		}
		served := actortest.Serve(serving, svc)
		synctest.Wait()
		actortest.Stop(t, svc)
		<-served
		free("a service that was stopped", 0)
	})
}

// The constructor's context does not end with Serve's when there is a T, also not while a
// view's function looks at that before the first closure.
func TestL12ContextOfTheConstructorWhileAViewLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life context.Context
		svc := actor.New(func(ctx context.Context) (*actortest.Plain, error) {
			life = ctx
			return &actortest.Plain{}, nil
		}, actortest.Quiet())
		release := make(hanging)
		actor.NewView(svc, release.hang)
		serving, end := context.WithCancel(context.Background())
		served := actortest.Serve(serving, svc)
		synctest.Wait() // it hangs
		end()
		synctest.Wait()
		if err := life.Err(); err != nil {
			t.Errorf("the constructor's context has ended while T is in use: %v", err)
		}
		close(release)
		if err := <-served; err != nil || life.Err() == nil {
			t.Errorf("Serve = %v, and the context's Err is %v", err, life.Err())
		}
	})
}

// The contexts of the service end: the constructor's after Close, and a closure's
// at the latest with its incarnation.
func TestL12ContextsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life, call, cast context.Context
		var openInClose atomic.Bool
		svc := actor.New(func(ctx context.Context) (*onClose, error) {
			life = ctx
			return &onClose{func() error { openInClose.Store(life.Err() == nil); return nil }}, nil
		}, actortest.Quiet())
		served := actortest.Serve(context.Background(), svc)
		_ = svc.RunContext(context.Background(), func(ctx context.Context, _ *onClose) error {
			call = ctx
			return nil
		})
		if call.Err() == nil {
			t.Error("the context of a call is open when the call has been answered")
		}
		_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *onClose) { cast = ctx })
		synctest.Wait()
		if life.Err() != nil || cast.Err() != nil {
			t.Errorf("ended early: %v, %v", life.Err(), cast.Err())
		}
		actortest.Stop(t, svc)
		<-served
		if !openInClose.Load() {
			t.Error("the constructor's context had ended when T was closed")
		}
		if life.Err() == nil || cast.Err() == nil {
			t.Errorf("left open: %v, %v", life.Err(), cast.Err())
		}
	})
}
