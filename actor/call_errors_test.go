package actor_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
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
	gone := actor.Start(&closable{}, actor.WithName("gone"), quiet())
	stop(t, gone)
	none := func(*closable) error { return nil }
	crashing := func() *actor.Service[closable] {
		return actor.Start(&closable{}, actor.WithName("crashing"), quiet())
	}
	return []inner{
		{"stopped", func(ctx context.Context) error { return gone.Run(ctx, none) }, actor.NotRun,
			actor.ErrStopped},
		{"refused Do", func(context.Context) error { return gone.Do(func(*closable) {}) }, actor.NotRun,
			actor.ErrStopped},
		{"dead context", func(context.Context) error { return gone.Run(expired(), none) }, actor.NotRun,
			context.Canceled},
		{"self call", func(ctx context.Context) error {
			return actor.Self[closable](ctx).Run(ctx, none)
		}, actor.NotRun, actor.ErrSelfCall},
		{"crash", func(ctx context.Context) error {
			return crashing().Run(ctx, func(*closable) error { panic(errLost) })
		}, actor.Crashed, errLost},
		{"unknown", func(context.Context) error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			svc := crashing()
			defer svc.Kill()
			return svc.Run(ctx, func(*closable) error { time.Sleep(time.Second); return nil })
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
				svc := actor.Start(&closable{}, actor.WithName("outer"), quiet())
				var given error
				err := svc.RunContext(t.Context(), func(ctx context.Context, _ *closable) error {
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
				stop(t, svc)
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
				svc := actor.Start(&closable{}, actor.WithName("outer"), quiet())
				err := svc.RunContext(t.Context(), func(ctx context.Context, _ *closable) error {
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
	svc := actor.Start(&closable{}, quiet())
	for _, want := range []error{nil, errLost, context.Canceled, fmt.Errorf("x: %w", errLost),
		errors.Join(errLost, errLost)} {
		for name, err := range map[string]error{
			"Run":   svc.Run(t.Context(), func(*closable) error { return want }),
			"Async": second(actor.Async(svc, func(*closable) (int, error) { return 1, want }).Await(t.Context())),
		} {
			if err != want || actor.OutcomeOf(err) != actor.Ran {
				t.Errorf("%s: %v is not %v", name, err, want)
			}
		}
	}
	stop(t, svc)
}

// brittle is an error whose methods panic, as those of a nil pointer may.
type brittle struct{ cause error }

func (b *brittle) Error() string { return "brittle" }
func (b *brittle) Unwrap() error { return b.cause }

// An error that panics when it is looked at is a crash of the closure that
// returned it. Its caller is answered all the same.
func TestL5ErrorThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, w := range []string{"Run", "Async"} {
			svc := actor.Start(&closable{}, quiet())
			var err error
			if w == "Run" {
				err = svc.Run(context.Background(), func(*closable) error { return (*brittle)(nil) })
			} else {
				f := actor.Async(svc, func(*closable) (int, error) { return 0, (*brittle)(nil) })
				_, err = f.Await(context.Background())
			}
			if actor.OutcomeOf(err) != actor.Crashed {
				t.Errorf("%s: %v", w, err)
			}
		}
	})
}

// badContext is a context whose Err panics, but for the first time.
type badContext struct {
	context.Context
	asked atomic.Bool
}

func (c *badContext) Err() error {
	if c.asked.Swap(true) {
		panic("bad context")
	}
	return nil
}

// A context that panics when the service asks whether it has ended is a crash. The
// closure never ran, and the caller is told so.
func TestL5ContextThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&closable{}, quiet())
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		err := svc.Run(&badContext{Context: ctx}, func(*closable) error { t.Error("ran"); return nil })
		if actor.OutcomeOf(err) != actor.NotRun {
			t.Errorf("Run = %v", err)
		}
	})
}
