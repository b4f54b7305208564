package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bruskajp/nano_services/actor"
)

// A Refusal is why a request was not done. It is an answer, and final.
type Refusal string

// The refusals.
const (
	Overdraft     Refusal = "the account has not enough"
	UnknownFrom   Refusal = "there is no account to take from"
	UnknownTo     Refusal = "there is no account to give to"
	TooMuch       Refusal = "the account would have too much"
	AccountExists Refusal = "the account exists"
	KeyUsed       Refusal = "the key was used for something else"
)

// Error implements error.
func (r Refusal) Error() string { return "store: " + string(r) }

var (
	// ErrInvalid: what was asked for makes no sense, whatever is in the books.
	ErrInvalid = errors.New("store: invalid")

	// ErrNotDone: the batch could not be written. Nothing of it was done, so it may be asked
	// for again.
	ErrNotDone = errors.New("store: not done")

	// ErrUnknown: the commit was sent, and its answer was lost. It was done or not; the same
	// request with the same key settles it. It is the outcome Unknown, too, for the callers of
	// what returns it: a Commit, which the store's callers hear of.
	ErrUnknown = actor.WithOutcome(errors.New("store: unknown whether it was done"), actor.Unknown)

	// ErrNoAccount: there is no account of that ID.
	ErrNoAccount = errors.New("store: no such account")

	// ErrNoKey: no transfer was asked for with that key.
	ErrNoKey = errors.New("store: no such key")
)

// Reason returns what is wrong, for who reads it, of an error that is ErrInvalid.
func Reason(err error) string { return strings.TrimPrefix(err.Error(), ErrInvalid.Error()+": ") }

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Settle makes a request until there is an answer to it, at most tries times. What is
// not known to have been done, because the store crashed or lost its connection
// meanwhile, is asked for again: the key in the request makes that safe, and the store's
// queue outlives the crash, so the second try is served by the next incarnation.
//
// The error is ErrUnknown if even the last try, or the end of ctx, leaves it open.
func Settle[R any](ctx context.Context, tries int, ask func(context.Context) (R, error)) (r R, err error) {
	open := false // whether an earlier try may have been done
	for range tries {
		r, err = ask(ctx)
		switch outcome := actor.OutcomeOf(err); {
		case err == nil || errors.Is(err, ErrInvalid):
			return r, err
		case outcome == actor.Crashed || outcome == actor.Unknown:
			open = true
		}
		if ctx.Err() != nil {
			break
		}
	}
	if open && !errors.Is(err, ErrUnknown) {
		err = fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return r, err
}
