package mailbox

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// What the owner feeds itself comes out though the mailbox is closed, in its order,
// in any number, and is counted; others go on being refused.
func TestFeedAfterTheEnd(t *testing.T) {
	for name, o := range map[string]Options[int]{
		"unbounded": {},
		"bounded":   {Capacity: 1},
		"oldest":    {Capacity: 1, Dropped: func(v int) { t.Errorf("%d was dropped", v) }},
	} {
		t.Run(name, func(t *testing.T) {
			m := New(o)
			c := own(t, m)
			put(t, m, 1)
			m.Close()
			if got := drain(c); !slices.Equal(got, []int{1}) || !c.Empty() {
				t.Errorf("came out: %v", got)
			}
			for v := 2; v < 5; v++ { // one at a time, as it is meant to be used
				c.Feed(v)
				if c.Empty() || m.Len() != 1 {
					t.Errorf("Empty() = %t, Len() = %d", c.Empty(), m.Len())
				}
				if got, ok := c.Next(); got != v || !ok || !m.Busy() {
					t.Errorf("Next = %d, %t; want %d", got, ok, v)
				}
				if err := m.TryPut(0); err != ErrClosed {
					t.Errorf("TryPut = %v", err)
				}
				if !c.Done() || !c.Empty() {
					t.Error("Done, or not empty")
				}
			}
			var want []int
			for v := range 3 * largeRing { // and all at once, through all sizes of ring
				c.Feed(v)
				want = append(want, v)
			}
			if got := drain(c); !slices.Equal(got, want) {
				t.Errorf("%d values came out, want %d", len(got), len(want))
			}
			n := uint64(4 + 3*largeRing)
			if got := m.Counts(); got.Accepted != n || got.Taken != n || got.Waiting != 0 || got.Dropped != 0 {
				t.Errorf("%+v, want %d", got, n)
			}
			c.Release()
			m.Open()
			put(t, m, 7)
			if got := drain(own(t, m)); !slices.Equal(got, []int{7}) {
				t.Errorf("opened again: %v", got)
			}
		})
	}
}

// What was fed can be taken over like anything else.
func TestL1FedIsTakenOver(t *testing.T) {
	m := New(Options[int]{})
	c := own(t, m)
	m.Close()
	c.Feed(1)
	c.Next()
	taker, v, ok := m.Take()
	if v != 1 || !ok || c.Done() {
		t.Error(v, ok)
	}
	taker.Feed(2)
	if got := drain(&taker); !slices.Equal(got, []int{2}) {
		t.Errorf("came out: %v", got)
	}
}

// Wait would return at once, for the end; WaitSignal waits for a signal.
func TestWaitSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		m.Close()
		c.Wait()
		gone := make(chan struct{})
		go func() { c.WaitSignal(); close(gone) }()
		synctest.Wait()
		select {
		case <-gone:
			t.Error("it did not wait")
		default:
		}
		if !m.Parked() {
			t.Error("Parked() = false")
		}
		m.Signal(2)
		<-gone
		c.WaitSignal() // at once: the signal is set
		m.Clear(2)
		go m.Signal(4)
		c.WaitSignal()
	})
}

// No signal is lost: who is waited for counts down and then signals; the owner clears
// the signal, looks, and waits only if there is somebody to wait for.
func TestWaitSignalHammer(t *testing.T) {
	for range 500 {
		m := New(Options[int]{})
		c := own(t, m)
		m.Close()
		var going atomic.Int32
		var fed []int
		var mu sync.Mutex
		for i := range 4 {
			going.Add(1)
			go func() {
				mu.Lock()
				fed = append(fed, i)
				mu.Unlock()
				going.Add(-1)
				m.Signal(1)
			}()
		}
		sum, n := 0, 0
		for {
			if v, ok := c.Next(); ok {
				sum += v
				n++
				c.Done()
				continue
			}
			m.Clear(1)
			left := going.Load() // before looking at what they have left
			mu.Lock()
			if len(fed) > 0 {
				c.Feed(fed[0])
				fed = fed[1:]
				left = 1
			} else if left > 0 {
				mu.Unlock()
				c.WaitSignal()
				continue
			}
			mu.Unlock()
			if left == 0 {
				break
			}
		}
		if n != 4 || sum != 6 {
			t.Fatalf("%d values came out, of the sum %d", n, sum)
		}
	}
}
