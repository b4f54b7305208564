package mailbox

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestOldestIsDropped(t *testing.T) {
	var dropped []int
	m := New(Options[int]{Capacity: 3, Dropped: func(v int) { dropped = append(dropped, v) }})
	c := own(t, m)
	put(t, m, 1, 2, 3)
	if v, ok := c.Next(); v != 1 || !ok { // the running one is not counted, and never dropped
		t.Fatal(v, ok)
	}
	put(t, m, 4, 5, 6)
	if n := m.Counts(); n != (Counts{Accepted: 6, Taken: 1, Dropped: 2, Waiting: 3, Busy: true}) {
		t.Errorf("%+v", n)
	}
	c.Done()
	if err := m.Put(t.Context(), 7); err != nil { // never full: Put does not wait
		t.Error(err)
	}
	if got := drain(c); !slices.Equal(got, []int{5, 6, 7}) {
		t.Errorf("came out: %v, want 5, 6, 7", got)
	}
	if !slices.Equal(dropped, []int{2, 3, 4}) {
		t.Errorf("dropped: %v, want 2, 3, 4", dropped)
	}
}

func TestPanickingDroppedLeavesTheMailboxWhole(t *testing.T) {
	m := New(Options[int]{Capacity: 1, Dropped: func(int) { panic("dropped") }})
	put(t, m, 1)
	func() {
		defer func() {
			if recover() != "dropped" {
				t.Error("the panic did not reach the sender")
			}
		}()
		m.TryPut(2)
	}()
	if n := m.Counts(); n != (Counts{Accepted: 2, Dropped: 1, Waiting: 1}) {
		t.Errorf("%+v", n)
	}
	c := own(t, m)
	if got := drain(c); !slices.Equal(got, []int{2}) {
		t.Errorf("came out: %v, want 2", got)
	}
	put(t, m, 3)
	m.Close()
	if err := m.TryPut(4); err != ErrClosed {
		t.Error(err)
	}
	if got := drain(c); !slices.Equal(got, []int{3}) {
		t.Errorf("came out: %v, want 3", got)
	}
}

// Dropped may use the mailbox: no lock is held while it runs.
func TestDroppedMaySend(t *testing.T) {
	other := New(Options[int]{})
	var m *Mailbox[int]
	m = New(Options[int]{Capacity: 1, Dropped: func(v int) {
		other.TryPut(v)
		m.Len()
		m.Peek()
	}})
	put(t, m, 1, 2, 3)
	if n := other.Len(); n != 2 {
		t.Errorf("%d values were handed over, want 2", n)
	}
}

func TestOldestWakesTheOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1, Dropped: func(int) {}})
		c := own(t, m)
		gone := make(chan struct{})
		go func() { c.Wait(); close(gone) }()
		synctest.Wait()
		put(t, m, 1)
		<-gone
		c.Wait() // a value is there: at once
	})
}

func TestOldestHammer(t *testing.T) {
	const senders, per, capacity = 4, 5000, 8
	var droppedSum, droppedN atomic.Int64
	m := New(Options[item]{Capacity: capacity, Dropped: func(v item) {
		droppedSum.Add(int64(v.seq))
		droppedN.Add(1)
	}})
	c := own(t, m)
	var wg sync.WaitGroup
	for p := range senders {
		wg.Go(func() {
			for i := range per {
				if err := m.TryPut(item{p, i}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { wg.Wait(); m.Close() }()
	last := [senders]int{-1, -1, -1, -1}
	sum, n, before := 0, 0, uint64(0)
	for {
		counts := m.Counts()
		if counts.Waiting > capacity || counts.Accepted < before {
			t.Fatalf("%+v, %d accepted before", counts, before)
		}
		before = counts.Accepted
		v, ok := c.Next()
		if !ok {
			if m.Closed() && c.Empty() {
				break
			}
			c.Wait()
			continue
		}
		if v.seq <= last[v.producer] {
			t.Fatalf("value %d of producer %d came after %d", v.seq, v.producer, last[v.producer])
		}
		last[v.producer] = v.seq
		sum += v.seq
		n++
		c.Done()
	}
	if got := n + int(droppedN.Load()); got != senders*per {
		t.Errorf("%d values came out or were dropped, want %d", got, senders*per)
	}
	if got, want := sum+int(droppedSum.Load()), senders*per*(per-1)/2; got != want {
		t.Errorf("checksum %d, want %d", got, want)
	}
}
