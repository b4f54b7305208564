package laws_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// after returns a work that takes d, or until its context ends, and returns n.
func after(d time.Duration, n int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return n, nil
		case <-ctx.Done():
			return n, context.Cause(ctx)
		}
	}
}

// basket is a T that notes what work has brought.
type basket struct {
	got  []int
	errs []error
}

func (b *basket) put(n int, err error) {
	b.got = append(b.got, n)
	b.errs = append(b.errs, err)
}

func pipe(t testing.TB, svc *actor.Service[basket], f func(context.Context) (int, error)) {
	t.Helper()
	if err := actor.Pipe(svc, f, (*basket).put); err != nil {
		t.Errorf("Pipe = %v", err)
	}
}

func got(t testing.TB, svc *actor.Service[basket]) []int {
	t.Helper()
	all, err := actor.Get(context.Background(), svc, func(b *basket) []int { return slices.Clone(b.got) })
	if err != nil {
		t.Errorf("Get = %v", err)
	}
	return all
}

// Work runs beside the service, and its outcome comes back as a closure.
func TestPIPEBesideTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actortest.Quiet())
		begin := time.Now()
		pipe(t, svc, after(2*time.Second, 2))
		pipe(t, svc, after(time.Second, 1))
		pipe(t, svc, func(context.Context) (int, error) { return 0, errLost })
		synctest.Wait()
		if all := got(t, svc); !slices.Equal(all, []int{0}) {
			t.Errorf("%v", all)
		}
		elapsed(t, begin, 0)
		time.Sleep(2*time.Second + 1)
		if all := got(t, svc); !slices.Equal(all, []int{0, 1, 2}) {
			t.Errorf("%v", all)
		}
		actortest.Do(t, svc, func(b *basket) {
			if b.errs[0] != errLost || b.errs[1] != nil {
				t.Errorf("%v", b.errs)
			}
		})
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// No more works run at once than the limit says; the others begin in their order.
func TestPIPELimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actor.WithPipeLimit(3), actortest.Quiet())
		var running, most atomic.Int32
		var began []int
		release := make(chan int)
		for i := range 10 {
			pipe(t, svc, func(context.Context) (int, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				began = append(began, i) // one at a time: see below
				return <-release, nil
			})
			synctest.Wait()
		}
		for i := range 10 {
			if running.Load() != min(3, 10-int32(i)) {
				t.Errorf("%d works run", running.Load())
			}
			release <- i
			synctest.Wait()
		}
		if most.Load() != 3 || !slices.IsSorted(began) || len(began) != 10 {
			t.Errorf("at most %d at once; began: %v", most.Load(), began)
		}
		actortest.Stop(t, svc)
	})
}

func TestPIPERefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, actortest.Quiet(), dead.Option())
		never := func(context.Context) (int, error) { t.Error("it runs"); return 0, nil }
		if err := actor.Pipe(svc, never, (*basket).put); err != actor.ErrNotRunning {
			t.Errorf("Pipe = %v", err)
		}
		actortest.Stop(t, svc)
		if err := actor.Pipe(svc, never, (*basket).put); err != actor.ErrStopped {
			t.Errorf("Pipe = %v", err)
		}
		if i, l := svc.Info(), dead.List(); i.Refused != 2 || len(l) != 2 || !l[0].Refused {
			t.Errorf("%+v; %+v", i, l)
		}
	})
}

// The contexts of PipeContext have the values of the one that is given, not its end,
// and belong to the service.
func TestPIPEContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		svc := actor.Start(&basket{}, actortest.Quiet())
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
		check := func(ctx context.Context) {
			if ctx.Value(key{}) != "value" || ctx.Err() != nil || actor.Self[basket](ctx) != svc {
				t.Errorf("%v", ctx)
			}
			if _, ok := ctx.Deadline(); ok {
				t.Error("it has a deadline")
			}
		}
		var last context.Context
		err := svc.RunContext(ctx, func(ctx context.Context, _ *basket) error {
			return actor.PipeContext(ctx, svc, func(ctx context.Context) (int, error) {
				time.Sleep(time.Second)
				check(ctx)
				return 3, nil
			}, func(ctx context.Context, b *basket, n int, err error) {
				check(ctx)
				b.put(n, err)
				last = ctx
			})
		})
		cancel()
		if err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
		if all := got(t, svc); !slices.Equal(all, []int{3}) {
			t.Errorf("%v", all)
		}
		actortest.Stop(t, svc)
		if context.Cause(last) != actor.ErrStopped {
			t.Errorf("after the end: %v", context.Cause(last))
		}
	})
}

func TestPIPEMisusePanics(t *testing.T) {
	svc := actor.Start(&basket{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	ctx := t.Context()
	var none context.Context
	var zero actor.Service[basket]
	f := func(context.Context) (int, error) { return 0, nil }
	put := func(context.Context, *basket, int, error) {}
	panicsWith(t, "Pipe of a nil", func() { _ = actor.Pipe[basket, int](svc, nil, (*basket).put) })
	panicsWith(t, "Pipe of a nil", func() { _ = actor.Pipe[basket](svc, f, nil) })
	panicsWith(t, "PipeContext of a nil", func() { _ = actor.PipeContext[basket, int](ctx, svc, nil, put) })
	panicsWith(t, "PipeContext of a nil", func() { _ = actor.PipeContext[basket](ctx, svc, f, nil) })
	panicsWith(t, "PipeContext with a nil context", func() { _ = actor.PipeContext(none, svc, f, put) })
	panicsWith(t, "is made by Start or New", func() { _ = actor.Pipe(&zero, f, (*basket).put) })
	panicsWith(t, "WithPipeLimit(0)", func() { actor.WithPipeLimit(0) })
}
