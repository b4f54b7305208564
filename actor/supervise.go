package actor

import (
	"context"
	"errors"
)

// What follows is all that a supervisor needs of a service besides Serve: it
// tells the service its place through the context of Serve, and what a stop is
// meant to be through that context's cause; and it calls two methods that the
// service has for it.

// Restart is the cause (context.Cause) with which a supervisor ends the context
// of Serve if another Serve is to follow: the service ends after its current
// closure and keeps its queue. With any other cause it is a stop: the service
// runs what it accepted, and refuses everything new.
//
//lint:ignore ST1012 it is a cause, and never returned as an error
var Restart = errors.New("actor: restart")

// Place tells a service that a supervisor serves it, who will call Serve again, or
// Abandon, when Serve has returned. So until then the service is pending and goes
// on queueing; and it leaves the time for draining to the supervisor, who will call
// CutOff.
type Place struct {
	Path  string // names from the root of the tree, joined by slashes; "" if there is none
	Ready func() // called on the service's goroutine once the constructor has returned; may be nil

	// Adopt, if not nil, is called by a service that serves on another goroutine than the
	// one that called Serve, on that goroutine; what it returns is called at its end.
	Adopt func() (leave func())

	// Interceptors of the tree, the outermost first, for each closure; see Interceptor.
	Interceptors []Interceptor

	// Where the services of the tree are found; see Lookup. May be nil.
	Directory Directory

	// There is a supervisor, but it does not know of the service: a function that it
	// runs serves the service directly. So nobody follows Serve up.
	Direct bool
}

type placeKey struct{}

// placeContext is a context with a place.
type placeContext struct {
	context.Context
	place Place
}

func (x *placeContext) Value(key any) any {
	if _, ok := key.(placeKey); ok {
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
	p, ok := ctx.Value(placeKey{}).(*Place)
	if !ok {
		return Place{}, false
	}
	return *p, true
}

// Abandoner is implemented by services, and by supervisors for their whole tree.
// A supervisor that will not serve a child again calls Abandon, when the child's
// Serve has returned: the service is down, its queue is answered, and it refuses
// what comes until it is served again. A supervisor that gives up leaves that to
// its own parent, so that the queues survive its restart.
type Abandoner interface{ Abandon() }

// CutOffer is implemented by services. A supervisor calls CutOff when a child has
// not returned from Serve in its time, and then goes on as if it had. If another
// Serve is to follow, goOn is true and the queue is kept for it. CutOff returns
// at once. What it returns names the closure that still runs, and is "" if
// nothing does.
type CutOffer interface {
	CutOff(goOn bool) (running string)
}

// Readier is implemented by what calls the Ready of its Place when it is up.
// Everything else is up as soon as it has been launched.
type Readier interface{ SignalsReady() bool }

// SignalsReady implements Readier: a service is up when its constructor has
// returned.
func (c *core) SignalsReady() bool { return true }

// Abandon implements Abandoner. It is for supervisors.
func (c *core) Abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case Pending:
		c.retire()
	case Running:
		c.supervised = false // when Serve returns, the service will be down
	}
}

// CutOff implements CutOffer. It is for supervisors.
func (c *core) CutOff(goOn bool) (running string) {
	c.mu.Lock()
	in := c.in.Load()
	c.mu.Unlock()
	if _, l := c.cutOff(in, !goOn); l != (location{}) {
		return l.String()
	}
	return ""
}
