// Package seam is the place at which a scheduler can take hold of a tree of services.
// It exists to show, in tests, that the library decides nothing behind the user's back:
// with the order of steps given, everything else follows.
//
// A tree whose context carries a Scheduler asks it before each step that any of its
// goroutines takes in its own right, and waits until the step is granted. Between two
// steps a goroutine waits for something that only other steps, or the clock, can bring
// about. A tree without one pays nothing for it per closure: that a service is scheduled
// is one bit of a word that its loop looks at anyway.
//
// It is also the place at which a test can look into a service: see Probe.
package seam

import "context"

// Kind is what a step is.
type Kind uint8

// The kinds of steps.
const (
	Begin   Kind = iota // an incarnation begins: its constructor
	Closure             // the next closure of the queue, or the end if that came first
	End                 // an incarnation that has run what it had ends: its Close
	Resume              // a closure that waited goes on: it has its answer, room, or an end of its context
	Decide              // a supervisor reads what has happened
	Timer               // a timer has fired
	Outcome             // work that ran on another goroutine has come to something
)

var names = [...]string{"begin", "closure", "end", "resume", "decide", "timer", "outcome"}

// String returns the kind in a word.
func (k Kind) String() string { return names[k] }

// Scheduler decides whose step is next.
type Scheduler interface {
	// Step blocks until the step is granted. It is called by the goroutine that is
	// about to take it. path is that of a service or a supervisor in its tree, with a
	// number behind it for what belongs to a service and takes steps of its own.
	Step(path string, k Kind)
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

// Near returns ctx with the two in front of its other values, where they, or that there are
// none, are found at once.
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
