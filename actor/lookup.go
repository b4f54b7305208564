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

// ErrNoService: there is no such service, or it is of another type, or it has
// stopped.
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
	return find[*Service[T]](ctx, name)
}

// LookupPool is Lookup for a pool.
func LookupPool[T any](ctx context.Context, name string) (*Pool[T], error) {
	return find[*Pool[T]](ctx, name)
}

func find[S interface{ Info() Info }](ctx context.Context, name string) (none S, err error) {
	var d Directory
	if in, ok := ctx.Value(incarnationKey{}).(*incarnation); ok {
		d = in.directory
	} else if place, ok := PlaceOf(ctx); ok {
		d = place.Directory
	}
	if d == nil {
		return none, fmt.Errorf("%w: %q: the context belongs to no tree", ErrNoService, name)
	}
	return Found[S](d, name)
}

// Found is Lookup below a supervisor. It is for package supervisor.
func Found[S interface{ Info() Info }](d Directory, name string) (none S, err error) {
	found := d.Find(name)
	if found == nil {
		return none, fmt.Errorf("%w: %q", ErrNoService, name)
	}
	s, ok := found.(S)
	if !ok {
		return none, fmt.Errorf("%w: %q is a %T, not a %T", ErrNoService, name, found, none)
	}
	if state := s.Info().State; state >= Draining {
		return none, fmt.Errorf("%w: %q is %v", ErrNoService, name, state)
	}
	return s, nil
}
