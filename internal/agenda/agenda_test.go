package agenda

import (
	"math/rand/v2"
	"slices"
	"testing"
)

type errand struct {
	due  Date
	name int
}

// An agenda against a sorted list: what is entered, moved and taken out at random comes in
// the order of the list.
func TestTIMERAgendaIsASortedList(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		a := Agenda[*errand]{DateOf: func(e *errand) *Date { return &e.due }}
		var list, gone []*errand
		sorted := func() []*errand {
			slices.SortStableFunc(list, func(x, y *errand) int {
				switch {
				case x.due.at != y.due.at:
					return int(x.due.at - y.due.at)
				case x.due.Last != y.due.Last:
					return map[bool]int{true: 1, false: -1}[x.due.Last]
				}
				return x.name - y.name
			})
			return list
		}
		for name := range 60 {
			e := &errand{name: name}
			e.due.Last = rng.IntN(4) == 0
			a.Set(e, rng.Int64N(8))
			list = append(list, e)
			switch i := rng.IntN(len(list)); rng.IntN(4) {
			case 0:
				a.Set(list[i], rng.Int64N(8))
			case 1:
				a.Remove(list[i])
				a.Remove(list[i]) // which is not there any more
				gone = append(gone, list[i])
				list = slices.Delete(list, i, i+1)
			case 2:
				if len(gone) > 0 { // as Every after each tick: it keeps its rank
					a.Set(gone[0], rng.Int64N(8))
					list, gone = append(list, gone[0]), gone[1:]
				}
			}
			now := rng.Int64N(8)
			first, at, some := a.First()
			if due, _, ok := a.Due(now); ok != (some && at <= now) || ok && due != first {
				t.Fatalf("seed %d: at %d %+v is due, %t; first is %+v at %d", seed, now, due, ok, first, at)
			}
			if some != (len(list) > 0) || some && (first != sorted()[0] || at != first.due.at) {
				t.Fatalf("seed %d: first is %+v at %d, %t; want %+v", seed, first, at, some, list)
			}
		}
		for _, want := range sorted() {
			if first, _, _ := a.First(); first != want {
				t.Fatalf("seed %d: %+v, want %+v", seed, first, want)
			}
			a.Remove(want)
		}
		if _, _, some := a.First(); some {
			t.Fatalf("seed %d: something is left", seed)
		}
	}
}

// What was cleared is nowhere, and can be entered again.
func TestTIMERAgendaThatWasCleared(t *testing.T) {
	a := Agenda[*errand]{DateOf: func(e *errand) *Date { return &e.due }}
	all := []*errand{{name: 0}, {name: 1}, {name: 2}}
	for _, e := range all {
		a.Set(e, 7)
	}
	a.Clear()
	for _, e := range all {
		if a.Remove(e); e.due.Entered() {
			t.Errorf("%d is still there", e.name)
		}
	}
	if _, _, some := a.First(); some {
		t.Error("something is left")
	}
	a.Set(all[1], 8)
	if first, at, _ := a.First(); first != all[1] || at != 8 || all[1].due.At() != 8 {
		t.Errorf("%+v at %d", first, at)
	}
}
