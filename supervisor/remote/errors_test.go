package remote_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// unknownError is of a type that the table does not have.
type unknownError struct{ code int }

func (e unknownError) Error() string { return fmt.Sprint("code ", e.code) }

// hostileError is an error whose methods panic.
type hostileError struct{}

func (hostileError) Error() string   { panic("Error") }
func (hostileError) Is(error) bool   { panic("Is") }
func (hostileError) As(any) bool     { panic("As") }
func (hostileError) Unwrap() []error { panic("Unwrap") }

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
		"hostile":     {hostileError{}, nil, "", "*"},
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
				// The binding is restarted with the service, and is away for a moment.
				_, err := actor.Retry(within(t, patience), 1000, time.Millisecond, func(ctx context.Context) (int, error) {
					return p.client.Crash(ctx, text)
				})
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

// Entry as the first version of package bank had it.
type firstEntry struct {
	ID     string
	Amount int64
}

type (
	noArgs struct {
		_ struct{} `cbor:",toarray"`
	}
	otherDepositArgs struct {
		_ struct{} `cbor:",toarray"`
		A string
		B float64
	}
	firstRecord struct {
		_ struct{} `cbor:",toarray"`
		A firstEntry
	}
)

const recordSig = "Record(e github.com/bruskajp/nano_services/supervisor/remote/testdata/bank.Entry) " +
	"(github.com/bruskajp/nano_services/supervisor/remote/testdata/bank.Entry, error)"

// Two versions, an old client of a new server: what the other side lacks, or has with
// another signature, is refused, never a wrong value; fields may come.
func TestR2OldClient(t *testing.T) {
	p := newPair(t, setup{})
	c := remote.NewClient(p.caller, "bank.ada", remote.Signatures{Type: "bank.Account", Methods: []string{
		"Close() (error)", "Deposit(id string, amount float64) (int64, error)", recordSig,
	}})
	_, err := remote.Invoke[noArgs, noArgs](within(t, patience), c, "Close", noArgs{})
	demand(t, err, actor.NotRun, remote.ErrNoMethod)
	_, err = remote.Invoke[otherDepositArgs, noArgs](within(t, patience), c, "Deposit", otherDepositArgs{A: "x", B: 1})
	demand(t, err, actor.NotRun, remote.ErrIncompatible)
	for _, sig := range []string{"amount float64", "amount int64"} {
		if !strings.Contains(err.Error(), sig) {
			t.Errorf("%v has no %s", err, sig)
		}
	}
	got, err := remote.Invoke[firstRecord, firstRecord](within(t, patience), c, "Record", firstRecord{A: firstEntry{"x", 7}})
	if err != nil || got.A != (firstEntry{"x", 7}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// The reverse: a new client of an old server.
func TestR2OldServer(t *testing.T) {
	srv := server(t)
	n := node(t, srv, remote.Config{})
	svc := actor.New(func(context.Context) (*firstEntry, error) { return new(firstEntry), nil }, actor.WithLogger(silent))
	table := &remote.Interface[firstEntry]{Type: "bank.Account", Methods: []remote.Method[firstEntry]{
		remote.Call(recordSig, func(ctx context.Context, svc actor.Ref[firstEntry], in firstRecord) *actor.Future[firstRecord] {
			return actor.AsyncContext(ctx, svc, func(context.Context, *firstEntry) (firstRecord, error) { return in, nil })
		}),
	}}
	tree(t, supervisor.Child{Service: svc}, supervisor.Child{Service: remote.Bind(n, "bank.ada", svc, table)})
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "bank.ada")
	_, err := client.Deposit(within(t, patience), "x", 1)
	demand(t, err, actor.NotRun, remote.ErrNoMethod)
	if err := client.Note("x"); err != nil {
		t.Error(err)
	}
	demand(t, client.Client().Sync(within(t, patience)), actor.NotRun, remote.ErrNoMethod)
	got, err := client.Record(within(t, patience), bank.Entry{ID: "x", Amount: 7, Memo: "lost"})
	if err != nil || got != (bank.Entry{ID: "x", Amount: 7}) {
		t.Errorf("%+v, %v", got, err)
	}
}
