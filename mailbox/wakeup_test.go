package mailbox

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// What was sent between the owner's last look and its parking found nobody to
// wake: the owner has to see it by itself. In a bubble a sleep without end is a
// deadlock, and the test fails at once.
func TestL5NoLostWakeup(t *testing.T) {
	for name, event := range map[string]func(*Mailbox[int]){
		"push":   func(m *Mailbox[int]) { m.TryPut(1) },
		"put":    func(m *Mailbox[int]) { m.Put(t.Context(), 1) },
		"signal": func(m *Mailbox[int]) { m.Signal(1) },
		"close":  func(m *Mailbox[int]) { m.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := New(Options[int]{Capacity: 1})
				c := own(t, m)
				if _, ok := c.Next(); ok {
					t.Fatal("a value in an empty mailbox")
				}
				event(m)
				c.Wait()
			})
		})
		t.Run(name+" while parked", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := New(Options[int]{Capacity: 1})
				c := own(t, m)
				gone := make(chan struct{})
				go func() { c.Wait(); close(gone) }()
				synctest.Wait()
				event(m)
				<-gone
				if len(m.q.wake) != 0 {
					t.Error("a token is left")
				}
			})
		})
	}
}

// An owner is taken over from between taking a value and admitting the first in
// line; the next owner sleeps already when the line moves.
func TestL5NoLostWakeupByAFormerOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		a := own(t, m)
		put(t, m, 1)
		ch := line(t.Context(), m, 2)

		// The first half of Next.
		v, _ := m.pop()
		m.current = v
		a.head += headOne + busy - held
		m.q.head.Store(a.head)

		b, _, ok := m.Take()
		if !ok {
			t.Fatal("Take failed")
		}
		gone := make(chan struct{})
		go func() { b.Wait(); close(gone) }()
		synctest.Wait()

		m.admit() // the second half
		if o := <-ch; o.err != nil {
			t.Error(o.err)
		}
		<-gone
		if v, ok := b.Next(); v != 2 || !ok {
			t.Error(v, ok)
		}
	})
}

// Senders and an owner that parks between almost all values, so that the two
// meet at every step of parking. A lost wake-up ends the test by its time-out.
func TestL5NoLostWakeupHammer(t *testing.T) {
	per := rounds(30_000)
	for _, capacity := range []int{0, 1} {
		m := New(Options[int]{Capacity: capacity})
		c := own(t, m)
		var wg sync.WaitGroup
		for p := range 2 {
			wg.Go(func() {
				for i := range per {
					if err := m.Put(t.Context(), i); err != nil {
						t.Error(err)
					}
					for m.Len() > 0 && i%3 == p { // let the owner find nothing
						runtime.Gosched()
					}
				}
			})
		}
		for n := 0; n < 2*per; {
			if _, ok := c.Discard(); ok {
				n++
			} else {
				c.Wait()
			}
		}
		wg.Wait()
		if n := len(m.q.wake); n != 0 {
			t.Errorf("%d tokens are left", n)
		}
	}
}
