package mailbox

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"
	"weak"
)

// queueModel runs operations on a queue and on a slice, and compares. The
// consumer's Wait, as far as it concerns the queue, is shrink.
type queueModel struct {
	t     testing.TB
	q     Queue[int]
	slice []int
	last  int
}

func (m *queueModel) push() {
	m.last++
	m.q.Push(m.last)
	m.slice = append(m.slice, m.last)
}

func (m *queueModel) pop() {
	v, ok := m.q.Pop()
	if ok != (len(m.slice) > 0) {
		m.t.Fatalf("Pop() = %d, %t with %d values in the model", v, ok, len(m.slice))
	}
	if !ok {
		return
	}
	if v != m.slice[0] {
		m.t.Fatalf("Pop() = %d, want %d", v, m.slice[0])
	}
	m.slice = m.slice[1:]
}

func (m *queueModel) check() {
	if n := m.q.Len(); n != len(m.slice) {
		m.t.Fatalf("Len() = %d, want %d", n, len(m.slice))
	}
}

func (m *queueModel) slots() int { return len(m.q.cur.Load().slots) }

func TestQueueModel(t *testing.T) {
	for range 200 {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		m := &queueModel{t: t}
		for range 100 {
			// Runs of one operation, so that backlogs grow and vanish.
			n := r.IntN(1 << r.IntN(10))
			switch r.IntN(5) {
			case 0, 1:
				for range n {
					m.push()
				}
			case 2, 3:
				for range n {
					m.pop()
				}
			case 4:
				m.q.shrink()
			}
			m.check()
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
}

func TestQueueGrowsByStepsAndShrinksWhenEmpty(t *testing.T) {
	m := &queueModel{t: t}
	for range 4 + 16 + 64 + 256 + 3*1024 {
		m.push()
	}
	var sizes []int
	for len(m.slice) > 0 {
		if n := m.slots(); len(sizes) == 0 || sizes[len(sizes)-1] != n {
			sizes = append(sizes, n)
		}
		m.pop()
		m.q.shrink() // of no effect but at the end
	}
	if want := []int{4, 16, 64, 256, 1024}; !slices.Equal(sizes, want) {
		t.Fatalf("sizes of the rings: %v, want %v", sizes, want)
	}
	m.push()
	m.pop()
	if n := m.slots(); n != smallRing {
		t.Errorf("%d slots after the queue was empty, want %d", n, smallRing)
	}
}

func TestQueueShrinksInWait(t *testing.T) {
	m := New(Options[int]{})
	c := own(t, m)
	for i := range 1000 {
		put(t, m, i)
	}
	drain(c)
	m.Signal(1) // so that Wait returns
	c.Wait()
	put(t, m, 1)
	if got := drain(c); len(got) != 1 || got[0] != 1 {
		t.Fatalf("after the shrinking: %v", got)
	}
	if n := len(m.q.cur.Load().slots); n != smallRing {
		t.Errorf("%d slots after Wait, want %d", n, smallRing)
	}
}

// alive counts the values that are not garbage.
func alive[T any](values []weak.Pointer[T]) (n int) {
	runtime.GC()
	runtime.GC()
	for _, p := range values {
		if p.Value() != nil {
			n++
		}
	}
	return n
}

func TestPoppedValuesAreNotKeptAlive(t *testing.T) {
	type value struct{ _ [64]byte }
	for _, n := range []int{1, 7, 8, 9, 40, 41, 3000} { // within a ring, and behind its growth
		var q Queue[*value]
		var gone []weak.Pointer[value]
		for range n {
			v := new(value)
			gone = append(gone, weak.Make(v))
			q.Push(v)
		}
		for range n {
			q.Pop()
		}
		if kept := alive(gone); kept != 0 {
			t.Errorf("%d of %d popped values are kept alive", kept, n)
		}
		runtime.KeepAlive(&q)
	}
}

func TestTakenValueIsKeptUntilWait(t *testing.T) {
	type value struct{ _ [64]byte }
	m := New(Options[*value]{})
	c := own(t, m)
	put(t, m, new(value))
	v, _ := c.Next()
	gone := []weak.Pointer[value]{weak.Make(v)}
	if alive(gone) != 1 {
		t.Error("what the owner is busy with is gone")
	}
	c.Done()
	m.Signal(1)
	c.Wait()
	if alive(gone) != 0 {
		t.Error("the value is kept alive by an owner that sleeps")
	}
	runtime.KeepAlive(m)
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	var q Queue[*int]
	v := new(int)
	for range 100 { // a ring of 128 in the end, with a backlog of 20
		q.Push(v)
	}
	for range 80 {
		q.Pop()
	}
	if n := testing.AllocsPerRun(1000, func() {
		for range 50 {
			q.Push(v)
		}
		for range 50 {
			q.Pop()
		}
	}); n != 0 {
		t.Errorf("%v allocations for 50 values through a queue", n)
	}

	for _, capacity := range []int{0, 8} {
		m := New(Options[*int]{Capacity: capacity})
		c := own(t, m)
		if n := testing.AllocsPerRun(1000, func() {
			for range 8 {
				if m.TryPut(v) != nil {
					t.Error("refused")
				}
			}
			for range 8 {
				c.Next()
				c.Done()
			}
			m.Signal(1)
			c.Wait()
			m.Clear(1)
		}); n != 0 {
			t.Errorf("%v allocations for 8 values through a mailbox of capacity %d", n, capacity)
		}
	}
}

func TestIdleIsSmall(t *testing.T) {
	var q Queue[*int]
	q.Push(nil)
	q.Pop()
	ring := q.cur.Load()
	ringSize := unsafe.Sizeof(*ring) + uintptr(len(ring.slots))*unsafe.Sizeof(ring.slots[0])
	queueSize := unsafe.Sizeof(q)
	mailboxSize := unsafe.Sizeof(Mailbox[*int]{})
	t.Logf("bytes: queue %d, mailbox %d (its queue included), ring %d", queueSize, mailboxSize, ringSize)
	if n := queueSize + ringSize; n > 300 {
		t.Errorf("an idle queue takes %d bytes", n)
	}
	if n := mailboxSize + ringSize; n > 512 {
		t.Errorf("an idle mailbox takes %d bytes", n)
	}
}

// FuzzQueue reads bytes as operations: the low bits choose one, the rest says
// how many times.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{0x24, 0x21, 0x24, 0x25, 0x02, 0xfc, 0xfd, 0x03})
	f.Add([]byte{0xfc, 0xfc, 0xfc, 0xfd, 0xfc, 0xfd, 0xfd, 0xfd, 0x02, 0xfc})
	f.Fuzz(func(t *testing.T, ops []byte) {
		m := &queueModel{t: t}
		for _, op := range ops {
			n := int(op>>2) + 1
			switch op & 3 {
			case 0:
				for range n * n { // up to four of the largest rings
					m.push()
				}
			case 1:
				for range n * n {
					m.pop()
				}
			case 2:
				m.q.shrink()
			case 3:
				m.push()
				m.pop()
			}
			m.check()
		}
	})
}
