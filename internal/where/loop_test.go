package where_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

var looping = where.Loop{Name: "github.com/bruskajp/nano_services/internal/where_test.loop"}

// loop calls each function, and returns the stacks of their panics. It looks at so many
// frames first.
func loop(first int, fs ...func()) (stacks [][]uintptr) {
	for _, f := range fs {
		func() {
			defer func() {
				if recover() != nil {
					pcs := make([]uintptr, first)
					n := runtime.Callers(2, pcs)
					stacks = append(stacks, looping.StackOf(pcs[:n]))
				}
			}()
			f()
		}()
	}
	return stacks
}

func panics() { panic("help") }

func deep(n int) {
	if n == 0 {
		panics()
	}
	deep(n - 1)
}

// functions returns what a stack names, outermost first.
func functions(pcs []uintptr) (names []string) {
	for line := range strings.Lines(string(where.Stack(pcs))) {
		if !strings.HasPrefix(line, "\t") {
			names = append(names, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(where.Short(line)), "(...)")))
		}
	}
	slices.Reverse(names)
	return names
}

// A stack begins with the panic and ends with the loop, whether that was found in the first
// frames, which it is from the second panic on, or behind them.
func TestL7StackEndsAtTheLoop(t *testing.T) {
	for i, pcs := range loop(8, panics, panics, func() { deep(20) }, panics) {
		names := functions(pcs)
		if len(names) < 3 || names[0] != "where_test.loop" || names[len(names)-1] != "runtime.gopanic" {
			t.Errorf("%d: %q", i, names)
		}
		if !slices.Contains(names, "where_test.panics") {
			t.Errorf("%d: the function that panics is not in %q", i, names)
		}
		if want := []int{0, 0, 21, 0}[i]; count(names, "where_test.deep") != want {
			t.Errorf("%d: not %d times deep in %q", i, want, names)
		}
	}
}

// A stack that does not come to the loop is whole, up to its bound.
func TestL7StackWithoutTheLoop(t *testing.T) {
	var short, long []uintptr
	func() {
		defer func() { _ = recover(); short = looping.Stack() }()
		panics()
	}()
	func() {
		defer func() { _ = recover(); long = looping.Stack() }()
		deep(200)
	}()
	if names := functions(short); !slices.Contains(names, "testing.tRunner") || names[len(names)-1] != "runtime.gopanic" {
		t.Errorf("%q", names)
	}
	if len(long) != 64 {
		t.Errorf("%d frames", len(long))
	}
}

func count(names []string, name string) (n int) {
	for _, s := range names {
		if s == name {
			n++
		}
	}
	return n
}
