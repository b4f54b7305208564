package mailbox

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// sleeps has the owner wait on a goroutine of its own, and returns when it sleeps. Woken is
// closed when it has woken.
func sleeps(c *Consumer[int]) (woken chan struct{}) {
	woken = make(chan struct{})
	go func() { c.Wait(); close(woken) }()
	synctest.Wait()
	return woken
}

// takes demands that the next values are these, and that there is no other.
func takes(t *testing.T, c *Consumer[int], want ...int) {
	t.Helper()
	for _, w := range want {
		if v, ok := c.Next(); v != w || !ok {
			t.Errorf("%d, %t, and not %d", v, ok, w)
		}
		c.Done()
	}
	if v, ok := c.Next(); ok {
		t.Errorf("%d is too many", v)
	}
}

// What is handed over to an owner that sleeps is in front of what comes before that wakes,
// and counts as any other value, though it is not in the ring.
func TestL2HandedOverFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		for round := range 3 * smallRing {
			woken := sleeps(c)
			for v := range 3 {
				put(t, m, 3*round+v)
			}
			if n := m.Counts(); n.Waiting != 3 || n.Accepted != uint64(3*round+3) {
				t.Fatalf("%+v", n)
			}
			<-woken
			takes(t, c, 3*round, 3*round+1, 3*round+2)
		}
		if n := m.Counts(); n.Taken != 9*smallRing || n.Waiting != 0 {
			t.Errorf("%+v", n)
		}
	})
}

// A mailbox into which nothing has come but what was handed over has no ring, and counts.
func TestL3HandedOverWithoutARing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		for i := range 5 {
			woken := sleeps(c)
			put(t, m, i)
			<-woken
			if n := m.Counts(); n.Waiting != 1 || n.Accepted != uint64(i+1) || m.Accepted() != n.Accepted {
				t.Errorf("%+v", n)
			}
			takes(t, c, i)
		}
		if m.q.cur.Load() != nil {
			t.Error("there is a ring")
		}
		put(t, m, 5)
		put(t, m, 6)
		takes(t, c, 5, 6)
	})
}

// A slot that was passed over is never taken for one with a value: not when its ticket comes
// round, and not when a lap would be the same again in 32 bits.
func TestL2PassedOverSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, begin := range []uint64{0, smallRing<<32 - 3, smallRing<<33 - 2*smallRing} {
			m := New(Options[int]{})
			m.q.tail.Store(begin << tailShift)
			m.q.head.Store(begin << headShift)
			c := own(t, m)
			put(t, m, 1) // which makes a ring
			takes(t, c, 1)
			for i := range 3 * smallRing {
				woken := sleeps(c)
				put(t, m, i)
				<-woken
				takes(t, c, i)
			}
		}
	})
}

// The owner leaves a ring that was replaced, though it does not look at it for what is handed
// over: a burst leaves no large ring behind, and what comes after it is found.
func TestL2HandedOverAfterGrowth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		for i := range 2 * keepRing {
			put(t, m, i)
		}
		for range 2 * keepRing {
			c.Next()
			c.Done()
		}
		woken := sleeps(c)
		if n := len(m.q.cur.Load().slots); n != smallRing {
			t.Errorf("a ring of %d slots is left", n)
		}
		put(t, m, 1)
		put(t, m, 2)
		<-woken
		takes(t, c, 1, 2)
	})
	// Nor if another goroutine has replaced it, and the first value of the new one is handed over.
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		put(t, m, 1)
		takes(t, c, 1)
		tail := m.q.tail.Or(tailGrowing) | tailGrowing
		m.q.grow(tail)
		woken := sleeps(c)
		put(t, m, 2)
		put(t, m, 3)
		<-woken
		takes(t, c, 2, 3)
	})
}

// While the service is paused, what was handed over waits, and the owner sleeps beside it:
// as one that dozes, since the mailbox is not empty.
func TestL5HandedOverInAPause(t *testing.T) {
	const pause = 1 << 16
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		woken := sleeps(c)
		put(t, m, 1)
		<-woken
		m.Signal(pause)
		gone := make(chan struct{})
		go func() { c.WaitWhile(pause, 0); close(gone) }()
		synctest.Wait()
		if m.q.tail.Load()&tailParked != 0 || !m.Parked() {
			t.Error("the owner does not doze")
		}
		put(t, m, 2)
		m.Clear(pause)
		<-gone
		c.Wait() // returns at once
		takes(t, c, 1, 2)
	})
}

// What was handed over and not taken is the next owner's.
func TestL3HandedOverToTheNextOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 2})
		a := own(t, m)
		woken := sleeps(a)
		put(t, m, 1)
		<-woken
		a.Release()
		put(t, m, 2)
		if err := m.TryPut(3); err != ErrFull {
			t.Errorf("%v: it counts as any other", err)
		}
		b := own(t, m)
		b.Wait() // returns at once
		takes(t, b, 1, 2)
		woken = sleeps(b)
		put(t, m, 3)
		<-woken
		if v, ok := b.Discard(); v != 3 || !ok {
			t.Error(v, ok)
		}
	})
}

// Who stands in line does so beside an owner that is awake.
func TestL14ALineWakesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		c := own(t, m)
		woken := sleeps(c)
		if p, err := m.Line(1); p != nil || err != nil { // there is room after all
			t.Fatal(p, err)
		}
		<-woken
		if m.q.tail.Load()&(tailParked|tailCrowded) != 0 {
			t.Errorf("tail %b", m.q.tail.Load())
		}
		takes(t, c, 1)
		m.q.tail.Or(tailCrowded) // one is about to stand in line
		woken = sleeps(c)
		if m.q.tail.Load()&tailParked != 0 || !m.Parked() {
			t.Error("the owner does not doze beside a line")
		}
		m.uncrowd()
		put(t, m, 2)
		<-woken
		takes(t, c, 2)
	})
}

// What is handed over is let go of.
func TestL3HandedOverIsCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[*int]{})
		c := own(t, m)
		gone := make(chan struct{})
		go func() { c.Wait(); close(gone) }()
		synctest.Wait()
		if err := m.TryPut(new(int)); err != nil {
			t.Fatal(err)
		}
		<-gone
		if m.q.handed != nil {
			t.Error("the word in which it came holds it")
		}
		c.Next()
		c.Done()
		c.Release()
		if m.current != nil {
			t.Error("the mailbox holds it")
		}
	})
}

// Senders, who put, stand in line and are refused, and signals meet an owner that sleeps
// between almost all values; at the end all are there, once and in each sender's order.
func TestL2HandOverHammer(t *testing.T) {
	const producers = 3
	per := rounds(20_000)
	for _, capacity := range []int{0, 1, 3} {
		m := New(Options[item]{Capacity: capacity})
		c, _ := m.Acquire()
		var wg sync.WaitGroup
		for p := range producers {
			wg.Go(func() {
				for i := range per {
					if err := m.Put(t.Context(), item{p, i}); err != nil {
						t.Error(err)
					}
					switch i % 7 {
					case p:
						m.Signal(1)
					case p + 1:
						runtime.Gosched()
					}
				}
			})
		}
		l := ledger{next: make([]int, producers)}
		for l.n < producers*per {
			m.Clear(1)
			if v, ok := c.Next(); ok {
				l.take(t, v)
				c.Done()
			} else {
				c.Wait()
			}
		}
		wg.Wait()
		if n := m.Counts(); n.Accepted != producers*uint64(per) || n.Taken != n.Accepted || n.Waiting != 0 {
			t.Errorf("%+v", n)
		}
	}
}

// A sender that was interrupted between its ticket and its publication keeps its place: what
// comes behind it is not handed over in front of it.
func TestL2NotHandedOverBehindATicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		put(t, m, 0)
		takes(t, c, 0)
		publish := interrupt(&m.q, 1)
		woken := sleeps(c)
		put(t, m, 2)
		<-woken
		takes(t, c)
		publish()
		takes(t, c, 1, 2)
	})
}

// A mailbox that is closed takes nothing, though its owner sleeps and expects what is fed.
func TestL3ClosedIsNotHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		m.Close()
		gone := make(chan struct{})
		go func() { c.WaitSignal(); close(gone) }()
		synctest.Wait()
		if err := m.TryPut(1); err != ErrClosed {
			t.Error(err)
		}
		m.Signal(1)
		<-gone
		if n := m.Counts(); n.Accepted != 0 {
			t.Errorf("%+v", n)
		}
	})
}

// Who wakes the owner never waits for it: however many come before it runs, there is one token.
func TestL13WakersDoNotWait(t *testing.T) {
	for name, fall := range map[string]func(*Mailbox[int]){
		"awake":  func(*Mailbox[int]) {},
		"parked": func(m *Mailbox[int]) { m.q.tail.Or(tailParked) },
		"dozing": func(m *Mailbox[int]) { m.q.sleep.Store(dozing) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := New(Options[int]{Capacity: 3})
				m.q.wake = make(chan struct{}, 1)
				fall(m)
				put(t, m, 1)
				put(t, m, 2)
				m.Signal(1)
				m.Signal(2)
				m.Close()
				if n := len(m.q.wake); n > 1 || n == 0 && name != "awake" {
					t.Errorf("%d tokens", n)
				}
			})
		})
	}
}
