package supervisor

import (
	"reflect"
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
)

// Besides Serve a service may have other methods that a supervisor calls: Name,
// SignalsReady, Done, Abandon, CutOff and Info. Those of a service or a supervisor itself are
// the library's, and are called as any function. Others are the user's code, also where they
// may be promoted, and can panic or not return, while who calls them is the supervisor, or
// who calls New, Add, Stop or Snapshot: so they are asked (foreign.Ask), and where there is
// no answer the child counts as one without that method. Name is asked only where nothing
// is locked.

// manners are what is known of the optional methods of a child's service.
type manners struct {
	questions foreign.Questions
	faulty    []string // that have panicked; the supervisor's
}

// ask returns what a method of svc answers, and why not if it does not.
func ask[V any](q *foreign.Questions, svc Service, method string, f func() V) (V, error) {
	if isLibrary(reflect.TypeOf(svc)) {
		return foreign.Try(f)
	}
	return foreign.Ask(q, method, f)
}

// isLibrary reports whether t is a *Supervisor or an *actor.Service.
func isLibrary(t reflect.Type) bool {
	if t == supervisorType {
		return true
	}
	if t.Kind() != reflect.Pointer {
		return false
	}
	t = t.Elem()
	return t.PkgPath() == actorPackage && strings.HasPrefix(t.Name(), "Service[")
}

var (
	supervisorType = reflect.TypeFor[*Supervisor]()
	actorPackage   = reflect.TypeFor[actor.PanicError]().PkgPath()
)

// optional asks a method of the child's service that not every service has, and reports
// whether it has answered. One that panics counts from then on as a method that the
// service does not have.
func optional[V any](s *Supervisor, c *child, method string, f func() V) (v V, ok bool) {
	m := &c.methods
	if slices.Contains(m.faulty, method) {
		return v, false
	}
	v, err := ask(&m.questions, c.spec.Service, method, behalf(s, f))
	if err == nil {
		return v, true
	}
	if err != foreign.ErrSlow && err != foreign.ErrPending {
		m.faulty = append(m.faulty, method)
	}
	if err != foreign.ErrPending { // which was said then
		s.reporter.unanswered("a method of a child", err, "path", c.info.Path, "method", method)
	}
	return v, false
}

// abandons calls Abandon, which answers nothing.
func abandons(a tree.Abandoner) func() struct{} {
	return func() struct{} { a.Abandon(); return struct{}{} }
}

// abandon tells a child's service that it will not be run.
func (s *Supervisor) abandon(c *child) {
	if a, ok := c.spec.Service.(tree.Abandoner); ok {
		optional(s, c, "Abandon", abandons(a))
	}
	s.concludeForgotten(c)
}

// abandonChildren tells the children, those that were never started included, that they will
// not be run; or only those that were added at run time.
func (s *Supervisor) abandonChildren(added bool) {
	for _, svc := range s.services(added) {
		if a, ok := svc.(tree.Abandoner); ok && !isNil(svc) {
			// There may be no reporter, and nothing depends on it any more.
			_, _ = ask(new(foreign.Questions), svc, "Abandon", behalf(s, abandons(a)))
		}
	}
}

// services returns those of the children, of a supervisor that was never served those of
// its spec; or only those that were added at run time.
func (s *Supervisor) services(added bool) (all []Service) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	return all
}

// A supervisor is known by this method, and so is what embeds one: it is looked at as
// that supervisor, and served by its own Serve.
func (s *Supervisor) supervisor() *Supervisor { return s }

// supervisorOf returns the supervisor that svc is, or embeds, or nil. svc is not nil; what
// it embeds may be.
func supervisorOf(svc any) (sub *Supervisor) {
	if x, ok := svc.(interface{ supervisor() *Supervisor }); ok {
		defer func() { _ = recover() }()
		sub = x.supervisor()
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
// returns why that gave no answer, or nil.
func (c *Child) resolve() error {
	if c.Name != "" || c.Service == nil || isNil(c.Service) {
		return nil
	}
	var name func() string
	switch svc := c.Service.(type) {
	case interface{ ownName() string }:
		name = svc.ownName
	case interface{ Name() string }:
		name = svc.Name
	default:
		return nil
	}
	full, err := ask(new(foreign.Questions), c.Service, "Name", name)
	if err == nil {
		c.Name = full[strings.LastIndexByte(full, '/')+1:]
	}
	return err
}
