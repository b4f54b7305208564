package observer

import (
	"slices"

	"github.com/bruskajp/nano_services/actor"
)

// cycles returns the waits that are part of a circle, by groups of services that all wait for
// each other, directly or through others. A wait of a service for itself is no circle: work
// beside its closures may call it.
func cycles(waits []actor.WaitsFor) (groups [][]actor.WaitsFor) {
	s := search{from: map[string][]string{}, number: map[string]int{}, group: map[string]int{}}
	for _, w := range waits {
		if w.Service != w.For {
			s.from[w.Service] = append(s.from[w.Service], w.For)
		}
	}
	of := map[int]int{} // the place of a group in the result
	for _, w := range waits {
		s.visit(w.Service)
		g := s.group[w.Service]
		if s.group[w.For] != g || w.Service == w.For {
			continue
		}
		if _, known := of[g]; !known {
			of[g] = len(groups)
			groups = append(groups, nil)
		}
		groups[of[g]] = append(groups[of[g]], w)
	}
	return groups
}

// still returns the circles among those waits of groups that are also in later. The waits that
// one look at a tree finds need not have existed at the same instant: services that call each
// other in turn seem to wait for each other.
func still(groups [][]actor.WaitsFor, later []actor.WaitsFor) [][]actor.WaitsFor {
	there := map[actor.WaitsFor]bool{}
	for _, w := range later {
		there[w] = true
	}
	var both []actor.WaitsFor
	for _, w := range slices.Concat(groups...) {
		if there[w] {
			both = append(both, w)
		}
	}
	return cycles(both)
}

// search is Tarjan's search for strongly connected components (Depth-first search and linear
// graph algorithms, 1972).
type search struct {
	from   map[string][]string // what each waits for
	number map[string]int      // in the order of visits, from 1
	group  map[string]int      // of those that are done, from 1
	open   []string            // visited, and in no group yet
}

// visit puts a service, and all that it waits for, into groups. It returns the lowest number of
// the open services that are reached from it.
func (s *search) visit(service string) (lowest int) {
	if n, seen := s.number[service]; seen {
		if s.group[service] > 0 {
			return len(s.number) + 1
		}
		return n
	}
	n := len(s.number) + 1
	s.number[service] = n
	first := len(s.open)
	s.open = append(s.open, service)
	lowest = n
	for _, other := range s.from[service] {
		lowest = min(lowest, s.visit(other))
	}
	if lowest == n {
		for _, member := range s.open[first:] {
			s.group[member] = n
		}
		s.open = s.open[:first]
	}
	return lowest
}
