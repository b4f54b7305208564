package actor

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

type errand struct {
	due  date
	name int
}

func (e *errand) date() *date { return &e.due }

// An agenda against a sorted list: what is entered, moved and taken out at random comes in
// the order of the list.
func TestTIMERAgendaIsASortedList(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var a agenda[*errand]
		var list, gone []*errand
		sorted := func() []*errand {
			slices.SortStableFunc(list, func(x, y *errand) int {
				switch {
				case x.due.at != y.due.at:
					return int(x.due.at - y.due.at)
				case x.due.last != y.due.last:
					return map[bool]int{true: 1, false: -1}[x.due.last]
				}
				return x.name - y.name
			})
			return list
		}
		for name := range 60 {
			e := &errand{name: name}
			e.due.last = rng.IntN(4) == 0
			a.set(e, rng.Int64N(8))
			list = append(list, e)
			switch i := rng.IntN(len(list)); rng.IntN(4) {
			case 0:
				a.set(list[i], rng.Int64N(8))
			case 1:
				a.remove(list[i])
				a.remove(list[i]) // which is not there any more
				gone = append(gone, list[i])
				list = slices.Delete(list, i, i+1)
			case 2:
				if len(gone) > 0 { // as Every after each tick: it keeps its rank
					a.set(gone[0], rng.Int64N(8))
					list, gone = append(list, gone[0]), gone[1:]
				}
			}
			if first, at, some := a.first(); some != (len(list) > 0) || some && (first != sorted()[0] || at != first.due.at) {
				t.Fatalf("seed %d: first is %+v at %d, %t; want %+v", seed, first, at, some, list)
			}
		}
		for _, want := range sorted() {
			if first, _, _ := a.first(); first != want {
				t.Fatalf("seed %d: %+v, want %+v", seed, first, want)
			}
			a.remove(want)
		}
		if _, _, some := a.first(); some {
			t.Fatalf("seed %d: something is left", seed)
		}
	}
}

// While a tick of Every waits, the clock is off: a short period costs nothing then.
func TestTIMERWaitingTickSetsNoClock(t *testing.T) {
	for _, overflow := range []Overflow{Reject, DropOldest} {
		synctest.Test(t, func(t *testing.T) {
			s := Start(new(int), WithCapacity(1), WithOverflow(overflow))
			release := make(chan struct{})
			_ = s.Do(func(*int) { <-release })
			synctest.Wait()
			tick := s.Every(1, func(n *int) { *n++; time.Sleep(time.Second) })
			time.Sleep(time.Millisecond)
			synctest.Wait()
			k := s.in.Load().clock()
			k.mu.Lock()
			if _, _, some := k.agenda.first(); some || k.at != 0 || s.box.Len() != 1 {
				t.Error("the clock is set while a tick waits")
			}
			k.mu.Unlock()
			close(release)
			time.Sleep(time.Second + time.Second/2)
			tick.Cancel()
			if n, err := Get(context.Background(), s, func(n *int) int { return *n }); n != 2 || err != nil {
				t.Errorf("%d ticks, %v", n, err)
			}
			if err := s.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}
