package mailbox

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// serving has a goroutine own m, and returns what ends that.
func serving(m *Mailbox[int], each func(int)) (end func()) {
	var over sync.WaitGroup
	over.Go(func() {
		c, _ := m.Acquire()
		defer c.Release()
		for {
			v, ok := c.Next()
			if !ok {
				if m.Closed() && c.Empty() {
					return
				}
				c.Wait()
				continue
			}
			each(v)
			c.Done()
		}
	})
	return func() { m.Close(); over.Wait() }
}

// To wait for room allocates nothing once there are places that were kept, whether room comes
// or the context ends.
func TestL14WaitingForRoomAllocatesNothing(t *testing.T) {
	m := New(Options[int]{Capacity: 1})
	end := serving(m, func(int) {})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, ctx := range map[string]context.Context{"that never ends": context.Background(), "that may end": ctx} {
		waited := 0
		if n := testing.AllocsPerRun(100, func() {
			for range 8 { // of which all but the first two find no room: the owner does not run meanwhile
				if m.TryPut(0) == nil {
					continue
				}
				waited++
				if err := m.Put(ctx, 0); err != nil {
					t.Error(err)
				}
			}
		}); n != 0 || waited < 100 {
			t.Errorf("with a context %s: %v allocations, waited %d times", name, n, waited)
		}
	}
	end()

	full := New(Options[int]{Capacity: 1})
	put(t, full, 0)
	cancel()
	if n := testing.AllocsPerRun(100, func() {
		p, err := full.Line(1)
		if err != nil || p.Wait(ctx) != context.Canceled {
			t.Error("accepted")
		}
	}); n != 0 {
		t.Errorf("with a context that has ended: %v allocations", n)
	}
}

// After a crowd has gone there are as many places as are worth it.
func TestL14KeptPlacesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		put(t, m, 0)
		const senders = 3 * keepPlaces
		ch := line(t.Context(), m, make([]int, senders)...)
		c := own(t, m)
		drain(c)
		for range senders {
			if o := <-ch; o.err != nil {
				t.Error(o.err)
			}
		}
		n := 0
		for p := m.line.kept.Load(); p != nil; p = p.next {
			if n++; p.v != 0 || p.told != nil || p.waits || p.refused || len(p.token) != 0 {
				t.Fatalf("kept as it was: %+v", p)
			}
		}
		if n != keepPlaces {
			t.Errorf("%d places are kept, not %d", n, keepPlaces)
		}
	})
}

// What is told of one wait is not told of the next one that has its place.
func TestL14PlaceBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1})
		c := own(t, m)
		put(t, m, 0)
		refused := line(t.Context(), m, 1)
		m.Close()
		if o := <-refused; o.err != ErrClosed {
			t.Errorf("closed: %v", o.err)
		}
		m.Open()
		p, _ := m.Line(2)
		var over atomic.Bool
		p.Tell(&over)
		c.Discard()
		if err := p.Wait(t.Context()); err != nil || !over.Load() {
			t.Errorf("with a place that was refused before: %v, told %v", err, over.Load())
		}
		over.Store(false)
		served := line(t.Context(), m, 3)
		c.Discard()
		if o := <-served; o.err != nil || over.Load() {
			t.Errorf("the next one: %v; told the former: %v", o.err, over.Load())
		}
		if got := drain(c); len(got) != 1 || got[0] != 3 {
			t.Errorf("came out: %v", got)
		}
	})
}

// Who has been served when its context ends takes the token along: the next one with the place
// waits for its own.
func TestL14TokenGoesWithItsWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := New(Options[int]{Capacity: 1})
	c := own(t, m)
	put(t, m, 0)
	for range 100 { // which of the two it finds first is left to chance
		p, _ := m.Line(1)
		c.Discard()
		if err := p.Wait(ctx); err != nil {
			t.Fatal(err)
		}
		if kept := m.line.kept.Load(); kept != p || len(kept.token) > 0 {
			t.Fatal("kept with a token")
		}
	}
}

// Who waits for the sender learns that its wait is over when it is: before it wakes, and
// also if it was before that was asked.
func TestL10PlaceTells(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(m *Mailbox[int], c *Consumer[int], p *Place[int])
		told bool
	}{
		{"room", func(_ *Mailbox[int], c *Consumer[int], _ *Place[int]) { c.Discard() }, true},
		{"the end", func(m *Mailbox[int], _ *Consumer[int], _ *Place[int]) { m.Close() }, true},
		{"nothing", func(*Mailbox[int], *Consumer[int], *Place[int]) {}, false},
	} {
		for _, late := range []bool{false, true} {
			m := New(Options[int]{Capacity: 1})
			c := own(t, m)
			put(t, m, 0)
			p, _ := m.Line(1)
			var over atomic.Bool
			if !late {
				p.Tell(&over)
			}
			row.end(m, c, p)
			if late {
				p.Tell(&over)
			}
			if over.Load() != row.told {
				t.Errorf("%s, asked late: %v: told: %v", row.name, late, over.Load())
			}
			if p.Leave() == row.told {
				t.Errorf("%s: it was still in line: %v", row.name, !row.told)
			}
		}
	}
}

// Senders that find room, wait for it, and give up while others have their places next: each
// is accepted if and only if its value comes out, and the bound and the line stay as they are.
func TestL14PlacesPassFromHandToHand(t *testing.T) {
	const senders = 8
	each := rounds(1000)
	m := New(Options[int]{Capacity: 2})
	var out [senders][]int
	end := serving(m, func(v int) { out[v%senders] = append(out[v%senders], v/senders) })
	var in [senders][]int
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				ctx, cancel := context.Background(), context.CancelFunc(func() {})
				if (s+i)%3 == 0 {
					ctx, cancel = context.WithTimeout(ctx, time.Duration(i%50)*time.Microsecond)
				}
				if err := m.Put(ctx, i*senders+s); err == nil {
					in[s] = append(in[s], i)
				}
				cancel()
				if i%16 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	all.Wait()
	end()
	for s := range senders {
		if len(in[s]) != len(out[s]) {
			t.Fatalf("sender %d: %d accepted, %d came out", s, len(in[s]), len(out[s]))
		}
		for i := range in[s] {
			if in[s][i] != out[s][i] {
				t.Fatalf("sender %d: number %d is %d, and came out as %d", s, i, in[s][i], out[s][i])
			}
		}
	}
	if m.line.first != nil || m.q.tail.Load()&tailCrowded != 0 {
		t.Error("the mailbox is still crowded")
	}
}
