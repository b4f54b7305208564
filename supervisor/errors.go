package supervisor

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Errors of requests to a supervisor. The request changed nothing. Three of them are the
// values of package actor, so that one errors.Is does for services and supervisors.
var (
	ErrRunning  = errors.New("supervisor: child is running")
	ErrUnknown  = errors.New("supervisor: no such child")
	ErrExists   = errors.New("supervisor: a child of this name exists")
	ErrStopping = errors.New("supervisor: stopping")

	// ErrNotRunning is actor.ErrNotRunning: the supervisor does not run.
	ErrNotRunning = actor.ErrNotRunning
	// ErrServed is actor.ErrServed: Serve or Start was called on a supervisor that runs
	// already.
	ErrServed = actor.ErrServed
	// ErrStopped is actor.ErrStopped: Serve or Start was called on a supervisor that Stop
	// has ended.
	ErrStopped = actor.ErrStopped
	// ErrWouldDeadlock: the request would have waited for the supervisor, but it came from
	// a child whose start or end the supervisor is waiting for, or from its Decider.
	ErrWouldDeadlock = errors.New("supervisor: waits for the child that asks")

	errTimeout    = errors.New("not up within its StartTimeout")
	errNotReady   = errors.New("ended before it was ready")
	errTerminated = errors.New("terminated while starting")
)

// prefix is what each text of this package's errors begins with.
const prefix = "supervisor: "

// cause is an error inside of an error of this package, whose text has the prefix already.
type cause struct{ error }

func (c cause) Error() string { return strings.TrimPrefix(c.error.Error(), prefix) }
func (c cause) Unwrap() error { return c.error }

// failed makes an error that says what has failed in the supervisor with that path.
func failed(path, what string, err error) error {
	return fmt.Errorf(prefix+"%s: %s: %w", path, what, cause{err})
}

// StartError says which child could not be started. Those before it were stopped
// again.
type StartError struct {
	Child string // its path
	Err   error
}

// Error names the child and the reason.
func (e *StartError) Error() string {
	return fmt.Sprintf(prefix+"start of %s: %v", e.Child, cause{e.Err})
}

// Unwrap returns the reason.
func (e *StartError) Unwrap() error { return e.Err }

// lastTry returns why a start is over, and how its last try ended, if there was one.
func lastTry(why, last error) error {
	if last == nil {
		return why
	}
	return fmt.Errorf("%w, the last try: %w", why, cause{last})
}

// GaveUpError says that a supervisor has stopped its children and ended, because restarts
// did not help or because its Decider said so.
type GaveUpError struct {
	Supervisor string // its path
	Child      string // the path of the child that was the last straw
	Restarts   int    // how many there were within Period
	Period     time.Duration
	Err        error // how that child ended; nil if normally
}

// Error names the supervisor, the child and the reason.
func (e *GaveUpError) Error() string {
	how := "ended normally"
	if e.Err != nil {
		how = cause{e.Err}.Error()
	}
	return fmt.Sprintf(prefix+"%s gave up after %d restarts within %v: %s: %s",
		e.Supervisor, e.Restarts, e.Period, e.Child, how)
}

// Unwrap returns how the child ended.
func (e *GaveUpError) Unwrap() error { return e.Err }

// StuckError lists the children that did not end in their time and were cut off. They may
// still run in the background.
type StuckError struct{ Children []Stuck }

// Stuck is a child that did not end in its time.
type Stuck struct {
	Path    string // of the child
	Running string // the closure that runs, if the child is a service and knows
	Stack   string // of its goroutine; "" if there are too many goroutines to look for it
}

// Error names the children.
func (e *StuckError) Error() string {
	var b strings.Builder
	b.WriteString(prefix + "did not end in time and was cut off:")
	for i, c := range e.Children {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" " + c.Path)
		if c.Running != "" {
			b.WriteString(" in " + c.Running)
		}
	}
	return b.String()
}
