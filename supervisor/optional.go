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
// SignalsReady, Done, Abandon, CutOff and Info. Those of an *actor.Service or a *Supervisor
// are the library's, and are called like any function. Others are the user's code, even if
// they may be promoted ones. They can panic or not return, on the goroutine of the supervisor
// or of a caller of New, Add, Stop or Snapshot. So they are asked (foreign.Ask); if there is
// no answer, the child counts as one without that method. Name is asked only while nothing
// is locked.

// manners are what is known of the optional methods of a child's service.
type manners struct {
	questions foreign.Questions
	faulty    []string // that have panicked; the supervisor's

	// Asked with those of others, and not looked at yet; or nil. The supervisor's.
	ready  *foreign.Question[bool]
	done   *foreign.Question[<-chan struct{}]
	cutOff *foreign.Question[string]
}

// begin asks a method of svc. It calls one of the library's directly, unless beside is set.
func begin[V any](q *foreign.Questions, svc Service, beside bool, method string, f func() V) *foreign.Question[V] {
	if !beside && isLibrary(reflect.TypeOf(svc)) {
		return foreign.Here(f)
	}
	return foreign.Begin(q, method, f)
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
// whether it has answered. If the method panics, the service counts from then on as one that
// does not have it.
func optional[V any](s *Supervisor, c *child, method string, f func() V) (v V, ok bool) {
	if slices.Contains(c.methods.faulty, method) {
		return v, false
	}
	q := question(s, c, method, f)
	foreign.Await(s.over, q)
	return answered(s, c, method, q)
}

// question begins to ask a method of the child's service.
func question[V any](s *Supervisor, c *child, method string, f func() V) *foreign.Question[V] {
	return begin(&c.methods.questions, c.spec.Service, s.beside(), method, behalf(s, f))
}

// beside reports whether the library's methods, too, are called beside the supervisor: they
// call hooks and loggers of services, and once everything is cut off the supervisor does not
// wait for these either. Under a scheduler all is done in turn.
func (s *Supervisor) beside() bool { return s.cutOffNow && s.steps == nil }

// answered returns what a method of the child's service has answered, and whether it has.
func answered[V any](s *Supervisor, c *child, method string, q *foreign.Question[V]) (v V, ok bool) {
	v, err := q.Answer()
	if err == nil {
		return v, true
	}
	m := &c.methods
	if err != foreign.ErrSlow && err != foreign.ErrPending {
		m.faulty = append(m.faulty, method)
	}
	if err != foreign.ErrPending { // which was said then
		s.reporter.unanswered("a method of a child", err, "path", c.info.Path, "method", method)
	}
	return v, false
}

// meet asks all children, before any is started, what their starts need to know. It asks them
// at once, so that it waits only once for all that do not answer.
func (s *Supervisor) meet(all []*child) {
	var asks []func() foreign.Asked
	for _, c := range all {
		if c.ours {
			continue
		}
		if r, ok := c.spec.Service.(tree.Readier); ok && !c.spec.AwaitReady {
			asks = append(asks, func() foreign.Asked {
				c.methods.ready = question(s, c, "SignalsReady", r.SignalsReady)
				return c.methods.ready
			})
		}
		if svc, ok := c.spec.Service.(lasting); ok && supervisorOf(svc) == nil {
			asks = append(asks, func() foreign.Asked {
				c.methods.done = question(s, c, "Done", svc.Done)
				return c.methods.done
			})
		}
	}
	foreign.InTurn(s.over, len(asks), func(i int) foreign.Asked { return asks[i]() })
}

// earlier is optional for a question that meet may have asked already.
func earlier[V any](s *Supervisor, c *child, method string, before **foreign.Question[V], f func() V) (v V, ok bool) {
	q := *before
	if q == nil {
		return optional(s, c, method, f)
	}
	*before = nil
	return answered(s, c, method, q)
}

// abandons returns Abandon as a function to ask: it answers nothing.
func abandons(a tree.Abandoner) func() struct{} {
	return func() struct{} { a.Abandon(); return struct{}{} }
}

// abandon tells children's services that they will not be run.
func (s *Supervisor) abandon(cs ...*child) {
	var told []*child
	for _, c := range cs {
		if _, ok := c.spec.Service.(tree.Abandoner); ok && !slices.Contains(c.methods.faulty, "Abandon") {
			told = append(told, c)
		}
	}
	qs := make([]*foreign.Question[struct{}], len(told))
	foreign.InTurn(s.over, len(told), func(i int) foreign.Asked {
		qs[i] = question(s, told[i], "Abandon", abandons(told[i].spec.Service.(tree.Abandoner)))
		return qs[i]
	})
	for i, c := range told {
		answered(s, c, "Abandon", qs[i])
	}
	for _, c := range cs {
		s.concludeForgotten(c)
	}
}

// abandonChildren tells the children, also those that were never started, or only those that
// were added at run time, that they will not be run. It waits for answers until over is closed.
func (s *Supervisor) abandonChildren(over <-chan struct{}, beside, added bool) {
	all := slices.DeleteFunc(s.services(added), func(svc Service) bool {
		_, ok := svc.(tree.Abandoner)
		return !ok || isNil(svc)
	})
	foreign.InTurn(over, len(all), func(i int) foreign.Asked {
		// There may be no reporter, and nothing depends on it any more.
		return begin(new(foreign.Questions), all[i], beside, "Abandon", behalf(s, abandons(all[i].(tree.Abandoner))))
	})
}

// services returns the services of the children, or only of those that were added at run
// time. If the supervisor was never served, its children are those of its spec.
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

// supervisor is the method by which a supervisor is known, and a type that embeds one: that
// is looked at as the supervisor in it, and served by its own Serve.
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

// identity returns the key by which a tree knows svc, so that it is added only once. It
// returns nil if two equal values may well be two services.
func identity(svc Service) Service {
	if sub := supervisorOf(svc); sub != nil {
		return sub
	}
	if hasIdentity(svc) {
		return svc
	}
	return nil
}

// resolve gives children without a name the names of their services, if these have some. It
// waits for answers until over is closed. It returns why some gave none, by their indexes.
func resolve(over <-chan struct{}, cs []Child) (nameless map[int]error) {
	asked := make([]*foreign.Question[string], len(cs))
	foreign.InTurn(over, len(cs), func(i int) foreign.Asked {
		name := cs[i].namedBy()
		if name == nil {
			return foreign.Here(func() struct{} { return struct{}{} })
		}
		asked[i] = begin(new(foreign.Questions), cs[i].Service, false, "Name", name)
		return asked[i]
	})
	for i, q := range asked {
		if q == nil {
			continue
		}
		full, err := q.Answer()
		if err == nil {
			cs[i].Name = full[strings.LastIndexByte(full, '/')+1:]
			continue
		}
		if nameless == nil {
			nameless = map[int]error{}
		}
		nameless[i] = err
	}
	return nameless
}

// namedBy returns the function that tells the name of a child without one, or nil.
func (c *Child) namedBy() func() string {
	if c.Name != "" || c.Service == nil || isNil(c.Service) {
		return nil
	}
	switch svc := c.Service.(type) {
	case interface{ ownName() string }:
		return svc.ownName
	case interface{ Name() string }:
		return svc.Name
	}
	return nil
}
