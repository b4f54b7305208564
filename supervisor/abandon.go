package supervisor

import (
	"slices"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
)

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
