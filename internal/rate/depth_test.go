package rate_test

import (
	"slices"
	"testing"

	"github.com/bruskajp/nano_services/internal/rate"
)

func TestDepthIsDueAtEachDoubling(t *testing.T) {
	var d rate.Depth
	var got []int
	grow := func() {
		for n := range 70_000 {
			if d.Due(n) {
				got = append(got, n)
			}
		}
	}
	grow()
	grow() // not again
	d.Emptied()
	grow()
	if want := []int{16384, 32768, 65536, 16384, 32768, 65536}; !slices.Equal(got, want) {
		t.Errorf("due at %v, want %v", got, want)
	}
}

func TestDepthIsMuted(t *testing.T) {
	var d rate.Depth
	if d.Defer() {
		t.Error("a loud one defers")
	}
	d.Mute()
	if d.Unmute() {
		t.Error("nothing was deferred")
	}
	d.Mute()
	if !d.Defer() {
		t.Error("a muted one does not defer")
	}
	d.Defer() // once more, which changes nothing
	if !d.Unmute() || d.Unmute() {
		t.Error("what was deferred is not told, once")
	}
}
