// Package tree is what supervisors and services say to each other. A supervisor tells a service
// its place through the context of Serve, and through the cause of that context's end what is
// to follow. A service has methods that its supervisor calls: see Abandoner, CutOffer and
// Readier.
package tree

import (
	"context"
	"time"
)

// Place tells a service that a supervisor serves it, which will call Serve again, or Abandon,
// when Serve has returned. Until then the service is pending and goes on queueing. It leaves
// the time for draining to the supervisor, which will call CutOff.
type Place struct {
	Path  string // names from the root of the tree, joined by slashes; "" if there is none
	Ready func() // called on the service's goroutine once the constructor has returned; may be nil

	// Left, if not nil, is called when a Stop or Kill of the service has ended it for good while
	// Serve is in code that does not return. It is called with the context of that Serve, and
	// why the service ended. It must not block.
	Left func(serve context.Context, why error)

	// Adopt, if not nil, is called by a service that serves on another goroutine than the
	// one that called Serve, on that goroutine; what it returns is called at its end.
	Adopt func() (leave func())

	// Behalf is that of goroutines which belong to the service, other than the one that called
	// Serve. May be nil.
	Behalf *Behalf

	// Until, if not nil, returns when the supervisors that wait for the service will give that
	// up, as far as that is known.
	Until func() (at time.Time, known bool)

	// Interceptors of the tree, the outermost first: an []actor.FilteredInterceptor, which this
	// package cannot name, or nil. Those without a Want look at each closure.
	Interceptors any

	// Where the services of the tree are found. May be nil.
	Directory Directory

	// There is a supervisor, but it does not know of the service: a child serves it that is a
	// function, or a value that has a service in it and not the service's methods, by which it would
	// be known as one. So no supervisor follows Serve up.
	Direct bool

	by *Serving // with which it came; or nil
}

// Revoked reports whether a Serve that begins now comes too late: see Serving.Revoke. A nil
// place reports false.
func (p *Place) Revoked() bool { return p != nil && p.by != nil && p.by.revoked.Load() }

// Directory is what a supervisor gives to its services through their Place, so that they find
// each other. It is the supervisor itself.
type Directory interface {
	// Find returns the service with that name, or nil.
	Find(name string) any
}

// PlaceKey is the key of a *Place among the values of a context.
type PlaceKey struct{}

// placeContext is a context with a place.
type placeContext struct {
	context.Context
	place Place
}

func (x *placeContext) Value(key any) any {
	if _, ok := key.(PlaceKey); ok {
		return &x.place
	}
	return x.Context.Value(key)
}

// WithPlace returns a context for Serve that tells the service its place. See Serving
// for one that a supervisor ends itself.
func WithPlace(ctx context.Context, p Place) context.Context {
	return &placeContext{Context: ctx, place: p}
}

// PlaceOf returns the place that came with the context of Serve, if there is one.
func PlaceOf(ctx context.Context) (Place, bool) {
	if p := PlaceIn(ctx); p != nil {
		return *p, true
	}
	return Place{}, false
}

// PlaceIn is PlaceOf without a copy, and nil if there is none.
func PlaceIn(ctx context.Context) *Place {
	p, _ := ctx.Value(PlaceKey{}).(*Place)
	return p
}
