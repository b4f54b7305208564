package supervisor

import (
	"sync"
)

// registry says where in a tree each service stands that has an identity: each stands in it once.
// The root of the tree makes one for each of its lives, and hands it down with the contexts of
// Serve. A supervisor enters its children at the beginning of a life, and takes them out at its
// end, so that one that does not run has no child in the registry.
type registry struct {
	mu sync.Mutex
	at map[Service]standing // by identity
}

type standing struct {
	path string
	of   *Supervisor
}

type registryKey struct{}

// registryFor returns the registry of the supervisor's tree: the one above, if there is one
// and it is the parent's. mu is held.
func (s *Supervisor) registryFor(above *registry) *registry {
	if above != nil && !s.top {
		return above
	}
	return &registry{at: map[Service]standing{}}
}

// find returns the path at which the service with that identity, which is a child of s, stands as
// a child of another supervisor, or "". A nil registry is empty.
func (all *registry) find(id Service, s *Supervisor) string {
	if all == nil {
		return ""
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if found := all.at[id]; found.of != s {
		return found.path
	}
	return ""
}

// enter enters svc at path, as a child of s. It returns the path where svc is already, or "".
func (all *registry) enter(svc Service, path string, s *Supervisor) (first string) {
	id := identity(svc)
	if id == nil {
		return ""
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if found, ok := all.at[id]; ok {
		return found.path
	}
	all.at[id] = standing{path, s}
	return ""
}

// leave takes svc out, if it is there as a child of s.
func (all *registry) leave(svc Service, s *Supervisor) {
	id := identity(svc)
	if id == nil {
		return
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.at[id].of == s {
		delete(all.at, id)
	}
}

// enterAll enters the children of the spec, or none of them if one stands elsewhere: it
// was added there while this supervisor was down. mu is held.
func (s *Supervisor) enterAll() error {
	k := checker{}
	for i := range s.spec.Children {
		c := &s.spec.Children[i]
		path := s.path + "/" + c.Name
		if first := s.registry.enter(c.Service, path, s); first != "" {
			k.twice(path, first)
		}
	}
	if k.faults == nil {
		return nil
	}
	for i := range s.spec.Children {
		s.registry.leave(s.spec.Children[i].Service, s)
	}
	return &SpecError{k.faults}
}

// leaveAll takes the children out at the end of a life. mu is held.
func (s *Supervisor) leaveAll() {
	for e := s.order.Front(); e != nil; e = e.Next() {
		s.registry.leave(e.Value.(*child).spec.Service, s)
	}
}
