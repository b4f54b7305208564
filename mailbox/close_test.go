package mailbox

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestCloseRefusesThoseInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 2})
		put(t, m, 1, 2)
		ch := line(t.Context(), m, 3, 4, 5)
		m.Close()
		for range 3 {
			if o := <-ch; o.err != ErrClosed {
				t.Errorf("Put(%d) = %v, want %v", o.v, o.err, ErrClosed)
			}
		}
		if err := m.Put(t.Context(), 6); err != ErrClosed {
			t.Errorf("Put after Close = %v", err)
		}
		if !m.Closed() {
			t.Error("Closed() = false")
		}
		if got := drain(own(t, m)); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("came out: %v, want 1 and 2", got)
		}
	})
}

func TestCloseWakesTheOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		gone := make(chan struct{})
		go func() { c.Wait(); close(gone) }()
		synctest.Wait()
		m.Close()
		<-gone
		c.Wait() // returns at once from now on
	})
}

// An owner of a closed mailbox sleeps while an accepted value is not published,
// and is woken by that.
func TestCloseWaitsForWhatWasAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		put(t, m, 0)
		c.Discard()
		publish := interrupt(&m.q, 1)
		m.Close()
		woken := false
		gone := make(chan struct{})
		go func() { c.Wait(); woken = true; close(gone) }()
		synctest.Wait()
		if woken || c.Empty() {
			t.Error("the end was seen before the last value")
		}
		publish()
		m.rouse()
		<-gone
		if got := drain(c); !slices.Equal(got, []int{1}) || !c.Empty() {
			t.Errorf("came out: %v", got)
		}
	})
}

func TestOpenAgain(t *testing.T) {
	for _, o := range []Options[int]{{}, {Capacity: 4}, {Capacity: 4, Dropped: func(int) {}}} {
		m := New(o)
		put(t, m, 1)
		m.Close()
		m.Close()
		if err := m.TryPut(2); err != ErrClosed {
			t.Errorf("TryPut = %v", err)
		}
		m.Open()
		put(t, m, 3)
		if got := drain(own(t, m)); !slices.Equal(got, []int{1, 3}) || m.Closed() {
			t.Errorf("came out: %v, want 1 and 3", got)
		}
	}
}

// TestL3CloseIsExactWithALine closes bounded mailboxes under senders that wait.
func TestL3CloseIsExactWithALine(t *testing.T) {
	const senders = 6
	for range rounds(200) {
		m := New(Options[item]{Capacity: 2})
		c := own(t, m)
		var accepted atomic.Int64
		var wg sync.WaitGroup
		for p := range senders {
			wg.Go(func() {
				for i := 0; m.Put(t.Context(), item{p, i}) == nil; i++ {
					accepted.Add(1)
				}
			})
		}
		l := ledger{next: make([]int, senders)}
		closed := make(chan struct{})
		for {
			if v, ok := c.Next(); ok {
				if l.take(t, v); l.n == 50 {
					go func() { m.Close(); close(closed) }()
				}
				c.Done()
			} else if m.Closed() && c.Empty() {
				break
			} else {
				runtime.Gosched() // with one processor the senders wait for it
			}
		}
		<-closed
		wg.Wait()
		if n := accepted.Load(); int64(l.n) != n || m.Counts().Accepted != uint64(n) {
			t.Fatalf("%d accepted, %d came out, %+v", n, l.n, m.Counts())
		}
	}
}
