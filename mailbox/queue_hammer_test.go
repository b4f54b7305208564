package mailbox

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// item is the seq-th value of a producer.
type item struct{ producer, seq int }

// ledger checks what comes out of a queue against what each producer put in.
type ledger struct {
	next []int // by producer
	sum  int
	n    int
}

func (l *ledger) take(t testing.TB, v item) {
	if want := l.next[v.producer]; v.seq != want {
		t.Fatalf("value %d of producer %d came instead of %d", v.seq, v.producer, want)
	}
	l.next[v.producer]++
	l.sum += v.seq
	l.n++
}

// hammer has producers push per values each into a queue, with a pause of the
// caller's choice now and then, and takes them out again.
func hammer(t *testing.T, producers, per int, pause func(i int)) {
	var q Queue[item]
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for i := range per {
				q.Push(item{p, i})
				pause(i)
			}
		})
	}
	l := ledger{next: make([]int, producers)}
	for l.n < producers*per {
		if v, ok := q.Pop(); ok {
			l.take(t, v)
		} else {
			q.shrink() // with pushes on their way
			runtime.Gosched()
		}
	}
	wg.Wait()
	if want := producers * per * (per - 1) / 2; l.sum != want {
		t.Errorf("checksum %d, want %d", l.sum, want)
	}
	if v, ok := q.Pop(); ok || q.Len() != 0 {
		t.Errorf("a value too many: %v", v)
	}
}

func TestQueueHammer(t *testing.T) {
	per := rounds(20_000)
	pauses := map[string]func(int){
		"none":    func(int) {},
		"gosched": func(i int) { runtime.Gosched() },
		"bursts": func(i int) {
			if i%100 == 0 {
				runtime.Gosched()
			}
		},
	}
	for _, procs := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
		for _, producers := range []int{1, 2, 8, 32} {
			for name, pause := range pauses {
				t.Run(fmt.Sprintf("procs=%d/producers=%d/%s", procs, producers, name), func(t *testing.T) {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
					hammer(t, producers, per/producers, pause)
				})
			}
		}
	}
}

// While nothing is taken all producers meet at each growth.
func TestGrowthUnderContentionLosesNothing(t *testing.T) {
	const producers, per = 16, 200
	for range rounds(50) {
		var q Queue[item]
		var wg sync.WaitGroup
		start := make(chan struct{})
		for p := range producers {
			wg.Go(func() {
				<-start
				for i := range per {
					q.Push(item{p, i})
				}
			})
		}
		close(start)
		wg.Wait()
		if n := q.Len(); n != producers*per {
			t.Fatalf("Len() = %d, want %d", n, producers*per)
		}
		l := ledger{next: make([]int, producers)}
		for v, ok := q.Pop(); ok; v, ok = q.Pop() {
			l.take(t, v)
		}
		if l.n != producers*per {
			t.Fatalf("%d of %d values came out", l.n, producers*per)
		}
	}
}

// TestL3CloseIsExact closes a mailbox while its ring is being replaced again and
// again: what was accepted is what comes out, and nothing is accepted later.
func TestL3CloseIsExact(t *testing.T) {
	const producers, lengths = 4, 300
	for round := 0; round < lengths; round += lengths / rounds(lengths) {
		m := New(Options[item]{})
		var accepted atomic.Int64
		var late atomic.Bool
		var wg sync.WaitGroup
		for p := range producers {
			wg.Go(func() {
				for i := 0; ; i++ {
					after := late.Load()
					if m.TryPut(item{p, i}) != nil {
						return
					}
					if after {
						t.Error("accepted after Close had returned")
						return
					}
					accepted.Add(1)
				}
			})
		}
		for m.Len() < round {
			runtime.Gosched()
		}
		m.Close()
		late.Store(true)
		total := m.Counts().Accepted
		wg.Wait()
		if n := m.Counts().Accepted; n != total {
			t.Errorf("%d values accepted by Close, %d later", total, n-total)
		}
		if n := accepted.Load(); uint64(n) != total {
			t.Errorf("TryPut returned nil %d times, %d values were accepted", n, total)
		}
		c := own(t, m)
		l := ledger{next: make([]int, producers)}
		for _, v := range drain(c) {
			l.take(t, v)
		}
		if uint64(l.n) != total || !c.Empty() {
			t.Errorf("%d of %d values came out", l.n, total)
		}
	}
}

// TestL3GrowthKeepsTheMailboxClosed closes between the two halves of a growth.
func TestL3GrowthKeepsTheMailboxClosed(t *testing.T) {
	m := New(Options[int]{})
	put(t, m, 1)
	tail := m.q.tail.Or(tailGrowing) | tailGrowing
	m.Close()
	m.q.grow(tail)
	if err := m.TryPut(2); err != ErrClosed {
		t.Errorf("TryPut after Close = %v, want %v", err, ErrClosed)
	}
	if got := drain(own(t, m)); len(got) != 1 {
		t.Errorf("%v came out, want the one value from before", got)
	}
}
