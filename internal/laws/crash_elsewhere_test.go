package laws_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A crash elsewhere says all that a crash here does, and is its closure's own error when
// that is returned by a closure here.
func TestL5PanicElsewhere(t *testing.T) {
	stack := []byte("bank.(*Account).Withdraw(...)\n\t/src/bank/account.go:44\n")
	for _, row := range []struct {
		value any
		text  string
		is    error
	}{
		{"out of change", "panicked: out of change", nil},
		{errPath, "panicked: " + errPath.Error(), fs.ErrNotExist},
		{actor.ErrGoexit, "ended its goroutine: " + actor.ErrGoexit.Error(), actor.ErrGoexit},
		{fmt.Errorf("x: %w", actor.ErrStopped), "panicked: x: " + actor.ErrStopped.Error(), actor.ErrStopped},
	} {
		p := actor.PanicElsewhere(row.value, "ledger.db", "bank.(*Account).Withdraw", "/src/bank/account.go", 41, stack)
		err := fmt.Errorf("remote: %w", p)
		if want := "actor: ledger.db: bank.(*Account).Withdraw (account.go:41) " + row.text; p.Error() != want {
			t.Errorf("it says %q: want %q", p, want)
		}
		if actor.OutcomeOf(err) != actor.Crashed || errors.Is(err, actor.ErrNotRun) || row.is != nil && !errors.Is(err, row.is) {
			t.Errorf("%v: %v", err, actor.OutcomeOf(err))
		}
		var found *actor.PanicError
		if !errors.As(err, &found) || found != p || found.Value != row.value || found.Line != 41 || found.Site() != "" || found.Callers() != nil || found.History() != nil {
			t.Errorf("%+v", found)
		}
		before := string(stack)
		stack[0] = 'x'
		p.Stack()[0] = 'y'
		if got := string(p.Stack()); got != before {
			t.Errorf("the stack is %q", got)
		}
		stack[0] = 'b'
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if err := svc.Run(context.Background(), func(*actortest.Plain) error { return p }); actor.OutcomeOf(err) != actor.Ran {
			t.Errorf("a closure here that has returned it: %v", actor.OutcomeOf(err))
		}
		actortest.Stop(t, svc)
	}
	if p := actor.PanicElsewhere("crash", "", "", "", 0, nil); len(p.Stack()) != 0 {
		t.Errorf("without a stack it has %q", p.Stack())
	}
	panicsWith(t, "actor: PanicElsewhere of a nil value", func() { _ = actor.PanicElsewhere(nil, "", "", "", 0, nil) })
}

// A value that misbehaves is asked once, by who makes the error.
func TestL17PanicElsewhere(t *testing.T) {
	asked := 0
	p := actor.PanicElsewhere(counting{&asked}, "ledger.db", "f", "f.go", 1, nil)
	made := asked
	_, _ = p.Error(), errors.Is(p, errLost)
	if made == 0 || asked != made {
		t.Errorf("asked %d times, and %d times later", made, asked-made)
	}
}

// counting counts how often it is asked what it says and wraps.
type counting struct{ asked *int }

func (c counting) Error() string { *c.asked++; return "counted" }
func (c counting) Unwrap() error { *c.asked++; return errLost }
