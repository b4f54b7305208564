package remote

import (
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Errors of the package, to be matched with errors.Is. Each but ErrNoAnswer matches
// actor.ErrNotRun, too: the method was not called, and it is safe to call again or elsewhere.
// What a call returns wraps them in an error that names the method and the name.
var (
	// ErrNoService: nobody serves the name now, says NATS.
	ErrNoService = actor.WithOutcome(errors.New("remote: the name is not served"), actor.NotRun)

	// ErrNoMethod: the interface of the server lacks the method, as that of an earlier
	// version does.
	ErrNoMethod = actor.WithOutcome(errors.New("remote: no such method"), actor.NotRun)

	// ErrIncompatible: client and server have another signature for the method. The text
	// has both.
	ErrIncompatible = actor.WithOutcome(errors.New("remote: signatures differ"), actor.NotRun)

	// ErrDisconnected: there is no connection to NATS, and nothing was sent.
	ErrDisconnected = actor.WithOutcome(errors.New("remote: not connected"), actor.NotRun)

	// ErrTooLarge: the arguments are more than NATS takes in a message, and nothing was sent.
	// Of results it says that the method has run and its results are lost: the outcome is
	// then Ran.
	ErrTooLarge = actor.WithOutcome(errors.New("remote: too large for a message"), actor.NotRun)

	// ErrNoAnswer: the call was sent, and no answer came in time, or before the node ended.
	// The outcome is Unknown; the error wraps that of the context, if there was one.
	ErrNoAnswer = actor.WithOutcome(errors.New("remote: no answer"), actor.Unknown)
)

// Error is an error of a method whose Go type is not known here.
type Error struct {
	Text string // what it said
	Type string // its type there, as %T spells it
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// callError says of which call an error is. It does not say what became of it: see failed.
type callError struct {
	verb   string // "call" or "cast"
	method string
	name   string
	what   actor.Outcome
	cause  error
}

func (e *callError) Error() string {
	return fmt.Sprintf("remote: %s of %s on %s: %v (%v)", e.verb, e.method, e.name, e.cause, e.what)
}

func (e *callError) Unwrap() error { return e.cause }

// failed returns the error of a call or a cast that did not run to its end.
func (c *Client) failed(verb, method string, what actor.Outcome, cause error) error {
	return actor.WithOutcome(&callError{verb, method, c.name, what, cause}, what)
}

// must panics with misuse, which begins with the package's name, unless ok: it is a mistake
// of the caller's, which no error would mend.
func must(ok bool, misuse string) {
	if !ok {
		panic(misuse)
	}
}
