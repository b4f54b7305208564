package rate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/rate"
)

// page is where records are written: what, of how many, and when.
type page struct {
	begun   time.Time
	mu      sync.Mutex
	records []string
}

func (p *page) WriteHeld(latest string, number uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.records = append(p.records, fmt.Sprint(latest, "×", number, " at ", time.Since(p.begun)))
}

func (p *page) add(l *rate.Log[string], what string) {
	if n, due := l.Add(what, time.Now(), time.Second, p); due {
		p.WriteHeld(what, n)
	}
}

// What is written of what happens when, in milliseconds; "flush" is Flush.
func TestCrashLogIsItsTable(t *testing.T) {
	type step struct {
		at   int
		what string
	}
	for _, row := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"one", []step{{0, "a"}}, []string{"a×1 at 0s"}},
		{"now and then", []step{{0, "a"}, {1000, "b"}}, []string{"a×1 at 0s", "b×1 at 1s"}},
		{"one behind the other", []step{{0, "a"}, {1, "b"}, {900, "c"}}, []string{"a×1 at 0s", "c×2 at 1s"}},
		{"and on", []step{{0, "a"}, {1, "b"}, {1500, "c"}, {2500, "d"}}, []string{"a×1 at 0s", "b×1 at 1s", "c×1 at 2s", "d×1 at 3s"}},
		{"flushed", []step{{0, "a"}, {1, "b"}, {2, "c"}, {500, "flush"}, {501, "flush"}, {700, "d"}},
			[]string{"a×1 at 0s", "c×2 at 500ms", "d×1 at 1.5s"}},
		{"nothing to flush", []step{{0, "flush"}, {1, "a"}, {2, "flush"}}, []string{"a×1 at 1ms"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l rate.Log[string]
				p := &page{begun: time.Now()}
				for _, s := range row.steps {
					time.Sleep(time.Until(p.begun.Add(time.Duration(s.at) * time.Millisecond)))
					synctest.Wait()
					if s.what != "flush" {
						p.add(&l, s.what)
					} else if latest, n := l.Flush(); n > 0 {
						p.WriteHeld(latest, n)
					}
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				p.mu.Lock()
				defer p.mu.Unlock()
				if !slices.Equal(p.records, row.want) {
					t.Errorf("%q, want %q", p.records, row.want)
				}
			})
		})
	}
}

// total counts what was written, and at most once in a while.
type total struct {
	t     *testing.T
	mu    sync.Mutex
	sum   uint64
	last  time.Time
	early bool // one may come before the while is over
}

func (c *total) WriteHeld(_ int, number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.early && !c.last.IsZero() && time.Since(c.last) < time.Second {
		c.t.Errorf("%v after the one before", time.Since(c.last))
	}
	c.sum, c.last, c.early = c.sum+number, time.Now(), false
}

// flushed writes a record that may come before the while is over.
func (c *total) flushed(latest int, number uint64) {
	c.mu.Lock()
	c.early = true
	c.mu.Unlock()
	c.WriteHeld(latest, number)
}

// Whatever happens when, each one is in one record, and one record comes in a while.
func TestCrashLogLosesNothing(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			var l rate.Log[int]
			c := &total{t: t}
			for i := range 100 {
				if n, due := l.Add(i, time.Now(), time.Second, c); due {
					c.WriteHeld(i, n)
				}
				if rng.IntN(10) == 0 {
					if latest, n := l.Flush(); n > 0 {
						c.flushed(latest, n)
					}
				}
				time.Sleep(time.Duration(rng.IntN(600)) * time.Millisecond)
				synctest.Wait()
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			c.mu.Lock()
			defer c.mu.Unlock()
			if latest, count := l.Latest(); c.sum != 100 || latest != 99 || count != 100 {
				t.Errorf("seed %d: %d are in records, and the latest is %d of %d", seed, c.sum, latest, count)
			}
		})
	}
}
