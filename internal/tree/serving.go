package tree

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Serving is the context of one Serve, with a place, for a supervisor that ends it itself, by
// End. It has the values of another context, and does not end with that.
//
// What package context needs for an end is made when the Serving is asked for its channel or a
// value. A service does not ask, since End tells it: that saves each restart 0.2 µs, and two
// allocations.
type Serving struct {
	values context.Context // of Value, nothing else
	place  Place

	ending  Ending
	revoked atomic.Bool

	mu    sync.Mutex
	told  Listener // the first that is served with it; nil: none yet
	ended bool
}

// unsaid is the cause of an end without one.
var unsaid = Because(nil)

// NewServing returns a context for one Serve, with the values of a context. A nil one
// panics.
func NewServing(values context.Context, p Place) *Serving {
	if values == nil {
		panic("tree: NewServing with a nil context")
	}
	x := &Serving{values: values, place: p}
	x.place.by = x
	return x
}

// End ends the context, as a context.CancelCauseFunc does, and tells the service that is served
// with it. Only the first End counts. End waits for nothing, but for one case: with
// WithDrainTime(0), and without a supervisor that knows the service (Place.Direct), it waits
// for the hook and the logger, which are told what was in the queue.
func (x *Serving) End(cause error) {
	if l := x.ends(cause); l != nil { // or who begins from now on sees that it has ended
		l.ServingEnded(x)
	}
}

// Revoke says that the supervisor has cut the service off and does not wait for its Serve. One
// that has not begun would come too late: another Serve may have begun, or the service was told
// that none will.
func (x *Serving) Revoke() { x.revoked.Store(true) }

// ends ends the context, and returns the listener to tell: nil, if it had ended before.
func (x *Serving) ends(cause error) Listener {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return nil
	}
	x.ended = true
	why := unsaid
	if cause != nil {
		why = Because(cause)
	}
	x.ending.End(why)
	return x.told
}

// Overdue has the service that is served with x report that the supervisor has waited for age
// for it to be up, or to end. Overdue reports false if there is no such service, or none any more.
func (x *Serving) Overdue(age time.Duration) bool {
	x.mu.Lock()
	l := x.told
	x.mu.Unlock()
	return l != nil && l.Overdue(age)
}

// Listener is told of the end of a Serving, and of a long wait.
type Listener interface {
	ServingEnded(ctx context.Context)
	Overdue(age time.Duration) (serves bool)
}

// Tells reports whether End will tell l. It tells only the first listener. l looks afterwards
// whether the context has ended already.
func (x *Serving) Tells(l Listener) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.told != nil {
		return false
	}
	x.told = l
	return true
}

// standard returns the context of package context that ends when x does.
func (x *Serving) standard() context.Context { return x.ending.With(x.values) }

// Deadline implements context.Context: there is none.
func (x *Serving) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (x *Serving) Done() <-chan struct{} { return x.standard().Done() }

// Err implements context.Context.
func (x *Serving) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return context.Canceled
	}
	return nil
}

// Value implements context.Context.
func (x *Serving) Value(key any) any {
	if _, ok := key.(PlaceKey); ok {
		return &x.place
	}
	return x.standard().Value(key) // which knows what ends it, and why
}

// String is what a context prints as.
func (x *Serving) String() string { return "actor context of Serve of " + x.place.Path }

// ValuesOf returns a context with the values of ctx. It is for keys that the library looks up
// and most contexts do not have.
func ValuesOf(ctx context.Context) context.Context {
	if x, ok := ctx.(*Serving); ok {
		return x.values
	}
	return ctx
}
