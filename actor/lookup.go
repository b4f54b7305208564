package actor

import (
	"context"
	"errors"
	"fmt"
)

// Directory is what a supervisor gives to its services through their Place, so that
// they find each other: the supervisor itself.
type Directory interface {
	// Find returns the service with that name, or nil.
	Find(name string) any
}

// ErrNoService says that there is no such service, that it is of another type, or that
// it has stopped.
var ErrNoService = errors.New("actor: no such service")

// Lookup finds a service of the tree that ctx belongs to, which is the context of a
// constructor, of a closure, or of the Serve of anything that a supervisor runs. name
// is a child's name, or a path as "front/cache". It is looked for among the siblings
// of whom ctx belongs to, then among those of their supervisor, and so on up to the
// root: the nearest one counts. Nothing is registered: a service can be found as long
// as it is in its tree and is not stopped.
//
// The handle stays the same when the service is restarted. It is better given to who
// needs it, by the code that declares both; Lookup is for what cannot be wired
// like that, such as services that are added at run time. It does not block. The error
// wraps ErrNoService.
func Lookup[T any](ctx context.Context, name string) (*Service[T], error) {
	d, err := directoryOf(ctx, name)
	if err != nil {
		return nil, err
	}
	return FindService[T](d, name)
}

// LookupPool is Lookup for a pool.
func LookupPool[T any](ctx context.Context, name string) (*Pool[T], error) {
	d, err := directoryOf(ctx, name)
	if err != nil {
		return nil, err
	}
	return FindPool[T](d, name)
}

func directoryOf(ctx context.Context, name string) (d Directory, err error) {
	if ctx == nil {
		panic("actor: Lookup with a nil context")
	}
	if in, ok := ctx.Value(incarnationKey{}).(*incarnation); ok {
		ctx = in.contexts.base // the place is the service's, not that of what it serves
	}
	if place, ok := PlaceOf(ctx); ok {
		d = place.Directory
	}
	if d == nil {
		return nil, fmt.Errorf("%w: %q: the context belongs to no tree", ErrNoService, name)
	}
	return d, nil
}

// FindService is Lookup in a directory. It is for package supervisor.
func FindService[T any](d Directory, name string) (*Service[T], error) {
	found := d.Find(name)
	ref, ok := found.(Ref[T]) // also what embeds a service, as a proxy does
	if _, pool := found.(interface{ isPool() }); !ok || pool {
		return nil, notFound[T](name, found)
	}
	s := ref.service()
	if state := s.Info().State; state >= Draining {
		return nil, fmt.Errorf("%w: %q is %v", ErrNoService, name, state)
	}
	return s, nil
}

// FindPool is LookupPool in a directory. It is for package supervisor.
func FindPool[T any](d Directory, name string) (*Pool[T], error) {
	found := d.Find(name)
	p, ok := found.(*Pool[T])
	if !ok {
		return nil, notFound[T](name, found)
	}
	if state := p.Info().State; state >= Draining {
		return nil, fmt.Errorf("%w: %q is %v", ErrNoService, name, state)
	}
	return p, nil
}

func notFound[T any](name string, found any) error {
	switch found := found.(type) {
	case nil:
		return fmt.Errorf("%w: %q", ErrNoService, name)
	case interface{ typeName() string }:
		return fmt.Errorf("%w: %q is of type %s, not %s", ErrNoService, name, found.typeName(), typeName[T]())
	default:
		return fmt.Errorf("%w: %q is a %T", ErrNoService, name, found)
	}
}

func (s *Service[T]) typeName() string { return typeName[T]() }
func (p *Pool[T]) typeName() string    { return "pool of " + typeName[T]() }
func (p *Pool[T]) isPool()             {}
