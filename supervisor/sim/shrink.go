package sim

import "slices"

// maxTries bounds how many runs it may take to make a failure small.
const maxTries = 500

// part is what a schedule can do without: a client, a fault or a switch.
type part struct {
	client string
	fault  *fault
	turn   *deviation
}

// shrink returns a schedule that fails alike, and does not if any part of it is left out: or
// as far as maxTries runs go.
func (s *session) shrink(sd seed, want *failure, whole schedule) schedule {
	s.tries = 0
	parts := s.parts(sd, whole)
	fails := func(kept []part) bool {
		if s.tries >= maxTries {
			return false
		}
		s.tries++
		small := of(kept, parts)
		return want.like(s.once(sd, small.replay(), small.without, false).failure)
	}
	left := minimize(parts, func(kept []part) bool {
		if !fails(kept) {
			return false
		}
		// A test that demands what a client brings about fails without it in any order, and
		// that is another failure of the same name.
		without := of(kept, parts).without
		if len(without) == 0 {
			return true
		}
		s.tries++
		plain := schedule{}
		return !want.like(s.once(sd, plain.replay(), without, false).failure)
	})
	return of(left, parts)
}

// parts returns what the schedule consists of: those first that make most of a difference.
func (s *session) parts(sd seed, whole schedule) (parts []part) {
	if r := s.once(sd, whole.replay(), nil, false); r != nil {
		var names []string
		for name := range r.clients {
			if name != "test" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			parts = append(parts, part{client: name})
		}
	}
	for i := range whole.faults {
		parts = append(parts, part{fault: &whole.faults[i]})
	}
	for i := range whole.switches {
		parts = append(parts, part{turn: &whole.switches[i]})
	}
	return parts
}

// of returns the schedule that has these parts out of all.
func of(kept, all []part) (small schedule) {
	for _, p := range all {
		has := slices.Contains(kept, p)
		switch {
		case p.client != "" && !has:
			small.without = append(small.without, p.client)
		case p.fault != nil && has:
			small.faults = append(small.faults, *p.fault)
		case p.turn != nil && has:
			small.switches = append(small.switches, *p.turn)
		}
	}
	return small
}

// minimize returns a part of all that fails, and of which no element can be left out: delta
// debugging (Zeller and Hildebrandt, 2002). All of them do.
func minimize[E comparable](all []E, fails func([]E) bool) []E {
	if len(all) > 0 && fails(nil) {
		return nil
	}
	for n := 2; len(all) > 1; {
		size := (len(all) + n - 1) / n
		smaller := false
		for i := 0; i < len(all); i += size {
			rest := slices.Concat(all[:i], all[min(i+size, len(all)):])
			if fails(rest) {
				all, smaller = rest, true
				n = max(n-1, 2)
				break
			}
		}
		switch {
		case smaller:
		case size == 1:
			return all
		default:
			n = min(2*n, len(all))
		}
	}
	return all
}
