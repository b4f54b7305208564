package laws_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// The future has failed when the context ends, and not when the call's turn comes, also for
// those who await it with other contexts.
func TestL6AsyncContext(t *testing.T) {
	for _, d := range dyings() {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			b := actortest.Occupy(t, svc)
			ctx, cancel := d.make()
			defer cancel()
			begin := time.Now()
			f := actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { t.Error("ran"); return 0, nil })
			<-f.Done()
			for range 2 {
				_, err := f.Await(context.Background())
				if !errors.Is(err, d.want) || actor.OutcomeOf(err) != actor.NotRun || time.Since(begin) != time.Second {
					t.Errorf("%s: %v after %v", d.name, err, time.Since(begin))
				}
			}
			if i := svc.Info(); i.Queued != 1 || i.Skipped != 0 {
				t.Errorf("before its turn: %+v", i)
			}
			b.LetGo()
			actortest.Stop(t, svc)
			if i := svc.Info(); i.Skipped != 1 || i.Executed != 1 {
				t.Errorf("%+v", i)
			}
		})
	}
}

// It has the context of a call: values, deadline, the end with ctx and with the closure. When
// it runs, the future is what the closure returns, whatever becomes of ctx.
func TestL5AsyncContextRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "value"), time.Second)
		defer cancel()
		var inside context.Context
		f := actor.AsyncContext(ctx, svc, func(ctx context.Context, p *actortest.Plain) (int, error) {
			inside = ctx
			until, ok := ctx.Deadline()
			if ctx.Value(key{}) != "value" || !ok || time.Until(until) != time.Second || actor.Self[actortest.Plain](ctx) != svc {
				t.Errorf("%v, until %v (%v)", ctx, until, ok)
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			return 7, errLost
		})
		synctest.Wait()
		if _, err := f.Await(ctx); actor.OutcomeOf(err) != actor.Unknown || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Await with a context that ends while it runs: %v", err)
		}
		if n, err := f.Await(context.Background()); n != 7 || err != errLost {
			t.Errorf("%d, %v", n, err)
		}
		inside = nil
		f = actor.AsyncContext(t.Context(), svc, func(ctx context.Context, p *actortest.Plain) (int, error) { inside = ctx; return 0, nil })
		_, _ = f.Await(t.Context())
		if inside.Err() == nil {
			t.Error("its context has not ended with the closure")
		}
		actortest.Stop(t, svc)
	})
}

// The context ends beside the turn: either the closure ran, and the future says so, or it
// did not, and will not.
func TestL5AsyncContextEndsBesideItsTurn(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	var outcomes [4]int
	for round := range 3000 {
		ctx, cancel := context.WithCancel(context.Background())
		ran := false
		var all sync.WaitGroup
		f := actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { ran = true; return round, nil })
		all.Go(func() {
			if round%2 == 0 {
				runtime.Gosched()
			}
			cancel()
		})
		n, err := f.Await(context.Background())
		what := actor.OutcomeOf(err)
		outcomes[what]++
		switch {
		case what == actor.Ran && ran && err == nil && n == round:
		case what == actor.NotRun && errors.Is(err, context.Canceled):
			if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil || ran {
				t.Fatalf("it ran (%v), and its caller is told %v", ran, err)
			}
		default:
			t.Fatalf("ran: %v, and the future is %d, %v", ran, n, err)
		}
		all.Wait()
	}
	actortest.Stop(t, svc)
	if outcomes[actor.Ran]+outcomes[actor.NotRun] != 3000 {
		t.Errorf("outcomes: %v", outcomes)
	}
	actortest.Balanced(t, svc.Info())
}

// endsAt is a context that ends when it has answered the n-th question.
type endsAt struct {
	context.Context
	cancel context.CancelFunc
	n      atomic.Int64
}

func (c *endsAt) asked() {
	if c.n.Add(-1) == 0 {
		c.cancel()
	}
}

func (c *endsAt) Deadline() (time.Time, bool) { defer c.asked(); return c.Context.Deadline() }
func (c *endsAt) Done() <-chan struct{}       { defer c.asked(); return c.Context.Done() }
func (c *endsAt) Err() error                  { defer c.asked(); return c.Context.Err() }
func (c *endsAt) Value(key any) any           { defer c.asked(); return c.Context.Value(key) }

// The context ends between any two steps of the hand-over, such as when the library is told
// of its end before it knows how to hear no more of it: the future has failed, nothing runs,
// and what was accepted is skipped.
func TestL6AsyncContextEndsInTheHandOver(t *testing.T) {
	for n := 1; ; n++ {
		over := false
		synctest.Test(t, func(t *testing.T) {
			parent, cancel := context.WithCancel(t.Context())
			ctx := &endsAt{Context: parent, cancel: cancel}
			ctx.n.Store(int64(n))
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			b := actortest.Occupy(t, svc)
			f := actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) {
				t.Errorf("ran, ended at question %d", n)
				return 0, nil
			})
			over = parent.Err() == nil // there are no more questions
			cancel()
			<-f.Done()
			if _, err := f.Await(t.Context()); actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, context.Canceled) {
				t.Errorf("ended at question %d: %v", n, err)
			}
			b.LetGo()
			actortest.Stop(t, svc)
			i := svc.Info()
			if actortest.Balanced(t, i); i.Skipped+1 != i.Accepted {
				t.Errorf("ended at question %d: %+v", n, i)
			}
		})
		if over {
			if n < 4 {
				t.Errorf("it was asked %d questions only", n-1)
			}
			return
		}
	}
}

// Await with the same context is told that the call never ran, whichever of the two learns of
// the end first.
func TestL5AsyncContextAwaitedWithItsContext(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	for range 500 {
		b := actortest.Occupy(t, svc)
		ctx, cancel := context.WithCancel(context.Background())
		f := actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { return 0, nil })
		cancel()
		if _, err := f.Await(ctx); actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		b.LetGo()
	}
	actortest.Stop(t, svc)
}

// It is handed over at once, and runs in its order among what else its sender sends.
func TestL2AsyncContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		b := actortest.Occupy(t, svc)
		var order []int
		note := func(n int) { order = append(order, n) }
		for n := 0; n < 40; n += 4 {
			actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { note(n); return 0, nil })
			actortest.Do(t, svc, func(*actortest.Plain) { note(n + 1) })
			actor.AsyncContext(t.Context(), svc, func(context.Context, *actortest.Plain) (int, error) { note(n + 2); return 0, nil })
			actor.Async(svc, func(*actortest.Plain) (int, error) { note(n + 3); return 0, nil })
		}
		b.LetGo()
		actortest.Stop(t, svc)
		if len(order) != 40 || !slices.IsSorted(order) {
			t.Errorf("they ran as %v", order)
		}
	})
}

// A closure knows of its sender what CallContext's does: the crash names it.
func TestL5AsyncContextCrash(t *testing.T) {
	shop, till := actor.Start(&actortest.Plain{}, actor.WithName("shop"), actortest.Quiet()), actor.Start(&actortest.Plain{}, actortest.Quiet())
	_, err := actor.CallContext(t.Context(), shop, func(ctx context.Context, _ *actortest.Plain) (int, error) {
		return actor.AsyncContext(ctx, till, func(context.Context, *actortest.Plain) (int, error) { panic("empty") }).Await(ctx)
	})
	var crash *actor.PanicError
	if !errors.As(err, &crash) || actor.OutcomeOf(err) != actor.Ran {
		t.Fatal(err)
	}
	if c := crash.Callers(); len(c) != 1 || c[0].Service != "shop" {
		t.Errorf("Callers = %v", c)
	}
	actortest.Stop(t, shop)
}

// What hangs on the context while the call is queued is taken off, however it ends; and a
// future that is kept keeps neither the context nor what the closure held.
func TestL12AsyncContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(new(actortest.Factory).Build, actor.WithCapacity(1), actor.WithQueuePolicy(actor.FailQueue), actortest.Quiet())
		nothing := func(context.Context, *actortest.Closable) (int, error) { return 0, nil }
		parent, cancel := context.WithCancel(t.Context())
		ctx, before := hooked{parent}, hooks()
		ends := func(what string, f *actor.Future[int], want actor.Outcome) {
			t.Helper()
			if _, err := f.Await(t.Context()); actor.OutcomeOf(err) != want {
				t.Errorf("%s: %v", what, err)
			}
			if n := hooks() - before; n != 0 {
				t.Errorf("%s: %d hang on its context", what, n)
			}
		}
		served := actortest.Serve(actortest.Supervised(t.Context()), svc)
		ends("a call that ran", actor.AsyncContext(ctx, svc, nothing), actor.Ran)
		ends("a call that crashed", actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Closable) (int, error) { panic("crash") }), actor.Crashed)
		<-served
		actortest.Do(t, svc, func(*actortest.Closable) {})
		ends("a call that was refused", actor.AsyncContext(ctx, svc, nothing), actor.NotRun)
		served = actortest.Serve(actortest.Supervised(t.Context()), svc)
		synctest.Wait()
		b := actortest.Occupy(t, svc)
		f := actor.AsyncContext(ctx, svc, nothing)
		svc.Kill()
		ends("a call that was queued at the end", f, actor.NotRun)
		b.LetGo()
		<-served
		cancel()
		ends("a call with a context that has ended", actor.AsyncContext(ctx, svc, nothing), actor.NotRun)
	})
}

func TestL12AsyncContextKeptFuture(t *testing.T) {
	type big struct{ _ [1 << 10]byte }
	type key struct{}
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	ctx, captured := new(big), new(big)
	inContext, inClosure := weak.Make(ctx), weak.Make(captured)
	parent, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, ctx))
	f := actor.AsyncContext(parent, svc, func(context.Context, *actortest.Plain) (int, error) { runtime.KeepAlive(captured); return 1, nil })
	<-f.Done()
	cancel()
	_ = svc.Run(context.Background(), func(*actortest.Plain) error { return nil })
	ctx, captured, parent, cancel = nil, nil, nil, nil
	actortest.Collected(t, "what a future has no more use for", func() bool { return inContext.Value() == nil && inClosure.Value() == nil })
	if n, err := f.Await(context.Background()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	actortest.Stop(t, svc)
}

// strange is a context with an Err that is not to be asked by the library's goroutines.
type strange struct {
	over chan struct{}
	err  func() error
}

func (strange) Deadline() (time.Time, bool) { return time.Time{}, false }
func (s strange) Done() <-chan struct{}     { return s.over }
func (strange) Value(any) any               { return nil }

func (s strange) Err() error {
	select {
	case <-s.over:
		return s.err()
	default:
		return nil
	}
}

// A context whose Err misbehaves harms nothing: the call does not run, and is answered, at
// the latest when its turn has come; who awaits it, and need not be who called, is not held up.
func TestL17AsyncContext(t *testing.T) {
	for name, err := range map[string]func() error{
		"says nothing":       func() error { return nil },
		"panics":             func() error { panic("no") },
		"ends its goroutine": func() error { runtime.Goexit(); return nil },
		"waits":              func() error { time.Sleep(time.Hour); return context.Canceled },
	} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			b := actortest.Occupy(t, svc)
			ctx := strange{make(chan struct{}), err}
			f := actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { t.Errorf("%s: ran", name); return 0, nil })
			close(ctx.over)
			synctest.Wait()
			b.LetGo()
			<-f.Done()
			told, begun := make(chan error, 1), time.Now()
			go func() {
				defer close(told)
				_, err := f.Await(context.Background())
				told <- err
			}()
			if err, ok := <-told; !ok || actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, and Await has returned: %t", name, err, ok)
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%s: Await takes %v", name, took)
			}
			actortest.Stop(t, svc)
			if i := svc.Info(); i.Skipped != 1 {
				t.Errorf("%s: %+v", name, i)
			}
			time.Sleep(3 * time.Hour) // it has been asked twice
		})
	}
}
