package mailbox

import (
	"runtime"
	"slices"
	"testing"
)

// interrupt takes a ticket as a producer does that is then interrupted, and
// returns the rest of its push.
func interrupt[T any](q *Queue[T], v T) (publish func()) {
	if q.cur.Load() == nil {
		panic("the first ring is not made yet")
	}
	r := q.ring.Load()
	tail := q.tail.Load()
	if !q.tail.CompareAndSwap(tail, tail+tailTicket) {
		panic("not alone")
	}
	s, lap := r.at(tail>>tailShift - r.base)
	return func() {
		s.value = v
		s.lap.Store(lap)
	}
}

// TestL2InterruptedProducerKeepsItsPlace has a producer sleep between its ticket
// and its publication, while others fill several rings behind it.
func TestL2InterruptedProducerKeepsItsPlace(t *testing.T) {
	for _, behind := range []int{0, 1, 6, 7, 50, 3000} {
		var q Queue[int]
		q.Push(0)
		q.Pop()
		publish := interrupt(&q, 1)
		want := []int{1}
		for i := range behind {
			q.Push(i + 2)
			want = append(want, i+2)
		}
		if v, ok := q.Pop(); ok {
			t.Fatalf("%d behind: Pop() = %d before the value in front of it was published", behind, v)
		}
		q.shrink()
		if n := q.Len(); n != len(want) {
			t.Errorf("%d behind: Len() = %d, want %d", behind, n, len(want))
		}
		publish()
		var got []int
		for v, ok := q.Pop(); ok; v, ok = q.Pop() {
			got = append(got, v)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d behind: %d values came out, or not in order", behind, len(got))
		}
	}
}

// TestL2Causal: A sends to B, then to C; what C sends to B then comes later.
func TestL2Causal(t *testing.T) {
	values := rounds(20_000)
	var b, c Queue[int]
	done := make(chan struct{})
	go func() { // C passes on what it gets
		defer close(done)
		for n := 0; n < values; {
			if v, ok := c.Pop(); ok {
				b.Push(-v)
				n++
			} else {
				runtime.Gosched()
			}
		}
	}()
	go func() {
		for i := range values {
			b.Push(i + 1)
			c.Push(i + 1)
		}
	}()
	seen := 0
	for n := 0; n < 2*values; {
		v, ok := b.Pop()
		if !ok {
			runtime.Gosched()
			continue
		}
		n++
		if v > 0 {
			seen = v
		} else if -v > seen {
			t.Fatalf("what C sent after it got %d came before %d itself", -v, -v)
		}
	}
	<-done
}
