package mailbox

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// A pipe is what the benchmarks compare: put may be called by many goroutines,
// take blocks until there is a value.
type pipe struct {
	name string
	make func() (put func(int), take func() int)
}

var pipes = []pipe{
	{"queue", func() (func(int), func() int) {
		var q Queue[int]
		return q.Push, func() int {
			for {
				if v, ok := q.Pop(); ok {
					return v
				}
				runtime.Gosched()
			}
		}
	}},
	{"mailbox", func() (func(int), func() int) {
		m := New(Options[int]{})
		c, _ := m.Acquire()
		return func(v int) { m.TryPut(v) }, mailboxTake(m, &c)
	}},
	{"mailbox128", func() (func(int), func() int) {
		m := New(Options[int]{Capacity: 128})
		c, _ := m.Acquire()
		return func(v int) { m.Put(context.Background(), v) }, mailboxTake(m, &c)
	}},
	{"channel128", func() (func(int), func() int) {
		ch := make(chan int, 128)
		return func(v int) { ch <- v }, func() int { return <-ch }
	}},
	{"mutex", newSwapped},
}

func mailboxTake(m *Mailbox[int], c *Consumer[int]) func() int {
	return func() int {
		for {
			if v, ok := c.Next(); ok {
				c.Done()
				return v
			}
			c.Wait()
		}
	}
}

// newSwapped is a slice under a mutex; the consumer takes all of it at once and
// leaves its own empty one.
func newSwapped() (put func(int), take func() int) {
	var mu sync.Mutex
	var in, out []int
	next := 0
	notEmpty := sync.NewCond(&mu)
	put = func(v int) {
		mu.Lock()
		in = append(in, v)
		first := len(in) == 1
		mu.Unlock()
		if first {
			notEmpty.Signal()
		}
	}
	take = func() int {
		if next == len(out) {
			mu.Lock()
			for len(in) == 0 {
				notEmpty.Wait()
			}
			in, out = out[:0], in
			next = 0
			mu.Unlock()
		}
		next++
		return out[next-1]
	}
	return put, take
}

// One goroutine puts one value and takes it.
func BenchmarkAlone(b *testing.B) {
	for _, p := range pipes {
		b.Run(p.name, func(b *testing.B) {
			put, take := p.make()
			b.ReportAllocs()
			for b.Loop() {
				put(1)
				take()
			}
		})
	}
}

// Producers put as fast as they can, one consumer takes everything.
func BenchmarkProducers(b *testing.B) {
	for _, producers := range []int{1, 8} {
		for _, p := range pipes {
			b.Run(fmt.Sprintf("%d/%s", producers, p.name), func(b *testing.B) {
				put, take := p.make()
				b.ReportAllocs()
				b.ResetTimer()
				var wg sync.WaitGroup
				for i := range producers {
					wg.Go(func() {
						for range (b.N + i) / producers {
							put(1)
						}
					})
				}
				for range b.N {
					take()
				}
				wg.Wait()
			})
		}
	}
}

// A value goes to a sleeping consumer, and the answer comes back.
func BenchmarkRoundTrip(b *testing.B) {
	for _, p := range pipes[1:] {
		b.Run(p.name, func(b *testing.B) {
			put, take := p.make()
			answer := make(chan int)
			go func() {
				for v := take(); v >= 0; v = take() {
					answer <- v
				}
			}()
			for b.Loop() {
				put(1)
				<-answer
			}
			put(-1)
		})
	}
}

// What a burst costs that outgrows the small ring, when the owner sleeps after
// each.
func BenchmarkBurst(b *testing.B) {
	for _, n := range []int{8, 9, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := New(Options[int]{})
			c, _ := m.Acquire()
			b.ReportAllocs()
			for b.Loop() {
				for i := range n {
					m.TryPut(i)
				}
				for range n {
					c.Discard()
				}
				m.Signal(1)
				c.Wait()
				m.Clear(1)
			}
		})
	}
}
