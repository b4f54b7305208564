package supervisor

import (
	"context"
	"strings"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/tree"
)

// Lookup finds a service in a tree. name is a child's name, or a path of names below the
// supervisor, such as "front/cache". If there is none, Lookup goes on above the supervisor,
// like actor.Lookup. Code that runs in the tree uses actor.Lookup, with its context. S is
// the type of the handle:
//
//	cache, err := supervisor.Lookup[*actor.Service[Cache]](shop, "front/cache")
//
// The service is found as long as it is in the tree and would accept a Do; its handle stays
// the same through restarts. The error wraps actor.ErrNoService, also if there is something
// of another type by that name. Lookup does not block, and may be called from anywhere. A
// nil supervisor panics.
func Lookup[S any](root *Supervisor, name string) (S, error) {
	if root == nil {
		panic("supervisor: Lookup in a nil *Supervisor")
	}
	place := tree.Place{Directory: root}
	return actor.Lookup[S](tree.WithPlace(context.Background(), place), name)
}

// Find returns the service of the child with that name or path, or nil if there is none. It
// looks below this supervisor, then below those above it, the nearest first, and then takes
// name as a path from the root. Lookup uses it. Find does not block.
func (s *Supervisor) Find(name string) any {
	s.made()
	if svc := s.below(name); svc != nil {
		return svc
	}
	s.mu.Lock()
	above := s.above
	s.mu.Unlock()
	if above != nil {
		return above.Find(name)
	}
	first, rest, nested := strings.Cut(name, "/")
	switch {
	case first != s.name:
		return nil
	case !nested:
		return s
	}
	return s.below(rest)
}

func (s *Supervisor) below(name string) any {
	first, rest, nested := strings.Cut(name, "/")
	svc := s.child(first)
	if !nested || svc == nil {
		return svc
	}
	if sub := supervisorOf(svc); sub != nil {
		return sub.below(rest)
	}
	return nil
}

// child returns the service of the child with that name, or nil. Before a tree is served, its
// children are those of its spec.
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
