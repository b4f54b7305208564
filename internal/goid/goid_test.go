package goid

import (
	"runtime"
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

// Goroutines come and go while others look for their own: tables are replaced by
// larger and by smaller ones under them.
func TestEachFindsItsOwnWhileOthersComeAndGo(t *testing.T) {
	var r Registry[int]
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range 2000 {
		wg.Go(func() {
			<-begin
			for range 3 {
				v := i
				before := r.Enter(&v)
				for range 20 {
					if r.Current() != &v {
						t.Errorf("goroutine %d found %v", i, r.Current())
					}
					runtime.Gosched()
				}
				r.Leave(before)
				if r.Current() != nil {
					t.Errorf("goroutine %d found something after Leave", i)
				}
			}
		})
	}
	close(begin)
	wg.Wait()
	for i := range r.parts {
		if p := &r.parts[i]; p.live != 0 || p.table.Load() != nil && len(p.table.Load().entries) > least {
			t.Errorf("part %d: %d live, %d entries", i, p.live, len(p.table.Load().entries))
		}
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
