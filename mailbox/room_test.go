package mailbox

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The owner counts: what waits beside the value it is busy with is never more
// than the capacity, whoever sends.
func TestL14BoundIsExact(t *testing.T) {
	const senders, per = 8, 500
	for _, capacity := range []int{1, 2, 3, 8, 9, 50} {
		m := New(Options[item]{Capacity: capacity})
		c := own(t, m)
		var wg sync.WaitGroup
		for p := range senders {
			wg.Go(func() {
				for i := range per {
					for refused := 0; ; refused++ {
						// Half of them wait for room, half come again.
						var err error
						if p%2 == 0 {
							err = m.Put(t.Context(), item{p, i})
						} else {
							err = m.TryPut(item{p, i})
						}
						if err == nil {
							break
						}
						if err != ErrFull {
							t.Error(err)
							return
						}
						runtime.Gosched()
					}
				}
			})
		}
		l := ledger{next: make([]int, senders)}
		for l.n < senders*per {
			if n := m.Len(); n > capacity {
				t.Fatalf("%d values wait in a mailbox of capacity %d", n, capacity)
			}
			// Between Next and Done nothing is taken: what waits now is exact.
			if v, ok := c.Next(); ok {
				l.take(t, v)
				if n := m.q.pushed() - m.q.taken(); n > uint64(capacity) {
					t.Fatalf("%d values wait beside the running one, capacity %d", n, capacity)
				}
				c.Done()
			} else {
				runtime.Gosched()
			}
		}
		wg.Wait()
	}
}

func TestL14CapacityIsReached(t *testing.T) {
	for _, capacity := range []int{1, 7, 8, 9, 2000} {
		m := New(Options[int]{Capacity: capacity})
		for i := range capacity {
			put(t, m, i)
		}
		if err := m.TryPut(0); err != ErrFull {
			t.Errorf("capacity %d: one more: %v", capacity, err)
		}
		c := own(t, m)
		c.Next() // the running one is not counted
		put(t, m, 0)
		if err := m.TryPut(0); err != ErrFull {
			t.Errorf("capacity %d: one more beside the running one: %v", capacity, err)
		}
		if n := m.Len(); n != capacity {
			t.Errorf("capacity %d: Len() = %d", capacity, n)
		}
	}
}

// A number that an observer reads while values come and go is within the bound.
func TestL14ObserverSeesTheBound(t *testing.T) {
	const capacity = 3
	m := New(Options[int]{Capacity: capacity})
	c := own(t, m)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				m.TryPut(1)
			}
		}
	})
	wg.Go(func() {
		defer close(stop)
		for range 20_000 {
			if n := m.Len(); n < 0 || n > capacity {
				t.Errorf("Len() = %d, capacity %d", n, capacity)
				return
			}
		}
	})
	for {
		select {
		case <-stop:
			wg.Wait()
			return
		default:
			c.Discard()
		}
	}
}

// line starts a Put per value, one behind the other, and returns where their
// outcomes come in. In a bubble only.
func line(ctx context.Context, m *Mailbox[int], values ...int) chan outcome {
	ch := make(chan outcome, len(values))
	for _, v := range values {
		go func() { ch <- outcome{v, m.Put(ctx, v)} }()
		synctest.Wait()
	}
	return ch
}

type outcome struct {
	v   int
	err error
}

func TestL14WaitingSendersAreServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 2})
		c := own(t, m)
		put(t, m, 1, 2)
		ch := line(t.Context(), m, 3, 4, 5, 6)
		var got []int
		for range 6 {
			v, _ := c.Next()
			got = append(got, v)
			c.Done()
			if n := m.Len(); n > 2 {
				t.Errorf("%d values wait, capacity 2", n)
			}
		}
		if want := []int{1, 2, 3, 4, 5, 6}; !slices.Equal(got, want) {
			t.Errorf("came out: %v, want %v", got, want)
		}
		for range 4 {
			if o := <-ch; o.err != nil {
				t.Errorf("Put(%d) = %v", o.v, o.err)
			}
		}
		put(t, m, 7, 8) // open to everybody again
	})
}

func TestL14WaitingSenderIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		c := own(t, m)
		put(t, m, 1)
		ch := line(t.Context(), m, 2)

		// The owner has taken a value, and has not yet looked who waits.
		if v, ok := m.q.Pop(); !ok || v != 1 {
			t.Fatal(v, ok)
		}
		c.head += headOne
		if err := m.TryPut(3); err != ErrFull {
			t.Errorf("TryPut beside a waiting sender = %v, want %v", err, ErrFull)
		}
		other := line(t.Context(), m, 4) // behind 2
		m.admit()
		if got := drain(c); !slices.Equal(got, []int{2, 4}) {
			t.Errorf("came out: %v, want 2 and 4", got)
		}
		for _, ch := range []chan outcome{ch, other} {
			if o := <-ch; o.err != nil {
				t.Errorf("Put(%d) = %v", o.v, o.err)
			}
		}
	})
}

func TestL14DiscardAdmitsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		c := own(t, m)
		put(t, m, 1)
		ch := line(t.Context(), m, 2)
		c.Discard()
		if o := <-ch; o.err != nil {
			t.Error(o.err)
		}
	})
}

func TestL13TryPutNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := New(Options[int]{Capacity: 2})
		put(t, m, 1, 2) // nobody owns it, and nobody takes
		if err := m.TryPut(3); err != ErrFull {
			t.Errorf("full: %v", err)
		}
		ch := line(ctx, m, 3, 4)
		if err := m.TryPut(5); err != ErrFull {
			t.Errorf("others in line: %v", err)
		}
		cancel()
		<-ch
		<-ch
		m.Close()
		if err := m.TryPut(5); err != ErrClosed {
			t.Errorf("closed: %v", err)
		}
	})
}

// The owner was woken by the first value, and is in user code while more come.
func TestL13TryPutDoesNotWaitForTheOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		release, gone := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(gone)
			c.Wait()
			<-release
		}()
		synctest.Wait()
		for i := range 100 {
			put(t, m, i)
			synctest.Wait()
		}
		close(release)
		<-gone
	})
}

func TestL13PutEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		c := own(t, m)
		put(t, m, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		first := line(ctx, m, 2)
		second := line(t.Context(), m, 3)
		if o := <-first; !errors.Is(o.err, context.DeadlineExceeded) {
			t.Errorf("Put = %v", o.err)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("it took %v, want one second", d)
		}
		if err := m.Put(ctx, 4); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Put with a dead context = %v", err)
		}
		if got := drain(c); !slices.Equal(got, []int{1, 3}) {
			t.Errorf("came out: %v, want 1 and 3", got)
		}
		if o := <-second; o.err != nil {
			t.Errorf("Put(3) = %v", o.err)
		}
		put(t, m, 5)
		// The last in line that gives up opens the mailbox again.
		ctx, cancel = context.WithCancel(t.Context())
		last := line(ctx, m, 6)
		cancel()
		<-last
		drain(c)
		put(t, m, 7)
	})
}

// A context that ends while room becomes free: accepted means that it comes out,
// refused that it does not.
func TestL14LeavingTheLineAtTheInstantOfRoom(t *testing.T) {
	for round := range rounds(3000) {
		m := New(Options[int]{Capacity: 1})
		c := own(t, m)
		put(t, m, 0)
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 3)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = m.Put(ctx, i+1) })
		}
		for round%2 == 0 && m.q.tail.Load()&tailCrowded == 0 {
			runtime.Gosched()
		}
		wg.Go(cancel)
		got := drain(c)
		wg.Wait()
		got = append(got, drain(c)...)
		slices.Sort(got)
		want := []int{0}
		for i, err := range errs {
			if err == nil {
				want = append(want, i+1)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("came out: %v, accepted: %v", got, want)
		}
		if m.line.first != nil || m.q.tail.Load()&tailCrowded != 0 {
			t.Fatal("the mailbox is still crowded")
		}
	}
}
