package goid

import (
	"sync"
	"testing"
)

func TestCurrentIsTheGoroutinesOwn(t *testing.T) {
	var r Registry[int]
	if r.Current() != nil {
		t.Fatal("a value without Enter")
	}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			defer r.Leave(r.Enter(&i))
			if got := r.Current(); got != &i {
				t.Errorf("goroutine %d found %v", i, got)
			}
			child := make(chan *int)
			go func() { child <- r.Current() }()
			if got := <-child; got != nil {
				t.Errorf("a goroutine inherited %v", *got)
			}
		})
	}
	wg.Wait()
}

func TestLeavePutsBack(t *testing.T) {
	var r Registry[string]
	outer, inner := "outer", "inner"
	before := r.Enter(&outer)
	func() {
		defer r.Leave(r.Enter(&inner))
		if r.Current() != &inner {
			t.Error("inner not found")
		}
	}()
	if r.Current() != &outer {
		t.Error("outer not put back")
	}
	r.Leave(before)
	if r.Current() != nil {
		t.Error("still there after Leave")
	}
}

func TestCurrentSurvivesStackGrowth(t *testing.T) {
	var r Registry[int]
	v := 1
	defer r.Leave(r.Enter(&v))
	var grow func(n int) int
	grow = func(n int) int {
		var pad [1024]byte
		if n == 0 {
			return int(pad[0])
		}
		return grow(n-1) + int(pad[n%len(pad)])
	}
	grow(1000)
	if r.Current() != &v {
		t.Error("lost after the stack moved")
	}
}

func BenchmarkCurrent(b *testing.B) {
	var r Registry[int]
	v := 1
	defer r.Leave(r.Enter(&v))
	for b.Loop() {
		r.Current()
	}
}

func BenchmarkEnterLeave(b *testing.B) {
	var r Registry[int]
	v := 1
	for b.Loop() {
		r.Leave(r.Enter(&v))
	}
}
