package workloads

import (
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// sizes are how many operations are enough for a test, by the beginning of the
// workload's name; the longest one that fits counts.
var sizes = map[string]int{
	"":              500,
	"tell":          3000,
	"ring":          1234,
	"spawn":         30,
	"restart":       10,
	"busy/http":     10,
	"footprint":     100,
	"served":        100,
	"supervised":    30,
	"scale/bounded": 100, // milliseconds
}

func size(name string) int {
	longest := ""
	for prefix := range sizes {
		if strings.HasPrefix(name, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	return sizes[longest]
}

// TestEachSystemDoesItsWork runs everything, as small as it goes: what a run returns is
// whether all of the work was done.
func TestEachSystemDoesItsWork(t *testing.T) {
	for _, w := range All() {
		// The race detector ends a process with more than 8128 goroutines.
		if raceDetector && strings.HasPrefix(w.Name, "scale/") && strings.HasSuffix(w.Name, "k") {
			continue
		}
		for _, s := range systems.All() {
			if !w.Has(s) {
				continue
			}
			t.Run(w.Name+"/"+s.Name, func(t *testing.T) {
				var m Meter
				if err := w.Run(&m, s, size(w.Name)); err != nil {
					t.Fatal(err)
				}
				if m.Elapsed <= 0 {
					t.Error("it took no time")
				}
				for _, f := range w.Figures {
					if v, ok := m.Figures[f.Title]; v <= 0 && (ok || !strings.HasSuffix(f.Title, "/rss")) && f.Unit == Nanoseconds {
						t.Errorf("%s is %v", f.Title, v)
					}
				}
			})
		}
	}
}

func TestNames(t *testing.T) {
	seen := make(map[string]bool)
	for _, w := range All() {
		if w.Name == "" || w.About == "" || w.Has == nil || w.Run == nil {
			t.Errorf("%+v is not complete", w)
		}
		// What has several figures, or needs a process of its own, is not cut into slices.
		if whole := w.Alone || len(w.Figures) > 0; whole == w.Sliced() || whole != (w.Rounds > 0) || w.Sliced() && w.Quick > 0 {
			t.Errorf("%s: Alone is %t, with %d figures, and it has %d operations in %d rounds",
				w.Name, w.Alone, len(w.Figures), w.Ops, w.Rounds)
		}
		for _, title := range w.Titles() {
			if seen[title] {
				t.Errorf("%s is there twice", title)
			}
			seen[title] = true
		}
	}
	for _, fixed := range strings.Fields(`tell/1 tell/8 tell/64 tell/1-capture call/1 call/64-1 call/64-64
		ring/1000 spawn restart pool/tell pool/key pool/call topic/1 topic/100 tail/p50 tail/p99 tail/p99.9 footprint/100k footprint/1M`) {
		if !seen[fixed] {
			t.Errorf("there is no %s", fixed)
		}
	}
	for _, w := range All() {
		if w.Name == "tell/1" && w.Has(&systems.System{}) {
			t.Error("a system without services is told something")
		}
	}
}

// TestAsked compares the arithmetic of who is asked how often with what happens.
func TestAsked(t *testing.T) {
	for _, c := range []struct{ callers, services, ops int }{
		{1, 1, 5}, {1, 10, 25}, {3, 3, 10}, {64, 64, 500}, {5, 3, 7}, {2, 7, 100}, {4, 4, 0},
	} {
		counts := make([]int, c.services)
		for i := range c.callers {
			part := c.ops / c.callers
			if i < c.ops%c.callers {
				part++
			}
			for k := range part {
				counts[(i+k)%c.services]++
			}
		}
		for i, want := range counts {
			if got := asked(i, c.callers, c.services, c.ops); got != want {
				t.Errorf("%+v: service %d is asked %d times, and not %d", c, i, got, want)
			}
		}
	}
}
