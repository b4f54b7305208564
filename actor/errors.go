package actor

import (
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// refusal is a sentinel that says by itself that the closure never ran.
type refusal string

func (r refusal) Error() string        { return string(r) }
func (r refusal) Is(target error) bool { return target == ErrNotRun }

// Errors of the library. All of them are matched with errors.Is. Do and DoContext return
// ErrStopped and ErrMailboxFull as they are; functions that wait for an answer wrap them in
// an error that names the service, the closure and the call site.
var (
	// ErrStopped: the service was stopped, or is not going to be served.
	ErrStopped error = refusal("actor: service stopped")

	// ErrMailboxFull: a bounded service had no room, or dropped the call to make
	// room for a later one.
	ErrMailboxFull error = refusal("actor: mailbox full")

	// ErrRestarted: the service was restarted while the call was queued, and does not keep
	// its queue (see WithQueuePolicy).
	ErrRestarted error = refusal("actor: service restarted")

	// ErrNotRunning: a timer or work would have belonged to an incarnation, and there
	// is none: the service is not served yet, or is between two incarnations.
	ErrNotRunning error = refusal("actor: service not running")

	// ErrSelfCall: a service would have waited for itself. It comes as a
	// *DeadlockError.
	ErrSelfCall error = refusal("actor: service calls itself")

	// ErrRefused: an interceptor did not let the closure run.
	ErrRefused error = refusal("actor: refused by an interceptor")

	// ErrNotRun matches every error that says that a closure never ran and never
	// will, so that the caller may safely try again or elsewhere.
	ErrNotRun error = refusal("actor: not run")

	// ErrUnanswered: the closure of a CallLater or CallBatched ran, but its caller was not
	// answered. Either the incarnation ended, and the error also matches ErrStopped or
	// ErrRestarted, or the Reply was lost. The outcome is Unknown.
	ErrUnanswered = errors.New("actor: not answered")

	// ErrCutOff: an incarnation was over before its goroutine had come back from user
	// code. Serve and Err return it.
	ErrCutOff = errors.New("actor: cut off")

	// ErrServed: Serve was called on a service that is being served already.
	ErrServed = errors.New("actor: service is already served")

	// ErrNoState: a constructor returned neither a value nor an error.
	ErrNoState = errors.New("actor: constructor returned nil without an error")

	// ErrGoexit is the value of a *PanicError if the closure did not panic but
	// ended its goroutine with runtime.Goexit, as testing.T.FailNow does.
	ErrGoexit = errors.New("actor: runtime.Goexit called")
)

// public turns a mailbox's error into the library's.
func public(err error) error {
	switch err {
	case mailbox.ErrClosed:
		return ErrStopped
	case mailbox.ErrFull:
		return ErrMailboxFull
	}
	return err
}

// Outcome is what a caller may know of a closure when its call has ended.
type Outcome uint8

// The four outcomes.
const (
	Ran     Outcome = iota // the closure ran to its end; an error is its own
	NotRun                 // it never ran and never will
	Crashed                // it panicked or called runtime.Goexit
	Unknown                // it had started and may still be running
)

var outcomeNames = [...]string{"ran", "not run", "crashed", "unknown"}

// String returns the outcome in words.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// OutcomeOf tells from the error of a call what became of the closure. It is Ran for nil
// and for every error that the closure itself returned, whatever that error contains: the
// outcome is about the service that was called, never about services that it called in
// turn. For an error of WithOutcome it is the outcome that was given there.
// errors.Is(err, ErrNotRun) is true exactly if OutcomeOf(err) is NotRun.
func OutcomeOf(err error) Outcome {
	var what Outcome
	foreign.Walk(err, func(e error) (found bool) {
		switch e := e.(type) {
		case refusal:
			what = NotRun
		case interface{ outcome() Outcome }:
			what = e.outcome()
		}
		return what != Ran
	})
	return what
}

// callError is the error of a call that did not run to its end. It has no Unwrap: errors.Is
// would use it, and find ErrNotRun in a cause whose outcome is not that of this call.
type callError struct {
	what    Outcome
	service string
	closure where.Place
	site    where.Place
	cause   error
}

func (e *callError) outcome() Outcome { return e.what }

func (e *callError) Error() string {
	if p, ok := e.cause.(interface{ names(where.Place) bool }); ok && p.names(e.closure) { // once is enough
		return fmt.Sprintf("%v (called from %v; %v)", e.cause, e.site, e.what)
	}
	return fmt.Sprintf("%v (call of %v on %s from %v; %v)", e.cause, e.closure, e.service, e.site, e.what)
}

func (e *callError) Is(target error) bool {
	if target == ErrNotRun {
		return e.what == NotRun
	}
	return foreign.Claims(e.cause, target)
}

func (e *callError) As(target any) bool { return foreign.Assign(e.cause, target) }

// WithOutcome returns err as the error of a call with outcome what. It is for calls that are
// not made by this package, as those of a client of another process. OutcomeOf and Retry go
// by what, and errors.Is finds ErrNotRun exactly if what is NotRun. An outcome that err
// contains does not count; apart from that, errors.Is and errors.As find what they find in
// err. A closure that returns the result has run, and its caller is told so. If err is nil,
// the result is nil if what is Ran, or else WithOutcome panics, as for an undefined what.
func WithOutcome(err error, what Outcome) error {
	misuse.Unless(what <= Unknown, "actor: WithOutcome with an unknown Outcome")
	misuse.Unless(err != nil || what == Ran, "actor: WithOutcome of a nil error")
	if err == nil || OutcomeOf(err) == what && foreign.Claims(err, ErrNotRun) == (what == NotRun) {
		return err
	}
	return &outcomeError{err, what}
}

// outcomeError is an error that says what became of a closure. It hides any other outcome in
// the error that it wraps, and nothing else: that may be the error of a call that the closure
// made. It is used as a pointer, which can be compared whatever it wraps.
type outcomeError struct {
	error
	what Outcome
}

func (e *outcomeError) outcome() Outcome { return e.what }

func (e *outcomeError) Is(target error) bool {
	if target == ErrNotRun {
		return e.what == NotRun
	}
	return foreign.Claims(e.error, target)
}

func (e *outcomeError) As(target any) bool { return foreign.Assign(e.error, target) }

// asRan returns the error of a closure as its caller gets it: as it is, unless
// it would be mistaken for an outcome of the caller's own call.
func asRan(err error) error {
	if err == nil {
		return nil
	}
	return WithOutcome(err, Ran)
}
