package remote

import (
	"context"
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// This file is what generated code is made of: "nanogen -remote" writes a table, a client
// and a binding for a struct, as testdata/bank/account_remote.go. For
//
//	// package ledger // import "example.com/ledger"
//	func (d *DB) Total(ctx context.Context, day time.Time) (int64, error)
//	func (d *DB) Note(text string)
//
// it has, for each method, the arguments and the results as arrays: structs with a blank
// field that says so, and one exported field for each, in order and without the context
// and the error.
//
//	type dbTotalArgs struct {
//		_ struct{} `cbor:",toarray"`
//		A time.Time
//	}
//	type dbTotalResults struct {
//		_ struct{} `cbor:",toarray"`
//		A int64
//	}
//
// The tag nano:"lossy" beside cbor:",toarray" lets structs pass of which a part does not
// arrive, as the directive //nano:lossy says. A variadic parameter is a slice.
//
// A table entry hands over a closure literal of its own, so that logs, errors and histories
// name it, as ledger.bindDB.Total db_remote.go:41. It never waits: a call uses AsyncContext,
// or AsyncBatched if it is answered after the commit of its batch, and no other way; a cast
// DoContext, whose context has ended already, so that it takes room that is there and does
// not wait for some. All pass on the context that they are given.
//
//	type bindDB struct{}
//
//	func (bindDB) Total(ctx context.Context, svc actor.Ref[DB], in dbTotalArgs) *actor.Future[dbTotalResults] {
//		return actor.AsyncContext(ctx, svc, func(ctx context.Context, d *DB) (out dbTotalResults, err error) {
//			out.A, err = d.Total(ctx, in.A)
//			return out, err
//		})
//	}
//
//	func (bindDB) Note(ctx context.Context, svc actor.Ref[DB], in dbNoteArgs) error {
//		return actor.ProxyOf(svc).DoContext(ctx, func(ctx context.Context, d *DB) { d.Note(in.A) })
//	}
//
//	var dbInterface = &remote.Interface[DB]{
//		Type: "ledger.DB",
//		Methods: []remote.Method[DB]{
//			remote.Call("Total(day time.Time) (int64, error)", bindDB{}.Total),
//			remote.Cast("Note(text string)", bindDB{}.Note),
//		},
//		Errors: []remote.Known{
//			remote.Sentinel("example.com/ledger.ErrNoDay", ErrNoDay),
//			remote.ErrorType[*DayError]("example.com/ledger.DayError"),
//		},
//	}
//
// The signature is the method as it is written in the struct, with these rules, so that two
// sides have the same text exactly if their parameters have the same names and types:
// the context in front is left out, as the name of the receiver is; each parameter has its
// name (an unnamed or blank one is _) and its own type, also where several share one; types
// are spelled with the whole path of their package (example.com/money.Amount); results
// have no names, and stand in parentheses, also if there are none: only a cast has nothing
// there, and is never taken for a call; a trailing error is one of them; a variadic type is
// written with dots. "M() ()", "M(a int, b int) (string)", "M(_ ...int) (error)", and "M()" for a cast.
//
// The client calls Invoke and Tell; its constructor calls NewClient with the signatures of
// the table, or, in a package of its own, with a literal of type Signatures.
//
//	func NewDBClient(n *remote.Node, name string) DBClient {
//		return DBClient{remote.NewClient(n, name, dbInterface.Signatures())}
//	}
//
//	func (c DBClient) Total(ctx context.Context, day time.Time) (int64, error) {
//		out, err := remote.Invoke[dbTotalArgs, dbTotalResults](ctx, c.client, "Total", dbTotalArgs{A: day})
//		return out.A, err
//	}
//
//	func (c DBClient) Note(text string) error {
//		return remote.Tell(context.Background(), c.client, "Note", dbNoteArgs{A: text})
//	}
//
//	func BindDB(n *remote.Node, name string, svc actor.Ref[DB], opts ...remote.BindOption) *remote.Binding {
//		return remote.Bind(n, name, svc, dbInterface, opts...)
//	}

// Interface is the table that generated code has for a struct: what a binding serves. It is
// not changed once it is used.
type Interface[T any] struct {
	Type    string // "store.DB", for logs and Peer
	Methods []Method[T]
	Errors  []Known // sentinels and error types by name
}

// Signatures returns what a client needs to know of the interface.
func (i *Interface[T]) Signatures() Signatures {
	must(i != nil, "remote: Signatures of a nil Interface")
	s := Signatures{Type: i.Type, Errors: i.Errors}
	for _, m := range i.Methods {
		s.Methods = append(s.Methods, m.signature)
	}
	return s
}

// Signatures is what a client knows of an interface, for generated code whose client is in
// another package than the struct. Arguments and results need the same types there.
type Signatures struct {
	Type    string   // "store.DB"
	Methods []string // the signature of each
	Errors  []Known  // those that the client's package knows
}

// Method is the entry of a method in the table of an Interface. Call and Cast make it.
type Method[T any] struct {
	signature string
	cast      bool
	args      array
	results   array // of a call
	hand      func(ctx context.Context, svc actor.Ref[T], as format, payload []byte) (future, error)
}

// Call is the table entry of a method that is answered with what it returns. hand calls
// actor.AsyncContext, or AsyncBatched, with ctx and svc. It is called where messages arrive, and does not wait.
// A nil hand panics, and so does a signature that does not begin with a name and "(".
func Call[T, A, R any](signature string, hand func(ctx context.Context, svc actor.Ref[T], args A) *actor.Future[R]) Method[T] {
	must(hand != nil, "remote: Call with a nil function")
	nameOf(signature)
	return Method[T]{
		signature: signature,
		args:      arrayOf("an argument of "+signature, reflect.TypeFor[A]()),
		results:   arrayOf("a result of "+signature, reflect.TypeFor[R]()),
		hand: func(ctx context.Context, svc actor.Ref[T], as format, payload []byte) (future, error) {
			var args A
			if err := as.decode(payload, &args); err != nil {
				return nil, fmt.Errorf("the arguments cannot be read: %w", err)
			}
			return calling[R]{hand(ctx, svc, args)}, nil
		},
	}
}

// Cast is the table entry of a method that is not answered: the sender learns that the
// service has accepted it. hand calls the DoContext of an actor.Proxy with ctx, which has
// ended: it takes room that is there, and does not wait for some. It is called where
// messages arrive. A nil hand panics, and so does a signature without a name.
func Cast[T, A any](signature string, hand func(ctx context.Context, svc actor.Ref[T], args A) error) Method[T] {
	must(hand != nil, "remote: Cast with a nil function")
	nameOf(signature)
	return Method[T]{
		signature: signature,
		cast:      true,
		args:      arrayOf("an argument of "+signature, reflect.TypeFor[A]()),
		hand: func(ctx context.Context, svc actor.Ref[T], as format, payload []byte) (future, error) {
			var args A
			if err := as.decode(payload, &args); err != nil {
				return nil, fmt.Errorf("the arguments cannot be read: %w", err)
			}
			return nil, hand(ctx, svc, args)
		},
	}
}

// future is the answer to come of a call.
type future interface {
	Done() <-chan struct{}
	// results waits until the call is answered or ctx ends, and returns a pointer to the results.
	results(ctx context.Context) (any, error)
}

type calling[R any] struct{ *actor.Future[R] }

func (c calling[R]) results(ctx context.Context) (any, error) {
	r, err := c.Await(ctx)
	return &r, err
}

// nameOf returns the method's name, with which its signature begins.
func nameOf(signature string) string {
	name, _, found := strings.Cut(signature, "(")
	must(found && isToken(name), fmt.Sprintf("remote: a signature is Method(name type, ...) (type, ...), not %.100q", signature))
	return name
}

// hashOf returns the value of the header Nano-Sig: FNV-1a of 64 bits, as 16 hex digits.
func hashOf(signature string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(signature)) // never fails
	return fmt.Sprintf("%016x", h.Sum64())
}

// Known is an error that keeps its identity on its way: errors.Is, or errors.As, finds it at
// the caller's as at the method's. Both sides know it by the same name, which begins with the path
// of its package. Sentinel and ErrorType make it; a zero one is not used.
type Known struct {
	name     string
	sentinel error
	kept     error                                 // the sentinel as it is passed on: what it says was asked
	of       func(err error) (value any, ok bool)  // what errors.As finds
	fresh    func() (target any, err func() error) // to decode into
	shape    array
}

// Sentinel is a package variable of type error that errors.Is is to find. A nil err panics,
// and so does an empty name.
func Sentinel(name string, err error) Known {
	must(name != "" && err != nil, "remote: Sentinel without a name or an error")
	return Known{name: name, sentinel: err, kept: foreign.Keep(err)}
}

// ErrorType is a type that errors.As is to find: a struct with exported fields, or a pointer
// to one. An empty name panics.
func ErrorType[E error](name string) Known {
	must(name != "", "remote: ErrorType without a name")
	return Known{
		name:  name,
		shape: arrayOf(name, reflect.TypeFor[E]()),
		of: func(err error) (any, bool) {
			e, ok := foreign.As[E](err)
			return e, ok
		},
		fresh: func() (any, func() error) {
			e := new(E)
			return e, func() error { return *e }
		},
	}
}
