package actor_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

var errEnough = errors.New("enough")

func serving() *actor.Serving {
	return actor.NewServing(context.Background(), actor.Place{Path: "tree/svc"})
}

func declared() *actor.Service[plain] {
	return actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
}

// A service ends with the context that its supervisor ends: what was accepted runs, and
// what comes is refused.
func TestSTATEServingEndsTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		svc := declared()
		served := serve(ctx, svc)
		b := occupy(t, svc)
		ran := false
		do(t, svc, func(*plain) { ran = true })
		ctx.End(nil)
		if got := svc.Info().State; got != actor.Draining {
			t.Errorf("the service is %v", got)
		}
		b.letGo()
		if err := <-served; err != nil || !ran {
			t.Errorf("Serve = %v; what had been accepted has run: %t", err, ran)
		}
		svc.Kill()
	})
}

// The cause of the end reaches the service: with Restart it keeps its queue.
func TestSTATEServingEndsForARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		svc := declared()
		served := serve(ctx, svc)
		b := occupy(t, svc)
		do(t, svc, func(*plain) {})
		ctx.End(actor.Restart)
		b.letGo()
		if err := <-served; err != nil || svc.Info().Queued != 1 {
			t.Errorf("Serve = %v, and %d closures wait", err, svc.Info().Queued)
		}
		svc.Kill()
	})
}

// Who is served with a context that is derived from the supervisor's, or as the second
// with the same one, ends with it as well.
func TestSTATEServingEndsOthersToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		derived, cancel := context.WithCancel(ctx)
		defer cancel()
		for _, served := range []<-chan error{
			serve(ctx, declared()), serve(ctx, declared()), serve(derived, declared()),
		} {
			defer func() {
				if err := <-served; err != nil {
					t.Errorf("Serve = %v", err)
				}
			}()
		}
		synctest.Wait()
		ctx.End(nil)
	})
}

// An end that comes before the service has begun is found by it; one that comes when it
// is over does no harm.
func TestSTATEServingEndsBeforeServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := serving()
		ctx.End(nil)
		svc := declared()
		if err := <-serve(ctx, svc); err != nil {
			t.Errorf("Serve = %v", err)
		}
		ctx.End(errEnough)
		svc.Kill()
	})
}

// However an end and the beginning of Serve fall together, it is noticed.
func TestSTATEServingEndsWhileServeBegins(t *testing.T) {
	for i := range 2000 {
		ctx, svc := serving(), declared()
		served := serve(ctx, svc)
		go ctx.End(nil)
		if i%2 == 0 {
			go ctx.End(actor.Restart)
		}
		if err := <-served; err != nil {
			t.Fatal(err)
		}
		svc.Kill()
	}
}

// It is a context as any other, whenever it is asked.
func TestServingIsAContext(t *testing.T) {
	type key struct{}
	asked := map[string]func(context.Context){
		"not before the end": func(context.Context) {},
		"for its channel":    func(ctx context.Context) { ctx.Done() },
		"for a value":        func(ctx context.Context) { ctx.Value(key{}) },
	}
	for name, ask := range asked {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
				defer cancel()
				ctx := actor.NewServing(parent, actor.Place{Path: "tree/svc"})
				ask(ctx)
				cancel() // which is not its end
				if err := ctx.Err(); err != nil {
					t.Errorf("Err = %v before the end", err)
				}
				if _, ok := ctx.Deadline(); ok {
					t.Error("it has a deadline")
				}
				ctx.End(errEnough)
				ctx.End(nil) // is too late to say why
				<-ctx.Done()
				if err, cause := ctx.Err(), context.Cause(ctx); err != context.Canceled || cause != errEnough {
					t.Errorf("Err = %v, because %v", err, cause)
				}
				if v := ctx.Value(key{}); v != "value" {
					t.Errorf("its value is %v", v)
				}
				if p, ok := actor.PlaceOf(ctx); !ok || p.Path != "tree/svc" {
					t.Errorf("its place is %v, %t", p, ok)
				}
			})
		})
	}
}

// A context that is derived from it, of which there may be many, needs no goroutine.
func TestServingNeedsNoGoroutine(t *testing.T) {
	ctx := serving()
	before := runtime.NumGoroutine()
	var derived []context.Context
	for range 100 {
		d, cancel := context.WithCancel(ctx)
		defer cancel()
		derived = append(derived, d)
	}
	if n := runtime.NumGoroutine(); n >= before+100 {
		t.Errorf("%d goroutines, and %d before", n, before)
	}
	ctx.End(errEnough)
	for _, d := range derived {
		if context.Cause(d) != errEnough {
			t.Fatal("one has not ended")
		}
	}
}
