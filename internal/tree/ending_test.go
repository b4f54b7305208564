package tree_test

import (
	"context"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/internal/tree"
)

// Each row of the table above Ending.
func TestEndingTable(t *testing.T) {
	enough, late := tree.Because(errEnough), tree.Because(nil)
	for name, step := range map[string]struct {
		do    func(*tree.Ending)
		err   error
		cause error
	}{
		"not made":                    {func(*tree.Ending) {}, nil, nil},
		"ended, and made":             {func(e *tree.Ending) { e.End(enough) }, context.Canceled, errEnough},
		"ended twice, and made":       {func(e *tree.Ending) { e.End(enough); e.End(late) }, context.Canceled, errEnough},
		"made, and ended":             {func(e *tree.Ending) { e.With(t.Context()); e.End(enough) }, context.Canceled, errEnough},
		"made, and ended twice":       {func(e *tree.Ending) { e.With(t.Context()); e.End(enough); e.End(late) }, context.Canceled, errEnough},
		"ended for no special reason": {func(e *tree.Ending) { e.End(late) }, context.Canceled, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			var e tree.Ending
			step.do(&e)
			ctx := e.With(t.Context())
			if err, cause := ctx.Err(), context.Cause(ctx); err != step.err || cause != step.cause {
				t.Errorf("Err = %v, because %v: want %v, because %v", err, cause, step.err, step.cause)
			}
			if e.With(t.Context()) != ctx || e.Made() != ctx {
				t.Error("it is made again")
			}
			other, cancel := context.WithCancelCause(t.Context())
			if e.Make(other, cancel) != ctx || other.Err() == nil {
				t.Error("who comes too late with a context gets it, or leaves it")
			}
		})
	}
	var e tree.Ending
	if e.Made() != nil {
		t.Error("a context that is not made is there")
	}
	e.End(enough)
	if e.Made() != nil {
		t.Error("a context that ended before it was made is there")
	}
}

// However Make and End of several goroutines come together, there is one context, and it ends.
func TestEndingHammer(t *testing.T) {
	enough := tree.Because(errEnough)
	for range 2000 {
		var e tree.Ending
		var ctxs [3]context.Context
		var wg sync.WaitGroup
		for i := range ctxs {
			wg.Go(func() { ctxs[i] = e.With(context.Background()) })
		}
		wg.Go(func() { e.End(enough) })
		wg.Wait()
		for _, ctx := range ctxs {
			if ctx != ctxs[0] || ctx.Err() == nil || context.Cause(ctx) != errEnough {
				t.Fatalf("%v, and %v, which ends because of %v", ctx, ctxs[0], context.Cause(ctx))
			}
		}
	}
}

// To end what is not made allocates nothing.
func TestEndingAllocates(t *testing.T) {
	enough := tree.Because(errEnough)
	var e tree.Ending
	if n := testing.AllocsPerRun(100, func() { e = tree.Ending{}; e.End(enough) }); n != 0 {
		t.Errorf("%v allocations: want none", n)
	}
}
