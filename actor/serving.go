package actor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Serving is the context of one Serve, with a place, for a supervisor who ends it
// itself, by End. It has the values of another context, and does not end with it.
//
// What package context needs for an end is made when somebody asks for it. A service
// does not, since End tells it: that saves each restart 0.2 µs, and two allocations.
//
//	std       asked for by  next       ended by  afterwards
//	not made  Done, Value   made       End       made ended, if anybody asks
//	made      Done, Value   made       End       ended
type Serving struct {
	values context.Context // of Value, nothing else
	place  Place
	served atomic.Pointer[incarnation] // the first that is served with it; End tells it

	mu    sync.Mutex
	ended bool
	cause error
	std   context.Context // nil until made
	end   context.CancelCauseFunc
}

// NewServing returns a context for one Serve, with the values of a context. A nil one
// panics.
func NewServing(values context.Context, p Place) *Serving {
	if values == nil {
		panic("actor: NewServing with a nil context")
	}
	return &Serving{values: values, place: p}
}

// End ends the context, as a context.CancelCauseFunc does, and tells the service that is
// served with it. Only the first End counts. It waits for nothing, except, with
// WithDrainTime(0) and without a supervisor that knows the service (Place.Direct), for
// the hook and the logger that are told of what was in the queue.
func (x *Serving) End(cause error) {
	if !x.ends(cause) {
		return
	}
	if in := x.served.Load(); in != nil { // or who begins from now on sees that it has ended
		in.c.told(in, x)
	}
}

// ends ends the context, and reports whether it had not ended before.
func (x *Serving) ends(cause error) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return false
	}
	x.ended, x.cause = true, cause
	if x.std != nil {
		x.end(cause)
	}
	return true
}

// tells reports whether End will tell in, which looks afterwards whether the context has
// ended already.
func (x *Serving) tells(in *incarnation) bool { return x.served.CompareAndSwap(nil, in) }

// standard returns the context of package context that ends when x does.
func (x *Serving) standard() context.Context {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.std == nil {
		x.std, x.end = context.WithCancelCause(context.WithoutCancel(x.values))
		if x.ended {
			x.end(x.cause)
		}
	}
	return x.std
}

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
	if _, ok := key.(placeKey); ok {
		return &x.place
	}
	return x.standard().Value(key) // which knows what ends it, and why
}

// String is what a context prints as.
func (x *Serving) String() string { return "actor context of Serve of " + x.place.Path }

// valuesOf returns a context with the values of ctx, for values that the library looks
// for and that most contexts have not.
func valuesOf(ctx context.Context) context.Context {
	if x, ok := ctx.(*Serving); ok {
		return x.values
	}
	return ctx
}
