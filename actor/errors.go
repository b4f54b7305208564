package actor

import (
	"errors"

	"github.com/bruskajp/nano_services/mailbox"
)

// refusal is a sentinel that says by itself that the closure never ran.
type refusal string

func (r refusal) Error() string        { return string(r) }
func (r refusal) Is(target error) bool { return target == ErrNotRun }

// Errors of the library. All of them are matched with errors.Is. Do and
// DoContext return ErrStopped and ErrMailboxFull as they are; what waits for an
// answer wraps them in an error that names the service, the closure and the call
// site.
var (
	// ErrStopped: the service was stopped, or nobody intends to run it.
	ErrStopped error = refusal("actor: service stopped")

	// ErrMailboxFull: a bounded service had no room, or dropped the call to make
	// room for a later one.
	ErrMailboxFull error = refusal("actor: mailbox full")

	// ErrRestarted: the service was restarted while the call was queued, and its
	// option is not to keep the queue (see WithQueuePolicy).
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

	// ErrUnanswered: the closure of a CallLater ran, and its Reply was not answered:
	// the incarnation ended, which is then matched by ErrStopped or ErrRestarted, too,
	// or the Reply was lost. The outcome is Unknown.
	ErrUnanswered = errors.New("actor: not answered")

	// ErrCutOff: an incarnation was over before its goroutine had come back from user
	// code. Serve returns it, and Err.
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

// must panics with misuse, which begins with the package's name, unless ok: it is a mistake
// of the caller's, which no error would mend.
func must(ok bool, misuse string) {
	if !ok {
		panic(misuse)
	}
}
