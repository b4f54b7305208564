package actor_test

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// The benchmarks set a service beside what a user would write instead: a
// goroutine that reads closures from a channel of capacity 128. Compare the
// figures of one run only:
//
//	go test -run '^$' -bench . -count 5 ./actor

type tally struct{ n int }

func (t *tally) value() int { return t.n }

// channel is the goroutine that one would write by hand.
type channel struct {
	inbox chan func(*tally)
	done  chan struct{}
}

func startChannel() *channel {
	c := &channel{make(chan func(*tally), 128), make(chan struct{})}
	go func() {
		defer close(c.done)
		t := new(tally)
		for f := range c.inbox {
			f(t)
		}
	}()
	return c
}

func (c *channel) stop() {
	close(c.inbox)
	<-c.done
}

// each has n goroutines share the work of a benchmark.
func each(b *testing.B, n int, work func()) {
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i := range n {
		share := b.N / n
		if i < b.N%n {
			share++
		}
		wg.Go(func() {
			for range share {
				work()
			}
		})
	}
	wg.Wait()
}

func BenchmarkDo(b *testing.B) {
	add := func(t *tally) { t.n++ }
	for _, senders := range []int{1, 8, 64} {
		b.Run(strconv.Itoa(senders)+"/service", func(b *testing.B) {
			svc := actor.Start(new(tally), actortest.Quiet())
			each(b, senders, func() { _ = svc.Do(add) })
			if err := svc.Stop(context.Background()); err != nil {
				b.Fatal(err)
			}
			if n := svc.Info().Executed; n != uint64(b.N) {
				b.Fatalf("%d closures ran of %d", n, b.N)
			}
		})
		b.Run(strconv.Itoa(senders)+"/channel", func(b *testing.B) {
			c := startChannel()
			each(b, senders, func() { c.inbox <- add })
			c.stop()
		})
	}
}

func BenchmarkCall(b *testing.B) {
	ctx := context.Background()
	for _, callers := range []int{1, 64} {
		b.Run(strconv.Itoa(callers)+"/service", func(b *testing.B) {
			svc := actor.Start(new(tally), actortest.Quiet())
			each(b, callers, func() {
				if _, err := actor.Get(ctx, svc, (*tally).value); err != nil {
					b.Error(err)
				}
			})
			_ = svc.Stop(ctx)
		})
		b.Run(strconv.Itoa(callers)+"/channel", func(b *testing.B) {
			c := startChannel()
			each(b, callers, func() {
				reply := make(chan int, 1)
				c.inbox <- func(t *tally) { reply <- t.n }
				<-reply
			})
			c.stop()
		})
	}
}

func BenchmarkSpawn(b *testing.B) {
	add := func(t *tally) { t.n++ }
	b.Run("service", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			svc := actor.Start(new(tally))
			_ = svc.Do(add)
			_ = svc.Stop(context.Background())
		}
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := startChannel()
			c.inbox <- add
			c.stop()
		}
	})
}

// BenchmarkIdle reports the bytes of an idle service that has run one closure.
func BenchmarkIdle(b *testing.B) {
	const n = 10_000
	measure := func(b *testing.B, start func(i int)) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			start(i)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		for b.Loop() { // nothing: the metrics are the result
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "heapB/idle")
		b.ReportMetric(float64(after.StackInuse-before.StackInuse)/n, "stackB/idle")
	}
	b.Run("service", func(b *testing.B) {
		svcs := make([]*actor.Service[tally], n)
		measure(b, func(i int) {
			svcs[i] = actor.Start(new(tally))
			_ = svcs[i].Run(context.Background(), func(t *tally) error { t.n++; return nil })
		})
		for _, svc := range svcs {
			_ = svc.Stop(context.Background())
		}
	})
	b.Run("channel", func(b *testing.B) {
		cs := make([]*channel, n)
		measure(b, func(i int) {
			cs[i] = startChannel()
			reply := make(chan struct{}, 1)
			cs[i].inbox <- func(*tally) { reply <- struct{}{} }
			<-reply
		})
		for _, c := range cs {
			c.stop()
		}
	})
}

// A view is read by all processors at once; beside it, what a read lock and a plain
// atomic pointer cost for the same.
func BenchmarkViewLoad(b *testing.B) {
	b.Run("view", func(b *testing.B) {
		svc := actor.Start(&actortest.Plain{N: 1})
		defer actortest.Stop(b, svc)
		view := actor.NewView(svc, (*actortest.Plain).Value)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				view.Load()
			}
		})
	})
	b.Run("rwmutex", func(b *testing.B) {
		var mu sync.RWMutex
		n := 1
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				mu.RLock()
				_ = n
				mu.RUnlock()
			}
		})
	})
	b.Run("atomic pointer", func(b *testing.B) {
		var p atomic.Pointer[actortest.Plain]
		p.Store(&actortest.Plain{N: 1})
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_ = p.Load().N
			}
		})
	})
}

// What a view adds to a call.
func BenchmarkCallWithView(b *testing.B) {
	for _, views := range []int{0, 1} {
		b.Run(strconv.Itoa(views), func(b *testing.B) {
			svc := actor.Start(&actortest.Plain{})
			defer actortest.Stop(b, svc)
			for range views {
				actor.NewView(svc, (*actortest.Plain).Value)
			}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = actor.Get(context.Background(), svc, (*actortest.Plain).Value)
			}
		})
	}
}

// Handing a slice over costs the same, however long it is: beside it, what a copy
// of it costs.
func BenchmarkHandOver(b *testing.B) {
	type sink struct{ page []byte }
	for _, size := range []int{64, 64 << 20} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			svc := actor.Start(&sink{})
			defer actortest.Stop(b, svc)
			draft := make([]byte, size)
			back := make(chan []byte)
			round := func() {
				page := actor.Move(&draft)
				_ = svc.Do(func(s *sink) {
					s.page = page
					back <- actor.Move(&s.page)
				})
				draft = <-back
			}
			b.Run("move", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					round()
				}
			})
			b.Run("copy", func(b *testing.B) {
				for b.Loop() {
					draft = append([]byte(nil), draft...)
					round()
				}
			})
		})
	}
}

// What interceptors cost a call: none, one, and three.
func BenchmarkIntercepted(b *testing.B) {
	for _, n := range []int{0, 1, 3} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var opts []actor.Option
			for range n {
				opts = append(opts, actor.WithInterceptor(func(_ actor.Closure, run func() error) error { return run() }))
			}
			svc := actor.Start(&actortest.Plain{}, opts...)
			defer actortest.Stop(b, svc)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = actor.Get(context.Background(), svc, (*actortest.Plain).Value)
			}
		})
	}
}

// What a Do and a call cost that a filter does not want to see, beside one without interceptors
// and one that an interceptor sees.
func BenchmarkFiltered(b *testing.B) {
	pass := func(_ actor.Closure, run func() error) error { return run() }
	for _, row := range []struct {
		name string
		opts []actor.Option
	}{
		{"none", nil},
		{"filtered", []actor.Option{actor.WithFilteredInterceptor(actor.FilteredInterceptor{
			Want: func(ctx context.Context) bool { return ctx.Value(traceKey{}) != nil }, Run: pass,
		})}},
		{"seen", []actor.Option{actor.WithInterceptor(pass)}},
	} {
		svc := actor.Start(&actortest.Plain{}, row.opts...)
		b.Run("do/"+row.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				_ = svc.Do(func(p *actortest.Plain) { p.N++ })
				if n++; n%1024 == 0 { // or the queue would grow
					_, _ = actor.Get(context.Background(), svc, (*actortest.Plain).Value)
				}
			}
		})
		b.Run("call/"+row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = actor.Get(context.Background(), svc, (*actortest.Plain).Value)
			}
		})
		actortest.Stop(b, svc)
	}
}
