package supervisor

import (
	"strings"

	"github.com/bruskajp/nano_services/actor"
)

// Lookup finds a service in a tree: name is a child's name, or a path of names below
// tree, as "front/cache". The service can be found as long as it is in the tree and is
// not stopped; its handle stays the same through restarts. The error wraps
// actor.ErrNoService, also if there is something else by that name. Lookup does not
// block, and may be called from anywhere. Code that is in the tree itself uses
// actor.Lookup, with its context.
func Lookup[T any](tree *Supervisor, name string) (*actor.Service[T], error) {
	return actor.FindService[T](tree, name)
}

// LookupPool is Lookup for a pool.
func LookupPool[T any](tree *Supervisor, name string) (*actor.Pool[T], error) {
	return actor.FindPool[T](tree, name)
}

// Find implements actor.Directory: it returns the service of the child with that name
// or path, below this supervisor or else below the nearest above it that has one, and
// nil if there is none. It does not block.
func (s *Supervisor) Find(name string) any {
	if svc := s.below(name); svc != nil {
		return svc
	}
	s.mu.Lock()
	above := s.above
	s.mu.Unlock()
	if above == nil {
		return nil
	}
	return above.Find(name)
}

func (s *Supervisor) below(name string) any {
	first, rest, nested := strings.Cut(name, "/")
	svc := s.child(first)
	if !nested || svc == nil {
		return svc
	}
	if sub, ok := svc.(*Supervisor); ok {
		return sub.below(rest)
	}
	return nil
}

// child returns the service of the child with that name, or nil. A tree that was not
// served yet has those of its spec.
func (s *Supervisor) child(name string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.order == nil {
		for i := range s.spec.Children {
			if c := &s.spec.Children[i]; c.Service != nil && !isNil(c.Service) && c.Name == name {
				return c.Service
			}
		}
		return nil
	}
	e := s.byName[name]
	if e == nil {
		return nil
	}
	return e.Value.(*child).spec.Service
}
