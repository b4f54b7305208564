package mailbox

import (
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
)

// Queues that share a Spare use each other's slots, one burst after the other, while
// producers are at work in all of them: what one has left behind, the next never sees.
func TestL2SpareSlots(t *testing.T) {
	const queues, producers = 4, 3
	per := rounds(30_000)
	var spare Spare[item]
	var wg sync.WaitGroup
	for range queues {
		q := Queue[item]{spare: &spare}
		for p := range producers {
			wg.Go(func() {
				for i := range per {
					q.Push(item{p, i})
					if i%1000 == 0 {
						runtime.Gosched() // the bursts of the queues fall together
					}
				}
			})
		}
		wg.Go(func() {
			l := ledger{next: make([]int, producers)}
			for l.n < producers*per {
				if v, ok := q.Pop(); ok {
					l.take(t, v)
				} else {
					q.shrink()
					runtime.Gosched()
				}
			}
			if v, ok := q.Pop(); ok {
				t.Errorf("a value too many: %v", v)
			}
		})
	}
	wg.Wait()
}

// Slots that are given back are as good as new: nothing in them, and no lap that a new
// ring could take for its own.
func TestL2SpareIsClean(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which would empty it
	var spare Spare[*int]
	q := Queue[*int]{spare: &spare}
	v := new(int)
	for range 3 {
		for range 3 * largeRing {
			q.Push(v)
		}
		for range 3 * largeRing {
			if got, ok := q.Pop(); !ok || got != v {
				t.Fatalf("Pop = %p, %t", got, ok)
			}
		}
		q.shrink()
		q.Pop()
	}
	for shift := range spare.sizes {
		l, ok := spare.sizes[shift].Get().(*lent[*int])
		if !ok {
			continue // the race detector has a pool lose things
		}
		for i := range l.slots {
			if s := &l.slots[i]; s.value != nil || s.lap.Load() != 0 {
				t.Fatalf("slot %d of %d has lap %d", i, len(l.slots), s.lap.Load())
			}
		}
	}
}

// A mailbox with a Spare does not allocate for a burst that comes again and again,
// but for the rings' heads.
func TestSpareSavesAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var spare Spare[*int]
	m := New(Options[*int]{Spare: &spare})
	c := own(t, m)
	v := new(int)
	burst := func() {
		for range largeRing {
			if m.TryPut(v) != nil {
				t.Error("refused")
			}
		}
		for range largeRing {
			c.Next()
			c.Done()
		}
		m.Signal(1)
		c.Wait()
		m.Clear(1)
	}
	burst()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		burst()
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / 10; n > 4096 && !raceEnabled {
		t.Errorf("%d bytes are allocated for a burst of %d values", n, largeRing)
	}
}
