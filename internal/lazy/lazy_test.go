package lazy_test

import (
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/internal/lazy"
)

// All who ask, at once too, get the same T.
func TestValueIsMadeOnce(t *testing.T) {
	for range 100 {
		var v lazy.Value[int]
		if v.Made() != nil {
			t.Fatal("made before it was needed")
		}
		var got [4]*int
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() { got[i] = v.Get() })
		}
		all.Wait()
		for _, p := range got {
			if p == nil || p != v.Made() {
				t.Fatalf("%p, and %p", p, v.Made())
			}
		}
		if v.Preset(new(int)) || v.Get() != got[0] {
			t.Fatal("replaced")
		}
	}
}

func TestValueThatWasPreset(t *testing.T) {
	var v lazy.Value[int]
	preset := new(int)
	if !v.Preset(preset) || v.Made() != preset || v.Get() != preset {
		t.Error("not what was preset")
	}
}

func TestValueThatIsThereAllocatesNothing(t *testing.T) {
	var v lazy.Value[[64]int]
	v.Get()
	if n := testing.AllocsPerRun(100, func() { v.Get() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
