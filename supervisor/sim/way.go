package sim

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
)

// way is what decides in one run.
type way interface {
	// choose returns the next turn out of several that are ready; usual is the one that the
	// default order takes.
	choose(able []*turn, usual *turn) *turn
	// strikes reports whether a fault that has that rate happens.
	strikes(f fault, rate float64) bool
}

// schedule is a way that was taken: what is different from the default order, and what went
// wrong. Each is named by whose step it is and the how many-th, not by a number of the whole
// run, so that the rest keeps its meaning when one is left out, or when the program changes
// a little.
type schedule struct {
	switches []deviation
	faults   []fault
	without  []string // clients that do not take part
}

// deviation says that where the default order would let at take that step, run goes on.
type deviation struct{ at, run string }

// replay follows a schedule. What does not match is passed over.
type replay struct {
	switches map[string][]string
	faults   map[fault]bool
}

func (s *schedule) replay() *replay {
	r := &replay{map[string][]string{}, map[fault]bool{}}
	for _, d := range s.switches {
		r.switches[d.at] = append(r.switches[d.at], d.run)
	}
	for _, f := range s.faults {
		r.faults[f] = true
	}
	return r
}

func (r *replay) choose(able []*turn, usual *turn) *turn {
	key := usual.key()
	next := r.switches[key]
	if len(next) == 0 {
		return usual
	}
	r.switches[key] = next[1:]
	if i := slices.IndexFunc(able, func(t *turn) bool { return t.who == next[0] }); i >= 0 {
		return able[i]
	}
	return usual
}

func (r *replay) strikes(f fault, _ float64) bool { return r.faults[f] }

// explorer takes a way of its own, which its seed decides.
type explorer struct {
	order  chooser
	kinds  map[faultKind]bool // that happen in this run
	chance *rand.Rand         // of faults: apart, so that they do not change the order
}

func (e *explorer) choose(able []*turn, usual *turn) *turn { return e.order(able, usual) }

func (e *explorer) strikes(f fault, rate float64) bool {
	return e.kinds[f.kind] && e.chance.Float64() < rate
}

// explore returns the way that a seed takes.
func explore(s seed) *explorer {
	e := &explorer{kinds: map[faultKind]bool{}, chance: s.rand("faults")}
	for _, kind := range faultKinds {
		e.kinds[kind] = e.chance.IntN(2) == 0
	}
	e.order = strategies[s.strategy](s.rand("order"), max(s.choices, 1))
	return e
}

// chooser chooses the next turn.
type chooser func(able []*turn, usual *turn) *turn

// strategies make a chooser; choices is in how many places there is something to choose, as
// a run in the default order has it.
var strategies = map[string]func(rng *rand.Rand, choices int) chooser{
	"default": func(*rand.Rand, int) chooser { return func(_ []*turn, usual *turn) *turn { return usual } },
	"random":  random,
	"pct2":    func(rng *rand.Rand, choices int) chooser { return priorities(rng, choices, 2) },
	"pct3":    func(rng *rand.Rand, choices int) chooser { return priorities(rng, choices, 3) },
	"few2":    func(rng *rand.Rand, choices int) chooser { return few(rng, choices, 2) },
	"pos":     partialOrder,
}

// inTurn are the strategies that are used one after the other. None finds all: see
// docs/simulation.rst.
var inTurn = []string{"random", "pct2", "pct3", "few2", "pos"}

// random takes any turn.
func random(rng *rand.Rand, _ int) chooser {
	return func(able []*turn, _ *turn) *turn { return able[rng.IntN(len(able))] }
}

// priorities takes the turn of who has the highest priority, and at depth-1 random places
// gives who has it the lowest of all: probabilistic concurrency testing (Burckhardt and
// others, 2010), which finds a bug that needs depth orderings with a known probability.
func priorities(rng *rand.Rand, choices, depth int) chooser {
	changes := map[int]bool{}
	for range depth - 1 {
		changes[rng.IntN(choices)] = true
	}
	of, lowest, n := map[string]float64{}, 0.0, 0
	highest := func(able []*turn) *turn {
		return slices.MaxFunc(able, func(a, b *turn) int {
			if of[a.who] < of[b.who] {
				return -1
			}
			return 1
		})
	}
	return func(able []*turn, _ *turn) *turn {
		for _, t := range able {
			if _, known := of[t.who]; !known {
				of[t.who] = rng.Float64()
			}
		}
		t := highest(able)
		if changes[n] {
			lowest--
			of[t.who] = lowest
			t = highest(able)
		}
		n++
		return t
	}
}

// few keeps to the default order but for n random places.
func few(rng *rand.Rand, choices, n int) chooser {
	at := map[int]bool{}
	for range n {
		at[rng.IntN(choices)] = true
	}
	i := 0
	return func(able []*turn, usual *turn) *turn {
		i++
		if !at[i-1] {
			return usual
		}
		return able[rng.IntN(len(able))]
	}
}

// partialOrder gives each step a random priority, and half of those that wait another one
// after each: partial order sampling (Yuan, Yang and Gu, 2018), with chance in the place of
// what races with what.
func partialOrder(rng *rand.Rand, _ int) chooser {
	of := map[string]float64{}
	return func(able []*turn, _ *turn) *turn {
		var best *turn
		for _, t := range able {
			if _, known := of[t.key()]; !known {
				of[t.key()] = rng.Float64()
			}
			if best == nil || of[t.key()] > of[best.key()] {
				best = t
			}
		}
		for _, t := range able {
			if t != best && rng.IntN(2) == 0 {
				of[t.key()] = rng.Float64()
			}
		}
		return best
	}
}

// hashed returns a number for a text.
func hashed(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// cutNumber parts a path from the number behind it, of what belongs to a service.
func cutNumber(who string) (path, number string, found bool) { return strings.Cut(who, "#") }
