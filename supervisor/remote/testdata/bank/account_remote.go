package bank

import (
	"context"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote"
)

// AccountClient calls the Account that another process serves.
type AccountClient struct{ client *remote.Client }

// NewAccountClient returns a client of the account that is served under the name.
func NewAccountClient(n *remote.Node, name string) AccountClient {
	return AccountClient{remote.NewClient(n, name, accountInterface.Signatures())}
}

// BindAccount serves an account under the name.
func BindAccount(n *remote.Node, name string, svc actor.Ref[Account], opts ...remote.BindOption) *remote.Binding {
	return remote.Bind(n, name, svc, accountInterface, opts...)
}

// Client returns the client itself.
func (c AccountClient) Client() *remote.Client { return c.client }

// Deposit books an amount, and returns the sum.
func (c AccountClient) Deposit(ctx context.Context, id string, amount int64) (sum int64, err error) {
	out, err := remote.Invoke[accountDepositArgs, accountDepositResults](ctx, c.client, "Deposit", accountDepositArgs{A: id, B: amount})
	return out.A, err
}

// Note writes a text down.
func (c AccountClient) Note(text string) error {
	return remote.Tell(context.Background(), c.client, "Note", accountNoteArgs{A: text})
}

// Count returns how many notes and entries there are.
func (c AccountClient) Count(ctx context.Context) (notes, entries int, err error) {
	out, err := remote.Invoke[accountCountArgs, accountCountResults](ctx, c.client, "Count", accountCountArgs{})
	return out.A, out.B, err
}

// Wait returns when the gate opens, or with the error of its context.
func (c AccountClient) Wait(ctx context.Context, name string) (string, error) {
	out, err := remote.Invoke[accountWaitArgs, accountWaitResults](ctx, c.client, "Wait", accountWaitArgs{A: name})
	return out.A, err
}

// Crash panics: with an error if the text is empty.
func (c AccountClient) Crash(ctx context.Context, text string) (int, error) {
	out, err := remote.Invoke[accountCrashArgs, accountCrashResults](ctx, c.client, "Crash", accountCrashArgs{A: text})
	return out.A, err
}

// Grow returns so many bytes, and an error of its own if that is asked for.
func (c AccountClient) Grow(ctx context.Context, n int, fail bool) ([]byte, error) {
	out, err := remote.Invoke[accountGrowArgs, accountGrowResults](ctx, c.client, "Grow", accountGrowArgs{A: n, B: fail})
	return out.A, err
}

// Join returns the texts.
func (c AccountClient) Join(ctx context.Context, texts ...string) ([]string, error) {
	out, err := remote.Invoke[accountJoinArgs, accountJoinResults](ctx, c.client, "Join", accountJoinArgs{A: texts})
	return out.A, err
}

var accountInterface = &remote.Interface[Account]{
	Type: "bank.Account",
	Methods: []remote.Method[Account]{
		remote.Call("Deposit(id string, amount int64) (int64, error)", bindAccount{}.Deposit),
		remote.Cast("Note(text string)", bindAccount{}.Note),
		remote.Call("Count() (int, int)", bindAccount{}.Count),
		remote.Call("Wait(name string) (string, error)", bindAccount{}.Wait),
		remote.Call("Crash(text string) (int, error)", bindAccount{}.Crash),
		remote.Call("Grow(n int, fail bool) ([]byte, error)", bindAccount{}.Grow),
		remote.Call("Join(texts ...string) ([]string)", bindAccount{}.Join),
	},
	Errors: []remote.Known{
		remote.Sentinel("github.com/bruskajp/nano_services/supervisor/remote/testdata/bank.ErrClosed", ErrClosed),
		remote.ErrorType[*LimitError]("github.com/bruskajp/nano_services/supervisor/remote/testdata/bank.LimitError"),
	},
}

// bindAccount hands what arrives over to the service, each method with a closure of its own.
type bindAccount struct{}

type accountDepositArgs struct {
	_ struct{} `cbor:",toarray"`
	A string
	B int64
}

type accountDepositResults struct {
	_ struct{} `cbor:",toarray"`
	A int64
}

func (bindAccount) Deposit(ctx context.Context, svc actor.Ref[Account], in accountDepositArgs) *actor.Future[accountDepositResults] {
	return actor.AsyncContext(ctx, svc, func(ctx context.Context, a *Account) (out accountDepositResults, err error) {
		out.A, err = a.Deposit(ctx, in.A, in.B)
		return out, err
	})
}

type accountNoteArgs struct {
	_ struct{} `cbor:",toarray"`
	A string
}

func (bindAccount) Note(ctx context.Context, svc actor.Ref[Account], in accountNoteArgs) error {
	return actor.ProxyOf(svc).DoContext(ctx, func(_ context.Context, a *Account) { a.Note(in.A) })
}

type accountCountArgs struct {
	_ struct{} `cbor:",toarray"`
}

type accountCountResults struct {
	_ struct{} `cbor:",toarray"`
	A int
	B int
}

func (bindAccount) Count(ctx context.Context, svc actor.Ref[Account], _ accountCountArgs) *actor.Future[accountCountResults] {
	return actor.AsyncContext(ctx, svc, func(_ context.Context, a *Account) (out accountCountResults, err error) {
		out.A, out.B = a.Count()
		return out, nil
	})
}

type accountWaitArgs struct {
	_ struct{} `cbor:",toarray"`
	A string
}

type accountWaitResults struct {
	_ struct{} `cbor:",toarray"`
	A string
}

func (bindAccount) Wait(ctx context.Context, svc actor.Ref[Account], in accountWaitArgs) *actor.Future[accountWaitResults] {
	return actor.AsyncContext(ctx, svc, func(ctx context.Context, a *Account) (out accountWaitResults, err error) {
		out.A, err = a.Wait(ctx, in.A)
		return out, err
	})
}

type accountCrashArgs struct {
	_ struct{} `cbor:",toarray"`
	A string
}

type accountCrashResults struct {
	_ struct{} `cbor:",toarray"`
	A int
}

func (bindAccount) Crash(ctx context.Context, svc actor.Ref[Account], in accountCrashArgs) *actor.Future[accountCrashResults] {
	return actor.AsyncContext(ctx, svc, func(_ context.Context, a *Account) (out accountCrashResults, err error) {
		out.A, err = a.Crash(in.A)
		return out, err
	})
}

type accountGrowArgs struct {
	_ struct{} `cbor:",toarray"`
	A int
	B bool
}

type accountGrowResults struct {
	_ struct{} `cbor:",toarray"`
	A []byte
}

func (bindAccount) Grow(ctx context.Context, svc actor.Ref[Account], in accountGrowArgs) *actor.Future[accountGrowResults] {
	return actor.AsyncContext(ctx, svc, func(_ context.Context, a *Account) (out accountGrowResults, err error) {
		out.A, err = a.Grow(in.A, in.B)
		return out, err
	})
}

type accountJoinArgs struct {
	_ struct{} `cbor:",toarray"`
	A []string
}

type accountJoinResults struct {
	_ struct{} `cbor:",toarray"`
	A []string
}

func (bindAccount) Join(ctx context.Context, svc actor.Ref[Account], in accountJoinArgs) *actor.Future[accountJoinResults] {
	return actor.AsyncContext(ctx, svc, func(_ context.Context, a *Account) (out accountJoinResults, err error) {
		out.A = a.Join(in.A...)
		return out, nil
	})
}
