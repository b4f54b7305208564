package instrument

import (
	"slices"
	"sync"
	"testing"
)

// Each collection gets what comes after it has begun, as much as it wants, whatever others go
// on beside it.
func TestRecordCollections(t *testing.T) {
	var cs Collections[string]
	var told []bool
	number := uint64(0)
	begin := func(n int) *Collection[string] {
		return cs.Begin(n, func(on bool) { told = append(told, on) }, func() uint64 { return number })
	}
	add := func(e string) { number++; cs.Add(number, e) }
	got := func(c *Collection[string], over bool, want ...string) {
		t.Helper()
		is := false
		select {
		case <-c.Done():
			is = true
		default:
		}
		if g := c.Got(); !slices.Equal(g, want) || is != over {
			t.Errorf("%q, over: %t; want %q", g, is, want)
		}
	}
	add("a") // for none
	two, one, five := begin(2), begin(1), begin(5)
	cs.Add(number, "a late one")
	got(two, false)
	add("b")
	got(two, false, "b")
	got(one, true, "b")
	add("c")
	late := begin(1)
	add("d")
	got(two, true, "b", "c")
	got(late, true, "d")
	got(five, false, "b", "c", "d")
	if n := cs.Going(); n != 1 {
		t.Errorf("%d go on", n)
	}
	if two.End() || !five.End() || five.End() {
		t.Error("End of one that is over, or not of one that goes on")
	}
	add("e")
	got(five, true, "b", "c", "d")
	again := begin(1)
	add("f")
	got(again, true, "f")
	if want := []bool{true, false, true, false}; !slices.Equal(told, want) {
		t.Errorf("told %v: want %v", told, want)
	}
}

// What is ended while more comes has what came until then, without a gap.
func TestRecordCollectionsMeanwhile(t *testing.T) {
	var cs Collections[uint64]
	var wg sync.WaitGroup
	var mu sync.Mutex
	number := uint64(0)
	latest := func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		return number
	}
	for range 4 {
		wg.Go(func() {
			for n := range 100 {
				c := cs.Begin(n%7+1, func(bool) {}, latest)
				if n%3 == 0 {
					c.End()
				}
				<-c.Done()
				g := c.Got()
				for i := range g {
					if g[i] != g[0]+uint64(i) {
						t.Errorf("a gap in %v", g)
					}
				}
				if n%3 != 0 && len(g) != n%7+1 {
					t.Errorf("%d of %d", len(g), n%7+1)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	for {
		select {
		case <-over:
			if n := cs.Going(); n != 0 {
				t.Errorf("%d go on", n)
			}
			return
		default:
			mu.Lock()
			number++
			n := number
			mu.Unlock()
			cs.Add(n, n)
		}
	}
}
