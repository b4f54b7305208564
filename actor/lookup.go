package actor

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/tree"
)

// ErrNoService says that there is no such service, that it is of another type, or that
// it has stopped.
var ErrNoService = errors.New("actor: no such service")

// Lookup finds a service of the tree that ctx belongs to, which is the context of a
// constructor, of a closure, or of the Serve of anything that a supervisor runs. S is the
// handle that is wanted: a *Service[T], a pool, a proxy, a supervisor, or an interface that
// the child has:
//
//	basket, err := actor.Lookup[*actor.Service[Basket]](ctx, "basket")
//
// A child that embeds a service, as a proxy does, is found as what it is and as that
// service.
//
// name is a child's name, or a path as "front/cache". It is looked for among the siblings
// of whom ctx belongs to, then among those of their supervisor, and so on up to the
// root: the nearest one counts. If there is none, and the path begins with the root's
// name, as those that a page or a log shows, it is a path from the root.
//
// Nothing is registered: a service can be found as long as it is in its tree and would
// accept a Do. The handle stays the same when the service is restarted. It is better given
// to who needs it, by the code that declares both; Lookup is for what cannot be wired
// like that, such as services that are added at run time. It does not block. The error
// wraps ErrNoService, and says what there is instead. A nil ctx panics.
func Lookup[S any](ctx context.Context, name string) (S, error) {
	var none S
	misuse.Unless(ctx != nil, "actor: Lookup with a nil context")
	if in, ok := ctx.Value(incarnationKey{}).(*incarnation); ok {
		ctx = in.contexts.base // the place is the service's, not that of what it serves
	}
	place, _ := tree.PlaceOf(ctx)
	if place.Directory == nil {
		return none, fmt.Errorf("%w: %q: the context belongs to no tree", ErrNoService, name)
	}
	found := place.Directory.Find(name)
	handle, ok := as[S](found)
	switch {
	case found == nil:
		return none, fmt.Errorf("%w: %q", ErrNoService, name)
	case !ok:
		return none, fmt.Errorf("%w: %q is a %T, not a %v", ErrNoService, name, found, reflect.TypeFor[S]())
	}
	if c, ok := found.(stated); ok && c.present() >= Draining {
		return none, fmt.Errorf("%w: %q is %v", ErrNoService, name, c.present())
	}
	return handle, nil
}

// as returns a child as an S: itself, or the service that it embeds.
func as[S any](child any) (handle S, ok bool) {
	if handle, ok = child.(S); ok {
		return handle, true
	}
	if e, embeds := child.(embedder); embeds {
		handle, ok = e.handle().(S)
	}
	return handle, ok
}

// embedder is a service, and whatever embeds one.
type embedder interface{ handle() any }

func (c *core) handle() any { return c.self }

// stated is a service or a Router, and whatever embeds one.
type stated interface{ present() State }

// present returns the state.
func (c *core) present() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}
