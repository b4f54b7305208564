package mailbox

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// The rows of the table in turn.go, and what is refused in each state.
func TestL1TurnTable(t *testing.T) {
	state := func(t *testing.T, m *Mailbox[int], want uint64) {
		t.Helper()
		if got := m.q.head.Load() & headState; got != want {
			t.Errorf("the state is %d, want %d", got, want)
		}
		if m.Busy() != (want >= busy) {
			t.Errorf("Busy() = %t in state %d", m.Busy(), want)
		}
	}
	refused := func(t *testing.T, m *Mailbox[int]) {
		t.Helper()
		if _, ok := m.Acquire(); ok {
			t.Error("Acquire succeeded")
		}
	}
	notBusy := func(t *testing.T, m *Mailbox[int]) {
		t.Helper()
		if _, _, ok := m.Take(); ok {
			t.Error("Take succeeded")
		}
		if _, ok := m.Peek(); ok {
			t.Error("Peek succeeded")
		}
	}
	start := func(t *testing.T) (*Mailbox[int], *Consumer[int]) {
		m := New(Options[int]{})
		put(t, m, 1, 2, 3)
		return m, own(t, m)
	}

	t.Run("vacant Acquire held", func(t *testing.T) {
		m := New(Options[int]{})
		state(t, m, vacant)
		notBusy(t, m)
		own(t, m)
		state(t, m, held)
		refused(t, m)
		notBusy(t, m)
	})
	t.Run("held Next busy", func(t *testing.T) {
		m, c := start(t)
		if v, ok := c.Next(); v != 1 || !ok {
			t.Error(v, ok)
		}
		state(t, m, busy)
		refused(t, m)
		if n := m.Counts(); n.Taken != 1 || n.Waiting != 2 {
			t.Errorf("%+v", n)
		}
	})
	t.Run("held Next held, with nothing there", func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		if v, ok := c.Next(); ok {
			t.Error(v)
		}
		state(t, m, held)
	})
	t.Run("held Discard held", func(t *testing.T) {
		m, c := start(t)
		if v, ok := c.Discard(); v != 1 || !ok {
			t.Error(v, ok)
		}
		state(t, m, held)
		notBusy(t, m)
		if n := m.Counts(); n.Taken != 1 || n.Waiting != 2 {
			t.Errorf("%+v", n)
		}
	})
	t.Run("held Release vacant", func(t *testing.T) {
		m, c := start(t)
		c.Release()
		state(t, m, vacant)
		notBusy(t, m)
		if got := drain(own(t, m)); len(got) != 3 {
			t.Errorf("came out: %v", got)
		}
	})
	t.Run("busy Done held", func(t *testing.T) {
		m, c := start(t)
		c.Next()
		if !c.Done() {
			t.Error("Done() = false")
		}
		state(t, m, held)
		notBusy(t, m)
	})
	t.Run("busy Take held", func(t *testing.T) {
		m, c := start(t)
		c.Next()
		next, v, ok := m.Take()
		if v != 1 || !ok {
			t.Error(v, ok)
		}
		state(t, m, held)
		notBusy(t, m)
		if v, ok := next.Next(); v != 2 || !ok {
			t.Error(v, ok)
		}
	})
	t.Run("busy Peek busy", func(t *testing.T) {
		m, c := start(t)
		c.Next()
		for range 2 {
			if v, ok := m.Peek(); v != 1 || !ok {
				t.Error(v, ok)
			}
			state(t, m, busy)
		}
		if !c.Done() {
			t.Error("Done() = false after Peek")
		}
	})
	for _, who := range []string{"Done", "Take"} {
		t.Run("pinned "+who+" waits", func(t *testing.T) {
			m, c := start(t)
			c.Next()
			m.mu.Lock() // the first half of a Peek
			m.q.head.Store(c.head - busy + pinned)
			refused(t, m)
			ended := make(chan bool, 1)
			go func() {
				if who == "Done" {
					ended <- c.Done()
				} else {
					_, _, ok := m.Take()
					ended <- ok
				}
			}()
			for range 100 {
				runtime.Gosched()
			}
			early := len(ended) != 0
			m.q.head.Store(c.head) // the second half
			m.mu.Unlock()
			if early {
				t.Error("it did not wait")
			}
			if !<-ended {
				t.Error("it failed")
			}
			state(t, m, held)
		})
	}
}

func TestL1FormerOwnerIsTheOwnerNoMore(t *testing.T) {
	m := New(Options[int]{})
	put(t, m, 1, 2, 3)
	a := own(t, m)
	a.Next()
	b, _, _ := m.Take()
	check := func(when string) {
		t.Helper()
		before := m.q.head.Load()
		if c := *a; c.Done() || m.q.head.Load() != before {
			t.Errorf("Done of the former owner succeeded: the next one %s", when)
		}
	}
	check("has just taken over")
	b.Next()
	check("is busy")
	m.Peek()
	check("was seen busy")
	b.Done()
	check("is done")
	b.Release()
	check("has gone")
	c := own(t, m)
	c.Next()
	check("is gone, and another one is busy")
}

// Two take over at the same instant, while the owner ends or does not: one of
// the three goes on. They spin up to the start of each round, so as to meet.
func TestL1OneOfManyTakesOver(t *testing.T) {
	last := int32(rounds(10_000))
	m := New(Options[int]{})
	c := own(t, m)
	var round, ready atomic.Int32
	got := make(chan *Consumer[int], 2)
	taker := func() {
		for r := int32(1); r <= last; r++ {
			ready.Add(1)
			for n := 0; round.Load() < r; n++ {
				if n > 100 {
					runtime.Gosched()
				}
			}
			if c, v, ok := m.Take(); !ok {
				got <- nil
			} else if v != int(r) {
				t.Errorf("took over with %d, want %d", v, r)
				got <- nil
			} else {
				got <- &c
			}
		}
	}
	var wg sync.WaitGroup
	wg.Go(taker)
	wg.Go(taker)
	wrong := 0
	for r := int32(1); r <= last; r++ {
		put(t, m, int(r))
		c.Next()
		for ready.Load() < 2*r {
			runtime.Gosched()
		}
		round.Store(r)
		var next []*Consumer[int]
		if r%4 == 0 && c.Done() {
			next = append(next, c)
		}
		for range 2 {
			if c := <-got; c != nil {
				next = append(next, c)
			}
		}
		if len(next) != 1 {
			wrong++
		}
		if len(next) > 0 {
			c = next[0]
		}
	}
	wg.Wait()
	if wrong != 0 {
		t.Errorf("%d times of %d there was not one owner", wrong, last)
	}
}

// Owners that take over from each other, and observers: every value is taken
// once, by somebody who is alone (plain is written without a lock: the race
// detector looks on).
func TestL1TurnHammer(t *testing.T) {
	values := rounds(30_000)
	m := New(Options[int]{Capacity: 16})
	taken, plain := make([]int, values), 0
	var wg sync.WaitGroup
	end := make(chan struct{})

	serve := func(c *Consumer[int]) {
		for {
			plain++
			v, ok := c.Next()
			switch {
			case ok:
				if taken[v]++; v%7 == 0 {
					runtime.Gosched() // in user code
				}
				if !c.Done() {
					return
				}
			case m.Closed() && c.Empty():
				c.Release()
				close(end)
				return
			default:
				c.Wait()
			}
		}
	}
	c := own(t, m)
	wg.Go(func() { serve(c) })
	for range 2 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				if i%2 == 0 {
					if v, ok := m.Peek(); ok && (v < 0 || v >= values) {
						t.Errorf("Peek() = %d", v)
					}
				} else if c, _, ok := m.Take(); ok {
					wg.Go(func() { serve(&c) })
				}
				runtime.Gosched()
			}
		})
	}
	for i := range values {
		if err := m.Put(t.Context(), i); err != nil {
			t.Error(err)
		}
	}
	m.Close()
	<-end
	wg.Wait()
	for v, n := range taken {
		if n != 1 {
			t.Fatalf("value %d was taken %d times", v, n)
		}
	}
}

// TestL1ObservedOwnerStaysTheOwner has an observer look at an owner whom nobody
// takes over from: no Done may fail. The observer does without the lock of a
// Peek, which only makes the others wait: so it pins the word more often.
func TestL1ObservedOwnerStaysTheOwner(t *testing.T) {
	m := New(Options[int]{})
	c := own(t, m)
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !stop.Load() {
			head := m.q.head.Load()
			if head&headState == busy && m.q.head.CompareAndSwap(head, head-busy+pinned) {
				m.q.head.Store(head)
			}
		}
	})
	for i := range rounds(100_000) {
		put(t, m, i)
		c.Next()
		if !c.Done() {
			t.Errorf("Done() = false in round %d", i)
			break
		}
	}
	stop.Store(true)
	wg.Wait()
}

func TestSignals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		gone := make(chan struct{})
		go func() { c.Wait(); close(gone) }()
		synctest.Wait()
		m.Signal(1)
		m.Signal(4)
		<-gone
		if s := m.Signals(); s != 5 {
			t.Errorf("Signals() = %b", s)
		}
		c.Wait() // while one is set: at once
		m.Clear(1)
		if s := m.Signals(); s != 4 {
			t.Errorf("Signals() = %b", s)
		}
	})
}
