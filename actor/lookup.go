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

// Lookup finds a service in the tree that ctx belongs to. ctx is the context of a
// constructor, of a closure, or of the Serve of any child of a supervisor. S is the type of
// the handle: a *Service[T], a pool, a proxy, a supervisor, or an interface that the child
// implements:
//
//	basket, err := actor.Lookup[*actor.Service[Basket]](ctx, "basket")
//
// A child that embeds a service, as a proxy does, is found both as its own type and as that
// service.
//
// name is a child's name, or a path such as "front/cache". Lookup searches the siblings of
// the child that ctx belongs to, then those of their supervisor, and so on up to the root,
// and takes the nearest. If there is none, and the path begins with the root's name, as the
// paths on a page or in a log do, it is taken as a path from the root.
//
// Nothing is registered: a service is found as long as it is in its tree and would accept
// a Do. The handle stays the same when the service is restarted. If you can, rather pass the
// handle on in the code that declares both sides; Lookup is for services that cannot be
// wired like that, such as those that are added at run time. It does not block. The error
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
	if c, ok := found.(stated); ok {
		switch state, err := c.present(); {
		case err != nil:
			return none, fmt.Errorf("%w: %q: the function of its Router %w", ErrNoService, name, err)
		case state >= Draining:
			return none, fmt.Errorf("%w: %q is %v", ErrNoService, name, state)
		}
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
type stated interface{ present() (State, error) }

// present returns the state.
func (c *core) present() (State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, nil
}
