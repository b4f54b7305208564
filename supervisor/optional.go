package supervisor

import (
	"reflect"
	"slices"

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
