package tree_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/internal/tree"
)

var errEnough = errors.New("enough")

func serving() *tree.Serving {
	return tree.NewServing(context.Background(), tree.Place{Path: "tree/svc"})
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
				ctx := tree.NewServing(parent, tree.Place{Path: "tree/svc"})
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
				if p, ok := tree.PlaceOf(ctx); !ok || p.Path != "tree/svc" {
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
