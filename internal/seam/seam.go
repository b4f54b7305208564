// Package seam is the place at which a scheduler can take hold of services and of trees
// of them. With the order of steps given, everything else follows: package
// supervisor/sim repeats a run from a seed, and tests of the library show that it decides
// nothing behind the user's back.
//
// A tree whose context carries a Scheduler asks it before each step that any of its
// goroutines takes in its own right, and waits until the step is granted. Between two
// steps a goroutine waits for something that only other steps, or the clock, can bring
// about. A service that Start makes on a goroutine that takes part does so, too. A tree
// without a Scheduler pays nothing for it per closure: whether a service is scheduled is one
// bit of a word that its loop looks at anyway, and what runs around closures has its place
// among the interceptors.
//
// It is also the place at which a test can look into a service: see Probe.
package seam

import (
	"context"
	"fmt"
)

// Kind is what a step is.
type Kind uint8

// The kinds of steps.
const (
	Begin   Kind = iota // an incarnation begins: its constructor
	Closure             // the next closure of the queue, or the end if that came first
	End                 // an incarnation that has run what it had ends: its Close
	Resume              // what waited goes on: it has its answer, room, or an end of its context
	Decide              // a supervisor reads what has happened
	Timer               // a timer has fired
	Work                // work on another goroutine begins
	Outcome             // work that ran on another goroutine has come to something
	Send                // a goroutine that is no service's hands something over
)

var names = [...]string{"begin", "closure", "end", "resume", "decide", "timer", "work", "outcome", "send"}

// String returns the kind in a word.
func (k Kind) String() string { return names[k] }

// Scheduler decides whose step is next, and what goes wrong. Its methods are called by the
// goroutine that is concerned. At most one such goroutine runs at a time, if each step is granted
// when all others wait. path is that of a service or a supervisor in its tree, with a number
// behind it for what belongs to a service and takes steps of its own, or the place of a goroutine
// that is no service's. Plain has all methods but Step, and decides nothing.
type Scheduler interface {
	// Step blocks until the step is granted. It is called by the goroutine that is
	// about to take it. An error is a fault that is to happen: for Begin it is the
	// constructor's error, what Resume and Work begin panics with it, and for the others
	// it has no meaning. A goroutine that a closure has started waits for its service, too:
	// Here tells it from the service's own, the only one where a panic does not end the process.
	Step(path string, k Kind) error
	// Join is called when a service takes part that Start made, and returns the path that it
	// has from then on, which no other has. stop ends it.
	Join(name string, stop func(context.Context) error) (path string)
	// Enter is called when an incarnation of a service begins, with the service's lock held:
	// it keeps what it is given, and looks later.
	Enter(path string, in Insider)
	// Root is called when a supervisor takes part that has none above it, as Join is; who is
	// that supervisor, which may come more than once.
	Root(name string, who any, stop func(context.Context) error) (path string)
	// Around is called instead of a closure whose turn has come, inside of all interceptors:
	// it calls run, once, and returns what that returns. A panic is the closure's.
	Around(path string, closure fmt.Stringer, run func() error) error
	// Refuses reports whether a bounded service is to refuse a closure though it has room.
	Refuses(path string) bool
	// Trouble is told of a crash, with a *actor.PanicError; of a refused wait, with a
	// *actor.DeadlockError; and of a refused closure, with the error that the sender gets.
	Trouble(path string, err error)
}

// Plain is for a Scheduler to embed that has only steps.
type Plain struct{}

// Join implements Scheduler.
func (Plain) Join(name string, _ func(context.Context) error) string { return name }

// Enter implements Scheduler.
func (Plain) Enter(string, Insider) {}

// Root implements Scheduler.
func (Plain) Root(name string, _ any, _ func(context.Context) error) string { return name }

// Around implements Scheduler.
func (Plain) Around(_ string, _ fmt.Stringer, run func() error) error { return run() }

// Refuses implements Scheduler.
func (Plain) Refuses(string) bool { return false }

// Trouble implements Scheduler.
func (Plain) Trouble(string, error) {}

// Here returns the scheduler of the service whose goroutine calls, and its path, or nil.
func Here() (s Scheduler, path string) {
	if here == nil {
		return nil, ""
	}
	return here()
}

// Wake is called by code that has waited for something that is no service, on a goroutine that
// may be a service's: to go on is a step of that service.
func Wake() {
	if s, path := Here(); s != nil {
		_ = s.Step(path, Resume)
	}
}

// here is set once, by package actor, which knows whose a goroutine is.
var here func() (Scheduler, string)

// Tell has Here ask f. It returns something, so that it can be the value of a variable.
func Tell(f func() (Scheduler, string)) struct{} {
	here = f
	return struct{}{}
}

// places are the scheduler and the probe that come with a context: in one value, because
// a service looks for it each time that it begins.
type places struct {
	scheduler Scheduler
	probe     Probe
}

type key struct{}

func of(ctx context.Context) places {
	if p, ok := ctx.Value(key{}).(*places); ok {
		return *p
	}
	return places{}
}

// With returns a context for Serve or Start of a tree that is scheduled by s.
func With(ctx context.Context, s Scheduler) context.Context {
	p := of(ctx)
	p.scheduler = s
	return context.WithValue(ctx, key{}, &p)
}

// Near returns ctx with its scheduler and probe in front of its other values, so that they, or
// that there are none, are found at once.
func Near(ctx context.Context) context.Context {
	p := of(ctx)
	return context.WithValue(ctx, key{}, &p)
}

// Of returns the scheduler that comes with ctx, or nil.
func Of(ctx context.Context) Scheduler { return of(ctx).scheduler }

// Both returns the scheduler and the probe that come with ctx; either may be nil.
func Both(ctx context.Context) (Scheduler, Probe) {
	p := of(ctx)
	return p.scheduler, p.probe
}
