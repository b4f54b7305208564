package laws_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// inner is a call that a closure makes, and that ends badly in one of the ways
// there are.
type inner struct {
	name string
	call func(ctx context.Context) error
	what actor.Outcome
	is   error
}

func inners(t *testing.T) []inner {
	gone := actor.Start(&actortest.Closable{}, actor.WithName("gone"), actortest.Quiet())
	actortest.Stop(t, gone)
	none := func(*actortest.Closable) error { return nil }
	crashing := func() *actor.Service[actortest.Closable] {
		return actor.Start(&actortest.Closable{}, actor.WithName("crashing"), actortest.Quiet())
	}
	return []inner{
		{"stopped", func(ctx context.Context) error { return gone.Run(ctx, none) }, actor.NotRun,
			actor.ErrStopped},
		{"refused Do", func(context.Context) error { return gone.Do(func(*actortest.Closable) {}) }, actor.NotRun,
			actor.ErrStopped},
		{"dead context", func(context.Context) error { return gone.Run(expired(), none) }, actor.NotRun,
			context.Canceled},
		{"self call", func(ctx context.Context) error {
			return actor.Self[actortest.Closable](ctx).Run(ctx, none)
		}, actor.NotRun, actor.ErrSelfCall},
		{"crash", func(ctx context.Context) error {
			return crashing().Run(ctx, func(*actortest.Closable) error { panic(errLost) })
		}, actor.Crashed, errLost},
		{"unknown", func(context.Context) error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			svc := crashing()
			defer svc.Kill()
			return svc.Run(ctx, func(*actortest.Closable) error { time.Sleep(time.Second); return nil })
		}, actor.Unknown, context.DeadlineExceeded},
		{"ErrNotRun itself", func(context.Context) error { return actor.ErrNotRun }, actor.NotRun,
			actor.ErrNotRun},
	}
}

var errLost = errors.New("lost")

// wrapping is how a closure passes an error on.
var wrappings = []struct {
	name string
	wrap func(error) error
}{
	{"as it is", func(err error) error { return err }},
	{"wrapped", func(err error) error { return fmt.Errorf("outer: %w", err) }},
	{"joined", func(err error) error { return errors.Join(errLost, err) }},
	{"wrapped twice", func(err error) error {
		return fmt.Errorf("%w and %w", context.Canceled, fmt.Errorf("x: %w", err))
	}},
}

// An error that a closure returns is its own, even if it is that of a call which
// the closure made in turn: its caller learns that the closure ran. Everything
// else about the error is kept.
func TestL5InnerOutcomeIsNotPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, in := range inners(t) {
			for _, w := range wrappings {
				svc := actor.Start(&actortest.Closable{}, actor.WithName("outer"), actortest.Quiet())
				var given error
				err := svc.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Closable) error {
					err := in.call(ctx)
					if actor.OutcomeOf(err) != in.what {
						t.Errorf("%s: inside: %v", in.name, err)
					}
					given = w.wrap(err)
					return given
				})
				checkOwn(t, in.name+", "+w.name, err, given, in.is)
				// Once more, as a caller further out would see it.
				checkOwn(t, in.name+", "+w.name+", outside", fmt.Errorf("outside: %w", err), given, in.is)
				actortest.Stop(t, svc)
			}
		}
		time.Sleep(time.Second) // what was cut off ends
	})
}

func checkOwn(t *testing.T, name string, err, given, is error) {
	t.Helper()
	if actor.OutcomeOf(err) != actor.Ran || errors.Is(err, actor.ErrNotRun) {
		t.Errorf("%s: %v is %v", name, err, actor.OutcomeOf(err))
	}
	if is != actor.ErrNotRun && !errors.Is(err, is) {
		t.Errorf("%s: %v is not %v", name, err, is)
	}
	var panicked *actor.PanicError
	var deadlock *actor.DeadlockError
	if errors.As(err, &panicked) != errors.As(given, &panicked) ||
		errors.As(err, &deadlock) != errors.As(given, &deadlock) {
		t.Errorf("%s: errors.As differs for %v", name, err)
	}
}

// A closure that panics with the error of an inner call has crashed, and nothing
// else, however the error is wrapped.
func TestL5InnerOutcomeOfAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, in := range inners(t) {
			for _, w := range wrappings {
				svc := actor.Start(&actortest.Closable{}, actor.WithName("outer"), actortest.Quiet())
				err := svc.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Closable) error {
					panic(w.wrap(in.call(ctx)))
				})
				var p *actor.PanicError
				if actor.OutcomeOf(err) != actor.Crashed || errors.Is(err, actor.ErrNotRun) || !errors.As(err, &p) {
					t.Errorf("%s, %s: %v is %v", in.name, w.name, err, actor.OutcomeOf(err))
				} else if p.Service != "outer" || in.is != actor.ErrNotRun && !errors.Is(err, in.is) {
					t.Errorf("%s, %s: %v, on %s", in.name, w.name, err, p.Service)
				}
			}
		}
		time.Sleep(time.Second)
	})
}

// An error of the closure's own is passed on as it is, not wrapped.
func TestL5OwnErrorIsKept(t *testing.T) {
	svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
	for _, want := range []error{nil, errLost, context.Canceled, fmt.Errorf("x: %w", errLost),
		errors.Join(errLost, errLost)} {
		for name, err := range map[string]error{
			"Run":   svc.Run(t.Context(), func(*actortest.Closable) error { return want }),
			"Async": actortest.Second(actor.Async(svc, func(*actortest.Closable) (int, error) { return 1, want }).Await(t.Context())),
		} {
			if err != want || actor.OutcomeOf(err) != actor.Ran {
				t.Errorf("%s: %v is not %v", name, err, want)
			}
		}
	}
	actortest.Stop(t, svc)
}

// brittle is an error whose methods panic, as those of a nil pointer may.
type brittle struct{ cause error }

func (b *brittle) Error() string { return "brittle" }
func (b *brittle) Unwrap() error { return b.cause }

// An error that panics when it is looked at is the closure's own like any other.
func TestL5ErrorThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, w := range []string{"Run", "Async"} {
			svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
			var err error
			if w == "Run" {
				err = svc.Run(context.Background(), func(*actortest.Closable) error { return (*brittle)(nil) })
			} else {
				f := actor.Async(svc, func(*actortest.Closable) (int, error) { return 0, (*brittle)(nil) })
				_, err = f.Await(context.Background())
			}
			if err != (*brittle)(nil) || actor.OutcomeOf(err) != actor.Ran {
				t.Errorf("%s: it is a %T", w, err)
			}
			actortest.Stop(t, svc)
		}
	})
}

// stuck is an error whose methods return when it is told.
type stuck chan struct{}

func (stuck) Error() string   { return "stuck" }
func (s stuck) As(any) bool   { <-s; return false }
func (s stuck) Is(error) bool { <-s; return false }
func (s stuck) Unwrap() error { <-s; return nil }

// An error of a closure whose methods do not return holds up the service that asks it, and
// not the caller, whose context ends.
func TestL5ErrorThatHangs(t *testing.T) {
	type state = actortest.Closable
	ways := map[string]func(context.Context, *actor.Service[state], error) error{
		"Run": func(ctx context.Context, svc *actor.Service[state], err error) error {
			return svc.Run(ctx, func(*state) error { return err })
		},
		"Call": func(ctx context.Context, svc *actor.Service[state], err error) error {
			_, got := actor.Call(ctx, svc, func(*state) (int, error) { return 0, err })
			return got
		},
		"Async": func(ctx context.Context, svc *actor.Service[state], err error) error {
			_, got := actor.Async(svc, func(*state) (int, error) { return 0, err }).Await(ctx)
			return got
		},
		"CallBatched": func(ctx context.Context, svc *actor.Service[state], err error) error {
			_, got := actor.CallBatched(ctx, svc, func(*state) (int, error) { return 0, err })
			return got
		},
		"CallLater": func(ctx context.Context, svc *actor.Service[state], err error) error {
			_, got := actor.CallLater(ctx, svc, func(_ context.Context, _ *state, r actor.Reply[int]) { r.Answer(0, err) })
			return got
		},
	}
	for name, ask := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opts := []actor.Option{actortest.Quiet()}
				if name == "CallBatched" {
					opts = append(opts, actor.WithBatch(8, func(*state) error { return nil }))
				}
				svc := actor.Start(&state{}, opts...)
				err := make(stuck)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if got := ask(ctx, svc, err); !errors.Is(got, context.DeadlineExceeded) || actor.OutcomeOf(got) != actor.Unknown {
					t.Errorf("%v, %v", got, actor.OutcomeOf(got))
				}
				close(err)
				actortest.Stop(t, svc)
			})
		})
	}
}

// badContext is a context whose Err may be called by one goroutine only.
type badContext struct {
	context.Context
	t  *testing.T
	by int
}

func (c *badContext) Err() error {
	if by := goroutine(); by != c.by {
		c.t.Errorf("Err was called by goroutine %d, and not by the caller's, %d", by, c.by)
	}
	return c.Context.Err()
}

// A caller's context is asked by the caller, and by nothing of the service's.
func TestL17CallersContextIsAskedByTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		other := actor.Start(&actortest.Closable{}, actortest.Quiet())
		gate := make(chan struct{})
		_ = svc.Do(func(*actortest.Closable) { <-gate })
		call := func(end time.Duration, f func(ctx context.Context) error, want actor.Outcome) {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), end)
				defer cancel()
				err := f(&badContext{ctx, t, goroutine()})
				if actor.OutcomeOf(err) != want || (err == nil) != (want == actor.Ran) || err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %v: %v", end, err)
				}
			}()
		}
		run := func(ctx context.Context) error { return svc.Run(ctx, func(*actortest.Closable) error { return nil }) }
		call(time.Hour, run, actor.Ran)
		call(time.Minute, run, actor.NotRun) // and is skipped at its turn
		// The graph of waits is searched while it waits.
		hour, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		_ = other.Do(func(*actortest.Closable) { _ = run(&badContext{hour, t, goroutine()}) })
		synctest.Wait()
		third := actor.Start(&actortest.Closable{}, actortest.Quiet())
		_ = third.Do(func(*actortest.Closable) {
			_ = other.Run(context.Background(), func(*actortest.Closable) error { return nil })
		})
		time.Sleep(2 * time.Minute)
		close(gate)
		actortest.Stop(t, svc)
		actortest.Stop(t, third)
		actortest.Stop(t, other)
	})
}
