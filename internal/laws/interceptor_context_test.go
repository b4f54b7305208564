package laws_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

type spanKey struct{}

// within has what is inside of it be in a span of that name, which is within the one that the
// sender is in.
func (d *notes) within(name string) actor.Option {
	return actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		ctx := c.Context()
		d.add("%s in %v", name, ctx.Value(spanKey{}))
		c.SetContext(context.WithValue(ctx, spanKey{}, name))
		if got := c.Context(); got != ctx {
			d.add("%s: its own context is %v", name, got)
		}
		return run()
	})
}

// The context that an interceptor sets is that of what is inside of it: the other
// interceptors, and each closure that has a context. The next closure has its own again.
func TestInterceptorSetsTheContext(t *testing.T) {
	var d notes
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), d.within("a"), d.within("b"))
	sent := context.WithValue(context.Background(), spanKey{}, "sent")
	note := func(ctx context.Context) { d.add("closure in %v", ctx.Value(spanKey{})) }
	to := newRecipient(t, svc, func(*actortest.Plain, int) { note(sent) })
	for _, row := range []struct {
		what string
		send func() error
		want string // in what the closure is
	}{
		{"RunContext", func() error {
			return svc.RunContext(sent, func(ctx context.Context, _ *actortest.Plain) error { note(ctx); return nil })
		}, "b"},
		{"CallContext", func() error {
			_, err := actor.CallContext(sent, svc, func(ctx context.Context, _ *actortest.Plain) (int, error) { note(ctx); return 0, nil })
			return err
		}, "b"},
		{"AsyncContext", func() error {
			_, err := actor.AsyncContext(sent, svc, func(ctx context.Context, _ *actortest.Plain) (int, error) { note(ctx); return 0, nil }).Await(sent)
			return err
		}, "b"},
		{"CallLater", func() error {
			_, err := actor.CallLater(sent, svc, func(ctx context.Context, _ *actortest.Plain, r actor.Reply[int]) { note(ctx); r.Answer(0, nil) })
			return err
		}, "b"},
		{"DoContext", func() error {
			return svc.DoContext(sent, func(ctx context.Context, _ *actortest.Plain) { note(ctx) })
		}, "b"},
		{"PipeContext", func() error {
			return actor.PipeContext(sent, svc, func(ctx context.Context) (int, error) { return 0, nil },
				func(ctx context.Context, _ *actortest.Plain, _ int, _ error) { note(ctx) })
		}, "b"},
		// What has no context takes no notice.
		{"Wait", func() error { return actor.Wait(sent, svc, func(*actortest.Plain) { note(sent) }) }, "sent"},
		{"SendContext", func() error { return to.SendContext(sent, 1) }, "sent"},
	} {
		want := []string{"a in sent", "b in a", "closure in " + row.want}
		for range 2 {
			if err := row.send(); err != nil {
				t.Errorf("%s: %v", row.what, err)
			}
			var got []string
			for len(got) < len(want) {
				waitIdle(svc)
				got = append(got, d.take()...)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q: want %q", row.what, got, want)
			}
		}
	}
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}

// A closure for which no context is set has its sender's, also after one for which it was.
func TestInterceptorSetsTheContextOfOneClosure(t *testing.T) {
	type key struct{}
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		if c.Context().Value(key{}) == nil {
			return run()
		}
		c.SetContext(context.Background())
		return run()
	}))
	seen := func(sent context.Context) (is any) {
		t.Helper()
		if err := svc.RunContext(sent, func(ctx context.Context, _ *actortest.Plain) error { is = ctx.Value(spanKey{}); return nil }); err != nil {
			t.Error(err)
		}
		return is
	}
	sent := context.WithValue(context.Background(), spanKey{}, "sent")
	marked := context.WithValue(sent, key{}, true)
	if err := svc.Run(marked, actortest.Nothing[actortest.Plain]); err != nil { // takes none of it
		t.Error(err)
	}
	if a, b, c := seen(sent), seen(marked), seen(sent); a != "sent" || b != nil || c != "sent" {
		t.Errorf("%v, %v, %v", a, b, c)
	}
	actortest.Stop(t, svc)
}

// The closure of a call ends with the context that is set, and its caller waits by its own.
func TestL5ContextThatAnInterceptorSets(t *testing.T) {
	over, end := context.WithCancelCause(context.Background())
	end(errLost)
	for _, row := range []struct {
		name  string
		set   func(sent context.Context) (context.Context, context.CancelFunc)
		after time.Duration // at which the closure's context ends; -1: it does not, until the closure has returned
		want  error
	}{
		{"has ended", func(context.Context) (context.Context, context.CancelFunc) { return over, func() {} }, 0, errLost},
		{"ends", func(sent context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(sent, time.Second)
		}, time.Second, context.DeadlineExceeded},
		{"the sender's", func(sent context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(sent) },
			5 * time.Second, context.DeadlineExceeded},
		{"does not end", func(sent context.Context) (context.Context, context.CancelFunc) {
			return context.WithoutCancel(sent), func() {}
		}, -1, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(func(c actor.Closure, run func() error) error {
					ctx, cancel := row.set(c.Context())
					defer cancel()
					c.SetContext(ctx)
					return run()
				}))
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				begin, free := time.Now(), make(chan struct{})
				ended, cause := time.Duration(-1), error(nil)
				err := svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
					select {
					case <-ctx.Done():
						ended, cause = time.Since(begin), context.Cause(ctx)
					case <-free:
					}
					<-free
					return nil
				})
				elapsed(t, begin, 5*time.Second)
				actortest.Within(t, "RunContext", err, context.DeadlineExceeded, actor.Unknown)
				synctest.Wait() // it ends at the same time
				close(free)
				actortest.Stop(t, svc)
				if ended != row.after || !errors.Is(cause, row.want) {
					t.Errorf("the closure's context ended after %v, %v", ended, cause)
				}
			})
		})
	}
}

// What was sent and is not awaited has the values of the context that is set, and not its end.
func TestL5ContextThatAnInterceptorSetsForDo(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		ctx, cancel := context.WithCancel(context.WithValue(c.Context(), spanKey{}, "set"))
		cancel()
		c.SetContext(ctx)
		return run()
	}))
	seen := make(chan string, 1)
	_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) {
		_, bounded := ctx.Deadline()
		seen <- fmt.Sprint(ctx.Value(spanKey{}), " ", ctx.Err(), " ", bounded)
	})
	if got := <-seen; got != "set <nil> false" {
		t.Error(got)
	}
	actortest.Stop(t, svc)
}

// A context that says nothing of the sender hides no cycle, and no caller of a crash.
func TestL10ContextThatAnInterceptorSets(t *testing.T) {
	forget := actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		c.SetContext(context.Background())
		return run()
	})
	front := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("front"), forget)
	back := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("back"), forget)
	err := front.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) error {
		return back.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
			return front.Run(ctx, actortest.Nothing[actortest.Plain])
		})
	})
	var cycle *actor.DeadlockError
	if !errors.As(err, &cycle) || len(cycle.Cycle) != 2 {
		t.Errorf("a cycle = %v", err)
	}
	err = front.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) error { return back.Run(ctx, noChange) })
	var p *actor.PanicError
	if !errors.As(err, &p) || len(p.Callers()) != 1 || !strings.Contains(p.Callers()[0].String(), "front") {
		t.Errorf("a crash = %v", err)
	}
	actortest.Stop(t, front)
	<-back.Done()
}

// SetContext is for the time before run, and for the interceptor's goroutine.
func TestInterceptorSetsNoContextLate(t *testing.T) {
	var (
		ctx  = context.Background()
		none context.Context
		kept actor.Closure
	)
	for _, row := range []struct {
		what, want string
		intercept  actor.Interceptor
	}{
		{"nil", "actor: SetContext(nil)", func(c actor.Closure, run func() error) error {
			c.SetContext(none)
			return run()
		}},
		{"after run", "actor: SetContext after run", func(c actor.Closure, run func() error) error {
			defer c.SetContext(ctx)
			return run()
		}},
		{"on another goroutine", "or on another goroutine", func(c actor.Closure, run func() error) error {
			said := make(chan any)
			go func() {
				defer func() { said <- recover() }()
				c.SetContext(ctx)
			}()
			if v := <-said; v != nil {
				panic(v)
			}
			return run()
		}},
		{"by a later one", "or its interceptor's return", func(c actor.Closure, run func() error) error {
			if kept == (actor.Closure{}) {
				kept = c
				return errLost
			}
			kept.SetContext(ctx)
			return run()
		}},
	} {
		t.Run(row.what, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(row.intercept))
			err := svc.Run(ctx, actortest.Nothing[actortest.Plain])
			if errors.Is(err, errLost) {
				err = svc.Run(ctx, actortest.Nothing[actortest.Plain])
			}
			if actor.OutcomeOf(err) != actor.Crashed || !strings.Contains(err.Error(), row.want) {
				t.Errorf("the call = %v", err)
			}
			svc.Kill()
		})
	}
}
