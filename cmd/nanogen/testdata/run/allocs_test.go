package run

import (
	"context"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// Each method beside the closure that one would write by hand.
var pairs = []struct {
	name           string
	method, byHand func(context.Context, CounterService, CellService[int])
}{
	{"Inc()",
		func(_ context.Context, c CounterService, _ CellService[int]) { c.Inc() },
		func(_ context.Context, c CounterService, _ CellService[int]) {
			c.Service().Do(func(c *Counter) { c.Inc() })
		}},
	{"Add(int)",
		func(_ context.Context, c CounterService, _ CellService[int]) { c.Add(1) },
		func(_ context.Context, c CounterService, _ CellService[int]) {
			by := c.one()
			c.Service().Do(func(c *Counter) { c.Add(by) })
		}},
	{"Value() int",
		func(ctx context.Context, c CounterService, _ CellService[int]) { c.Value(ctx) },
		func(ctx context.Context, c CounterService, _ CellService[int]) {
			actor.Get(ctx, c.Service(), func(c *Counter) int { return c.Value() })
		}},
	{"Swap(int) int",
		func(ctx context.Context, c CounterService, _ CellService[int]) { c.Swap(ctx, 1) },
		func(ctx context.Context, c CounterService, _ CellService[int]) {
			n := c.one()
			actor.Get(ctx, c.Service(), func(c *Counter) int { return c.Swap(n) })
		}},
	{"Try(int) (int, error)",
		func(ctx context.Context, c CounterService, _ CellService[int]) { c.Try(ctx, 1) },
		func(ctx context.Context, c CounterService, _ CellService[int]) {
			n := c.one()
			actor.Call(ctx, c.Service(), func(c *Counter) (int, error) { return c.Try(n) })
		}},
	{"Check() error",
		func(ctx context.Context, c CounterService, _ CellService[int]) { c.Check(ctx) },
		func(ctx context.Context, c CounterService, _ CellService[int]) {
			c.Service().Run(ctx, func(c *Counter) error { return c.Check() })
		}},
	{"Fetch(ctx, int) (int, error)",
		func(ctx context.Context, c CounterService, _ CellService[int]) { c.Fetch(ctx, 1) },
		func(ctx context.Context, c CounterService, _ CellService[int]) {
			n := c.one()
			actor.CallContext(ctx, c.Service(), func(ctx context.Context, c *Counter) (int, error) { return c.Fetch(ctx, n) })
		}},
	{"Divide(int) (int, int)",
		func(ctx context.Context, c CounterService, _ CellService[int]) { c.Divide(ctx, 1) },
		func(ctx context.Context, c CounterService, _ CellService[int]) {
			by := c.one()
			var q, r int
			c.Service().Run(ctx, func(c *Counter) error { q, r = c.Divide(by); return nil })
			_, _ = q, r
		}},
	{"Cell[int].Load() int",
		func(ctx context.Context, _ CounterService, c CellService[int]) { c.Load(ctx) },
		func(ctx context.Context, _ CounterService, c CellService[int]) { load(ctx, c) }},
	{"Cell[int].Store(int)",
		func(_ context.Context, _ CounterService, c CellService[int]) { c.Store(1) },
		func(_ context.Context, c CounterService, cell CellService[int]) { store(cell, c.one()) }},
}

// By hand, and generic as the methods are: in generic code each closure refers to
// the type arguments, and so is allocated even if it captures nothing else.
func load[T any](ctx context.Context, c CellService[T]) {
	actor.Get(ctx, c.Service(), func(c *Cell[T]) T { return c.Load() })
}

func store[T any](c CellService[T], value T) {
	c.Service().Do(func(c *Cell[T]) { c.Store(value) })
}

// one is 1, in a way that the compiler does not see through.
//
//go:noinline
func (svc CounterService) one() int { return 1 }

func start(t testing.TB) (CounterService, CellService[int]) {
	counter, cell := NewCounterService(), NewCellService[int]()
	for _, serve := range []func(context.Context) error{counter.Serve, cell.Serve} {
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error)
		go func() { served <- serve(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
	return counter, cell
}

// A method allocates what the closure by hand does, or less: one closure for the
// arguments, and nothing if there are none.
func TestMethodsAllocateNoMoreThanClosures(t *testing.T) {
	counter, cell := start(t)
	ctx := t.Context()
	settle := func() {
		counter.Value(ctx)
		cell.Load(ctx)
	}
	for _, p := range pairs {
		count := func(f func(context.Context, CounterService, CellService[int])) float64 {
			settle()
			defer settle()
			return testing.AllocsPerRun(100, func() { f(ctx, counter, cell) })
		}
		method, byHand := count(p.method), count(p.byHand)
		t.Logf("%-30s %.0f, by hand %.0f", p.name, method, byHand)
		if method > byHand && !race {
			t.Errorf("%s allocates %.0f times, a closure by hand %.0f times", p.name, method, byHand)
		}
	}
}

func BenchmarkMethods(b *testing.B) {
	counter, cell := start(b)
	for _, p := range pairs {
		for _, way := range []struct {
			name string
			f    func(context.Context, CounterService, CellService[int])
		}{{"method", p.method}, {"byhand", p.byHand}} {
			b.Run(p.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					way.f(b.Context(), counter, cell)
				}
			})
		}
	}
}
