package laws_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// lostCalls returns a call's error of each outcome.
func lostCalls(t *testing.T) map[actor.Outcome]error {
	svc := actor.Start(&actortest.Plain{}, actor.WithName("shaky"), actortest.Quiet())
	ctx, cancel := context.WithCancel(t.Context())
	b := actortest.NewBlocker[actortest.Plain]()
	unknown := svc.Run(ctx, func(p *actortest.Plain) error {
		cancel()
		b.Run(p)
		return nil
	})
	b.LetGo()
	crashed := svc.Run(t.Context(), func(*actortest.Plain) error { panic("crash") })
	notRun := svc.Run(t.Context(), func(*actortest.Plain) error { return nil })
	return map[actor.Outcome]error{actor.Unknown: unknown, actor.Crashed: crashed, actor.NotRun: notRun}
}

// OutcomeOf reads an outcome off a call's error, and off whatever wraps it.
func TestL5OutcomeOf(t *testing.T) {
	rows := []struct {
		err  error
		want actor.Outcome
	}{
		{nil, actor.Ran},
		{errors.New("own"), actor.Ran},
		{context.Canceled, actor.Ran}, // of a closure: a call's own would say so
		{actor.ErrStopped, actor.NotRun},
		{actor.ErrMailboxFull, actor.NotRun},
		{actor.ErrRestarted, actor.NotRun},
		{actor.ErrSelfCall, actor.NotRun},
		{actor.ErrNotRun, actor.NotRun},
		{&actor.DeadlockError{}, actor.NotRun},
		{&actor.PanicError{Value: "crash"}, actor.Crashed},
		{&actor.PanicError{Value: actor.ErrStopped}, actor.Crashed},
	}
	for want, err := range lostCalls(t) {
		rows = append(rows, struct {
			err  error
			want actor.Outcome
		}{err, want})
	}
	wraps := []func(error) error{
		func(err error) error { return err },
		func(err error) error { return fmt.Errorf("x: %w", err) },
		func(err error) error { return fmt.Errorf("x: %w", fmt.Errorf("y: %w", err)) },
		func(err error) error { return errors.Join(errors.New("other"), err) },
		func(err error) error { return fmt.Errorf("%w, %w", errors.New("other"), err) },
	}
	for _, row := range rows {
		for i, wrap := range wraps {
			err := row.err
			if err != nil {
				err = wrap(err)
			}
			if got := actor.OutcomeOf(err); got != row.want {
				t.Errorf("OutcomeOf(%v), wrapped in way %d, is %v; want %v", err, i, got, row.want)
			}
			if got := errors.Is(err, actor.ErrNotRun); got != (row.want == actor.NotRun) {
				t.Errorf("%v, wrapped in way %d: matches ErrNotRun: %t", err, i, got)
			}
		}
	}
}

func TestOutcomeString(t *testing.T) {
	for o, want := range map[actor.Outcome]string{
		actor.Ran: "ran", actor.NotRun: "not run", actor.Crashed: "crashed", actor.Unknown: "unknown",
		9: "Outcome(9)",
	} {
		if got := o.String(); got != want {
			t.Errorf("got %q; want %q", got, want)
		}
	}
}

// A call's own error names the service, the closure and the call site, and what
// became of the closure.
func TestL5ErrorsNameTheCall(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actor.WithName("stopped"), actortest.Quiet())
	actortest.Stop(t, svc)
	none := func(*actortest.Plain) (int, error) { return 0, nil }
	for name, err := range map[string]error{
		"Call": actortest.Second(actor.Call(t.Context(), svc, none)),
		"CallContext": actortest.Second(actor.CallContext(t.Context(), svc,
			func(context.Context, *actortest.Plain) (int, error) { return 0, nil })),
		"Get":        actortest.Second(actor.Get(t.Context(), svc, func(*actortest.Plain) int { return 0 })),
		"Run":        svc.Run(t.Context(), func(*actortest.Plain) error { return nil }),
		"RunContext": svc.RunContext(t.Context(), func(context.Context, *actortest.Plain) error { return nil }),
		"Async":      actortest.Second(actor.Async(svc, none).Await(t.Context())),
		"expired":    svc.Run(expired(), func(*actortest.Plain) error { return nil }),
	} {
		text := err.Error()
		for _, part := range []string{
			"(call of laws_test.TestL5ErrorsNameTheCall.func",
			" on stopped from laws_test.TestL5ErrorsNameTheCall outcome_test.go:",
			"; not run)",
		} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q has no %q", name, text, part)
			}
		}
	}
}

// several is an error that can not be compared.
type several []error

func (s several) Error() string   { return "several" }
func (s several) Unwrap() []error { return s }

// An error that can not be compared may be returned, and asked about.
func TestL5OwnErrorOfAnyType(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	for _, own := range []error{several{errLost}, several{errLost, actor.ErrStopped}} {
		err := svc.Run(t.Context(), func(*actortest.Plain) error { return own })
		if actor.OutcomeOf(err) != actor.Ran || !errors.Is(err, errLost) || errors.Is(err, actor.ErrNotRun) {
			t.Errorf("%v: %v", err, actor.OutcomeOf(err))
		}
		var s several
		if !errors.As(err, &s) || errors.Is(err, errors.New("other")) {
			t.Errorf("%v", err)
		}
	}
	// One that hides an outcome can be compared, and so be what errors.Is looks for.
	err := svc.Run(t.Context(), func(*actortest.Plain) error { return several{actor.ErrStopped} })
	if again := fmt.Errorf("again: %w", err); !errors.Is(again, err) {
		t.Errorf("%v is not %v", again, err)
	}
	actortest.Stop(t, svc)
}

// An error gets the outcome that it is given, whatever it says itself, and is otherwise found
// as before, also by what wraps it; a closure that returns it has run.
func TestL5WithOutcome(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer svc.Kill()
	crash := &actor.PanicError{Value: errLost}
	for _, inner := range []error{errLost, actor.ErrStopped, fmt.Errorf("x: %w", errors.Join(actor.ErrStopped, errLost)),
		crash, several{errLost, actor.ErrRestarted}, actor.WithOutcome(errLost, actor.Unknown)} {
		for what := actor.Ran; what <= actor.Unknown; what++ {
			given := actor.WithOutcome(inner, what)
			again := actor.WithOutcome(actor.WithOutcome(inner, (what+1)%4), what)
			for _, err := range []error{given, again, fmt.Errorf("of a remote call: %w", given), errors.Join(given, errors.New("other"))} {
				if got := actor.OutcomeOf(err); got != what {
					t.Errorf("WithOutcome(%v, %v): %v is %v", inner, what, err, got)
				}
				if got := errors.Is(err, actor.ErrNotRun); got != (what == actor.NotRun) {
					t.Errorf("WithOutcome(%v, %v): matches ErrNotRun: %v", inner, what, got)
				}
				for _, target := range []error{errLost, actor.ErrStopped, actor.ErrRestarted} {
					if got, want := errors.Is(err, target), errors.Is(inner, target); got != want {
						t.Errorf("WithOutcome(%v, %v) is %v: %v", inner, what, target, got)
					}
				}
				var p *actor.PanicError
				if errors.As(err, &p) != (inner == error(crash)) {
					t.Errorf("WithOutcome(%v, %v): as a *PanicError it is %v", inner, what, p)
				}
			}
			if given.Error() != inner.Error() {
				t.Errorf("it says %q: want %q", given, inner)
			}
			if err := svc.Run(t.Context(), func(*actortest.Plain) error { return given }); actor.OutcomeOf(err) != actor.Ran || errors.Is(err, actor.ErrNotRun) {
				t.Errorf("a closure that returned WithOutcome(%v, %v): %v", inner, what, err)
			}
		}
	}
	if err := actor.WithOutcome(nil, actor.Ran); err != nil {
		t.Errorf("of nil, %v", err)
	}
	if err := actor.WithOutcome(actor.ErrStopped, actor.NotRun); err != actor.ErrStopped {
		t.Errorf("%v says so already, and is now a %T", actor.ErrStopped, err)
	}
	panicsWith(t, "actor: WithOutcome of a nil error", func() { _ = actor.WithOutcome(nil, actor.NotRun) })
	panicsWith(t, "actor: WithOutcome with an unknown Outcome", func() { _ = actor.WithOutcome(errLost, actor.Unknown+1) })
}

// Retry goes by it.
func TestL4RetryOfWithOutcome(t *testing.T) {
	for what := actor.Ran; what <= actor.Unknown; what++ {
		calls, want := 0, 1
		if what == actor.NotRun {
			want = 3
		}
		_, err := actor.Retry(t.Context(), 3, 1, func(context.Context) (int, error) {
			calls++
			return 0, actor.WithOutcome(errLost, what)
		})
		if calls != want || !errors.Is(err, errLost) || actor.OutcomeOf(err) != what {
			t.Errorf("%v: %d calls, and %v", what, calls, err)
		}
	}
}
