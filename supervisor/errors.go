package supervisor

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors of requests to a supervisor. The request changed nothing.
var (
	ErrNotRunning = errors.New("supervisor: not running")
	ErrRunning    = errors.New("supervisor: child is running")
	ErrUnknown    = errors.New("supervisor: no such child")
	ErrExists     = errors.New("supervisor: a child of this name exists")
	ErrStopping   = errors.New("supervisor: stopping")

	// ErrServed: Serve or Start was called on a supervisor that runs already.
	ErrServed = errors.New("supervisor: already served")
	// ErrStopped: Serve or Start was called on a supervisor that Stop has ended.
	ErrStopped = errors.New("supervisor: stopped")
	// ErrWaitsForYou: the request came from a child whose start, or end, the
	// supervisor is waiting for, and which would have waited for the supervisor.
	ErrWaitsForYou = errors.New("supervisor: waits for the child that asks")

	errTimeout    = errors.New("not up within its StartTimeout")
	errNotReady   = errors.New("ended before it was ready")
	errTerminated = errors.New("terminated while starting")
)

// StartError says which child could not be started. Those before it were stopped
// again.
type StartError struct {
	Child string // its path
	Err   error
}

// Error names the child and the reason.
func (e *StartError) Error() string {
	return fmt.Sprintf("supervisor: start of %s: %v", e.Child, e.Err)
}

// Unwrap returns the reason.
func (e *StartError) Unwrap() error { return e.Err }

// GaveUpError says that a supervisor has stopped its children and ended, because
// restarting does not help or a Decider said so.
type GaveUpError struct {
	Supervisor string // its path
	Child      string // the path of the child that was the last straw
	Restarts   int    // how many there were within Period
	Period     time.Duration
	Err        error // how that child ended; nil if normally
}

// Error names the supervisor, the child and the reason.
func (e *GaveUpError) Error() string {
	return fmt.Sprintf("supervisor: %s gave up after %d restarts within %v: %s: %v",
		e.Supervisor, e.Restarts, e.Period, e.Child, e.Err)
}

// Unwrap returns how the child ended.
func (e *GaveUpError) Unwrap() error { return e.Err }

// StuckError lists what did not end in its time and was cut off. It goes on in
// the background if Go's runtime lets it.
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
	b.WriteString("supervisor: did not end in time and was cut off:")
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
