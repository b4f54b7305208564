package where_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

const loopName = "github.com/bruskajp/nano_services/internal/where_test.loop"

// caught is the stack of a panic as a Loop has it, and as the runtime finds it.
type caught struct{ pcs, want []uintptr }

// loop calls f, as package actor's does. It is called by a goroutine that may be ended.
func loop(l *where.Loop, f func(), stacks *[]caught) {
	returned := false
	defer func() {
		if !returned {
			var pcs [64]uintptr
			n := runtime.Callers(1, pcs[:])
			if i := slices.IndexFunc(pcs[:n], isLoop); i >= 0 {
				n = i + 1
			}
			*stacks = append(*stacks, caught{l.Caught(), pcs[:n]})
			_ = recover()
		}
	}()
	f()
	returned = true
}

func isLoop(pc uintptr) bool { return runtime.FuncForPC(pc-1).Name() == loopName }

// stackOf returns the stack of the end of f.
func stackOf(l *where.Loop, f func()) caught {
	var stacks []caught
	over := make(chan struct{})
	go func() {
		defer close(over)
		loop(l, f, &stacks)
	}()
	<-over
	return stacks[0]
}

// A stack has the frames that runtime.Callers gives, from the panic to the loop, whatever has
// panicked, and whether the runtime has walked it now or before.
func TestL7StackIsTheRuntimes(t *testing.T) {
	l := &where.Loop{Name: loopName}
	for round := range 2 {
		for _, kind := range crashes() {
			var first *uintptr
			for again := range 3 {
				c := stackOf(l, kind.f)
				if got, want := string(where.Stack(c.pcs)), string(where.Stack(c.want)); got != want {
					t.Errorf("%s, in round %d:\n%s\nand not\n%s", kind.name, round, got, want)
				}
				if !slices.Equal(c.pcs[1:], c.want[1:]) { // both are called by the deferred function, in two lines
					t.Errorf("%s, in round %d: %x, and not %x", kind.name, round, c.pcs, c.want)
				}
				if again == 0 { // others may have taken its place meanwhile
					first = &c.pcs[0]
				} else if kind.once && first != &c.pcs[0] {
					t.Errorf("%s, in round %d: the runtime has walked it again", kind.name, round)
				}
			}
		}
	}
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

// A stack begins with the panic and ends with the loop.
func TestL7StackEndsAtTheLoop(t *testing.T) {
	l := &where.Loop{Name: loopName}
	for i, f := range []func(){panics, panics, func() { deep(10) }, func() { deep(40) }, panics} {
		names := functions(stackOf(l, f).pcs)
		if len(names) < 3 || names[0] != "where_test.loop" || names[len(names)-1] != "runtime.gopanic" {
			t.Errorf("%d: %q", i, names)
		}
		if !slices.Contains(names, "where_test.panics") {
			t.Errorf("%d: the function that panics is not in %q", i, names)
		}
		if want := []int{0, 0, 11, 41, 0}[i]; count(names, "where_test.deep") != want {
			t.Errorf("%d: not %d times deep in %q", i, want, names)
		}
	}
}

// A stack that does not come to the loop is whole, up to its bound.
func TestL7StackWithoutTheLoop(t *testing.T) {
	l := &where.Loop{Name: loopName}
	var short, long []uintptr
	func() {
		defer func() { _ = recover(); short = l.Stack() }()
		panics()
	}()
	func() {
		defer func() { _ = recover(); long = l.Caught() }()
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
