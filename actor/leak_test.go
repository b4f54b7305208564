package actor_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
)

// hooked is a context that counts what hangs on it.
type hooked struct {
	context.Context
	mu    sync.Mutex
	hooks int
}

// Value hides the context that package context would hang things on instead.
func (h *hooked) Value(key any) any {
	v := h.Context.Value(key)
	if _, ok := v.(context.Context); ok {
		return nil
	}
	return v
}

// AfterFunc is what package context looks for in a parent.
func (h *hooked) AfterFunc(f func()) func() bool {
	stop := context.AfterFunc(h.Context, f)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hooks++
	var once sync.Once
	return func() bool {
		once.Do(func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.hooks--
		})
		return stop()
	}
}

func (h *hooked) free(t testing.TB, what string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hooks != 0 {
		t.Errorf("%d hooks are left on the context of %s", h.hooks, what)
	}
}

// After Stop no goroutine is left. All of a service's work is done before.
func TestL12NoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for range 20 {
		svc := actor.New(new(factory).build, quiet(), actor.WithSlowClosure(time.Hour), actor.WithCapacity(2))
		ctx, cancel := context.WithCancel(context.Background())
		served := serve(ctx, svc)
		err := svc.RunContext(ctx, func(ctx context.Context, _ *closable) error {
			context.AfterFunc(ctx, func() {})
			derived, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			return derived.Err()
		})
		if err != nil {
			t.Errorf("RunContext = %v", err)
		}
		started := make(chan struct{})
		wait := func(ctx context.Context, _ *closable) { close(started); <-ctx.Done() }
		if err := svc.DoContext(ctx, wait); err != nil {
			t.Errorf("DoContext = %v", err)
		}
		<-started
		f := actor.Async(svc, func(*closable) (int, error) { return 0, nil })
		short, end := context.WithCancel(ctx)
		end()
		_, _ = f.Await(short)
		svc.CutOff(true) // ends the context that the closure waits for
		<-served
		served = serve(context.Background(), svc)
		_, _ = f.Await(ctx)
		stop(t, svc)
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
		svc := actor.New(new(factory).build, quiet(), actor.WithSlowClosure(time.Millisecond))
		for range 3 {
			ctx, cancel := context.WithCancel(context.Background())
			serve(ctx, svc)
			synctest.Wait()
			do(t, svc, func(*closable) { time.Sleep(time.Second) })
			synctest.Wait()
			cancel()
			time.Sleep(time.Minute)
		}
		serve(context.Background(), svc)
		synctest.Wait()
		stop(t, svc)
	})
}

// After Stop nothing fires: the watch on slow closures, the time for draining, the
// watch on a declared service.
func TestL12NoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log records
		svc := actor.New(new(factory).build, log.option(), actor.WithSlowClosure(time.Second))
		ctx, cancel := context.WithCancel(context.Background())
		served := serve(ctx, svc)
		b := occupy(t, svc)
		cancel() // the time for draining begins
		synctest.Wait()
		b.letGo()
		<-served
		stop(t, svc)
		never := actor.New(new(factory).build, log.option())
		stop(t, never)
		time.Sleep(365 * 24 * time.Hour)
		log.mu.Lock()
		defer log.mu.Unlock()
		for _, rec := range log.all {
			t.Errorf("logged: %s", rec.Message)
		}
	})
}

// Nothing of the service hangs on the contexts that it was given.
func TestL12NothingOnContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(context.Background())
		defer cancel()
		serving := &hooked{Context: supervised(parent)}
		calling, casting := &hooked{Context: parent}, &hooked{Context: parent}
		svc := actor.New(new(factory).build, quiet())
		for range 2 {
			served := serve(serving, svc)
			err := svc.RunContext(calling, func(ctx context.Context, _ *closable) error {
				_, cancel := context.WithCancel(ctx)
				defer cancel()
				return ctx.Err()
			})
			if err != nil {
				t.Errorf("RunContext = %v", err)
			}
			calling.free(t, "a call that was answered")
			use := func(ctx context.Context, _ *closable) { context.AfterFunc(ctx, func() {}) }
			if err := svc.DoContext(casting, use); err != nil {
				t.Errorf("DoContext = %v", err)
			}
			do(t, svc, panics)
			<-served
			serving.free(t, "a Serve that has returned")
			casting.free(t, "an asynchronous closure")
		}
		served := serve(serving, svc)
		synctest.Wait()
		stop(t, svc)
		<-served
		serving.free(t, "a service that was stopped")
	})
}

// The constructor's context does not end with Serve's when there is a T, also not while a
// view's function looks at that before the first closure.
func TestL12ContextOfTheConstructorWhileAViewLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life context.Context
		svc := actor.New(func(ctx context.Context) (*plain, error) {
			life = ctx
			return &plain{}, nil
		}, quiet())
		release := make(hanging)
		actor.NewView(svc, release.hang)
		serving, end := context.WithCancel(context.Background())
		served := serve(serving, svc)
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
		}, quiet())
		served := serve(context.Background(), svc)
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
		stop(t, svc)
		<-served
		if !openInClose.Load() {
			t.Error("the constructor's context had ended when T was closed")
		}
		if life.Err() == nil || cast.Err() == nil {
			t.Errorf("left open: %v, %v", life.Err(), cast.Err())
		}
	})
}
