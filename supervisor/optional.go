package supervisor

import (
	"reflect"
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/internal/tree"
)

// Besides Serve a service may have other methods that a supervisor calls: Name,
// SignalsReady, Done, Abandon and CutOff. They are the user's code, and called on the
// goroutine of the supervisor, or of who calls New, Add or Stop, which a panic in them
// must not end. Name is called only where nothing is locked.

// try calls f, and returns what it panicked with, or nil.
func try(f func()) (panicked any) {
	defer func() { panicked = recover() }()
	f()
	return nil
}

// optional calls a method of the child's service that not every service has. One that
// panics counts from then on as a method that it does not have; then it reports false.
func (s *Supervisor) optional(c *child, method string, call func()) bool {
	if slices.Contains(c.faulty, method) {
		return false
	}
	v := try(call)
	if v == nil {
		return true
	}
	c.faulty = append(c.faulty, method)
	s.reporter.complain("supervisor: a method of a child panicked", "path", c.info.Path, "method", method, "value", v)
	return false
}

// abandon tells a child's service that nobody will run it.
func (s *Supervisor) abandon(c *child) {
	if a, ok := c.spec.Service.(tree.Abandoner); ok {
		s.optional(c, "Abandon", a.Abandon)
	}
}

// abandonChildren tells the children, those that were never started included, that nobody
// will run them; or only those that were added at run time.
func (s *Supervisor) abandonChildren(added bool) {
	s.mu.Lock()
	var all []Service
	if s.order == nil {
		for i := range s.spec.Children {
			all = append(all, s.spec.Children[i].Service)
		}
	} else {
		for e := s.order.Front(); e != nil; e = e.Next() {
			if c := e.Value.(*child); c.added || !added {
				all = append(all, c.spec.Service)
			}
		}
	}
	s.mu.Unlock()
	for _, svc := range all {
		if a, ok := svc.(tree.Abandoner); ok && !isNil(svc) {
			_ = try(a.Abandon) // there may be no reporter, and nothing depends on it any more
		}
	}
}

// A supervisor is known by this method, and so is what embeds one: it is looked at as
// that supervisor, and served by its own Serve.
func (s *Supervisor) supervisor() *Supervisor { return s }

// supervisorOf returns the supervisor that svc is, or embeds, or nil. svc is not nil; what
// it embeds may be.
func supervisorOf(svc any) (sub *Supervisor) {
	if x, ok := svc.(interface{ supervisor() *Supervisor }); ok {
		_ = try(func() { sub = x.supervisor() })
	}
	return sub
}

// identity returns by what svc is known to stand in a tree, where it stands once, or nil
// if two equal ones may well be two services.
func identity(svc Service) Service {
	if sub := supervisorOf(svc); sub != nil {
		return sub
	}
	if hasIdentity(svc) {
		return svc
	}
	return nil
}

// resolve gives a child that has no name the one of its service, if that has one. It
// returns what that panicked with, or nil.
func (c *Child) resolve() (panicked any) {
	if c.Name != "" || c.Service == nil || isNil(c.Service) {
		return nil
	}
	return try(func() {
		switch svc := c.Service.(type) {
		case interface{ ownName() string }:
			c.Name = svc.ownName()
		case interface{ Name() string }:
			full := svc.Name()
			c.Name = full[strings.LastIndexByte(full, '/')+1:]
		}
	})
}

// hasIdentity reports whether two equal services are one. Functions can not be
// compared; values that are equal, and pointers to nothing, may well be meant to
// be two services.
func hasIdentity(svc Service) bool {
	t := served(svc).Type()
	return t.Kind() == reflect.Pointer && t.Elem().Size() > 0
}

// isNil reports whether svc is nil, or a proxy of nothing.
func isNil(svc Service) bool {
	switch v := served(svc); v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Func:
		return v.IsNil()
	}
	return false
}

// served returns svc, or the service that is all that svc is, by embedding it, as
// a proxy made by nanogen does.
func served(svc Service) reflect.Value {
	v := reflect.ValueOf(svc)
	if t := v.Type(); t.Kind() == reflect.Struct && t.NumField() == 1 {
		if f := t.Field(0); f.Anonymous && f.Type.Implements(reflect.TypeFor[Service]()) {
			return v.Field(0)
		}
	}
	return v
}
