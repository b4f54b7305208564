package remote_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// unknownError is of a type that the table does not have.
type unknownError struct{ code int }

func (e unknownError) Error() string { return fmt.Sprint("code ", e.code) }

// hostile is an error whose methods panic.
type hostile struct{}

func (hostile) Error() string   { panic("Error") }
func (hostile) Is(error) bool   { panic("Is") }
func (hostile) As(any) bool     { panic("As") }
func (hostile) Unwrap() []error { panic("Unwrap") }

// errors.Is and errors.As find in the error of a call what they find in the method's, if
// both sides know it; and its outcome is Ran, whatever it is.
func TestR7Errors(t *testing.T) {
	var now error
	p := newPair(t, setup{account: func() *bank.Account {
		return &bank.Account{Seen: func(context.Context, bank.Entry) error { return now }}
	}})
	for name, c := range map[string]struct {
		err   error
		is    []error
		text  string
		other string // type of the *remote.Error; "": there is none
	}{
		"sentinel":    {bank.ErrClosed, []error{bank.ErrClosed}, bank.ErrClosed.Error(), "*errors.errorString"},
		"wrapped":     {fmt.Errorf("x: %w", bank.ErrClosed), []error{bank.ErrClosed}, "x: bank: the account is closed", "*fmt.wrapError"},
		"joined":      {errors.Join(bank.ErrClosed, context.Canceled), []error{bank.ErrClosed, context.Canceled}, "", "*errors.joinError"},
		"of a type":   {fmt.Errorf("x: %w", &bank.LimitError{Asked: 3, Limit: 2}), nil, "x: bank: 3 is more than 2", ""},
		"both":        {errors.Join(bank.ErrClosed, &bank.LimitError{Asked: 3, Limit: 2}), []error{bank.ErrClosed}, "", ""},
		"actor's":     {actor.ErrStopped, []error{actor.ErrStopped}, "", "*"},
		"not run":     {actor.WithOutcome(errors.New("x"), actor.NotRun), nil, "x", "*"},
		"unknown":     {fmt.Errorf("x: %w", actor.ErrMailboxFull), []error{actor.ErrMailboxFull}, "", "*"},
		"remote's":    {remote.ErrNoService, []error{remote.ErrNoService}, "", "*"},
		"context's":   {context.DeadlineExceeded, []error{context.DeadlineExceeded}, "", "*"},
		"other type":  {unknownError{7}, nil, "code 7", "remote_test.unknownError"},
		"other lines": {errors.New("a\nb\r\nNano-Sig: x\x00\xff"), nil, "a\nb\r\nNano-Sig: x\x00\uFFFD", "*errors.errorString"},
		"very long":   {errors.New(strings.Repeat("x", 100_000)), nil, "xxx", "*"},
		"hostile":     {hostile{}, nil, "", "*"},
		"a nil one":   {fmt.Errorf("x: %w", (*bank.LimitError)(nil)), nil, "", "*"},
	} {
		now = c.err
		sum, err := p.client.Deposit(within(t, patience), "x", 1)
		if err == nil || sum == 0 { // results come beside an error
			t.Errorf("%s: %d, %v", name, sum, err)
			continue
		}
		demand(t, err, actor.Ran, c.is...)
		if !strings.HasPrefix(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
		limit, found := errors.AsType[*bank.LimitError](err)
		if found != (c.other == "") || found && *limit != (bank.LimitError{Asked: 3, Limit: 2}) {
			t.Errorf("%s: a *LimitError: %v, %v", name, found, limit)
		}
		e, found := errors.AsType[*remote.Error](err)
		if found != (c.other != "") || found && c.other != "*" && (e.Type != c.other || e.Error() != err.Error()) {
			t.Errorf("%s: a *remote.Error: %v, %+v", name, found, e)
		}
	}
}

// A crash is a *actor.PanicError, with what was passed to panic, where, and the stack if
// the binding tells it.
func TestR7Crash(t *testing.T) {
	for name, opts := range map[string][]remote.BindOption{"without": nil, "with a stack": {remote.WithStacks()}} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, setup{bind: opts})
			for _, text := range []string{"boom", ""} {
				_, err := p.client.Crash(within(t, patience), text)
				demand(t, err, actor.Crashed)
				crash, ok := errors.AsType[*actor.PanicError](err)
				if !ok {
					t.Fatalf("%v", err)
				}
				if !strings.Contains(crash.Func, "bindAccount.Crash") || !strings.HasSuffix(crash.File, "account_remote.go") || crash.Line == 0 || crash.Service != "test/Account" {
					t.Errorf("%+v", crash)
				}
				if text == "" && !errors.Is(err, bank.ErrClosed) || !strings.Contains(err.Error(), "Crash") {
					t.Errorf("%v", err)
				}
				if text != "" && crash.Value != text {
					t.Errorf("%v", crash.Value)
				}
				if got := strings.Contains(string(crash.Stack()), "bank.go"); got != (opts != nil) {
					t.Errorf("the stack is %s", crash.Stack())
				}
				// The supervisor has made a new one.
				eventually(t, "it is served again", func() bool {
					_, _, err := p.client.Count(within(t, patience))
					return err == nil
				})
			}
		})
	}
}

// Results that are too large are lost, and the method has run.
func TestR7TooLarge(t *testing.T) {
	p := newPair(t, setup{})
	most := 1 << 20
	for _, fail := range []bool{false, true} {
		got, err := p.client.Grow(within(t, patience), most, fail)
		demand(t, err, actor.Ran, remote.ErrTooLarge)
		if got != nil || fail != errors.Is(err, bank.ErrClosed) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		got, err = p.client.Grow(within(t, patience), most-1000, fail)
		if len(got) != most-1000 || fail != errors.Is(err, bank.ErrClosed) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
}

// Two versions: what the other side lacks, or has with another signature, is refused, never
// a wrong value.
func TestR2Versions(t *testing.T) {
	p := newPair(t, setup{})
	c := remote.NewClient(p.caller, "bank.ada", remote.Signatures{Type: "bank.Account", Methods: []string{
		"Close() (error)", "Deposit(id string, amount float64) (int64, error)",
	}})
	type none struct {
		_ struct{} `cbor:",toarray"`
	}
	type args struct {
		_ struct{} `cbor:",toarray"`
		A string
		B float64
	}
	_, err := remote.Invoke[none, none](within(t, patience), c, "Close", none{})
	demand(t, err, actor.NotRun, remote.ErrNoMethod)
	_, err = remote.Invoke[args, none](within(t, patience), c, "Deposit", args{A: "x", B: 1})
	demand(t, err, actor.NotRun, remote.ErrIncompatible)
	for _, sig := range []string{"amount float64", "amount int64"} {
		if !strings.Contains(err.Error(), sig) {
			t.Errorf("%v has no %s", err, sig)
		}
	}
}
