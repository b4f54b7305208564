package where_test

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"sync"
)

// crash is a way in which a closure ends its goroutine.
type crash struct {
	name string
	f    func()
	once bool // the runtime walks it once: what is seen along the frame pointers tells it, on all machines
}

var (
	errCrash = errors.New("crash")
	nothing  *int
	zero     int
	numbers  []int
	unmade   map[int]int
	anything any = "text"
)

// crashes are all kinds of them.
func crashes() []crash {
	return []crash{
		{"a panic in a leaf", panics, true},
		{"a panic in an inlined function", func() { inlined(0) }, true},
		{"two inlined into another", func() { inlinedTwice(0) }, true},
		{"an inlined function behind another", func() { called(func() { inlined(1) }) }, true},
		{"a nil pointer", func() { called(func() { *nothing = len(slices.Repeat(numbers, 2)) }) }, true},
		{"a nil pointer in an inlined function", func() { called(func() { increases(nothing) }) }, false},
		{"a nil pointer in a leaf", reading(true), false},
		{"a nil pointer in a leaf, from elsewhere", reading(false), false},
		{"a nil function", func() { var f func(); called(f) }, true},
		{"a nil map", func() { unmade[1] = 1 }, true},
		{"an index out of range", func() { called(func() { numbers[3]++ }) }, true},
		{"a division by zero", func() { zero = 1 / zero }, true},
		{"a wrong type", func() { zero = anything.(int) }, true},
		{"nil", func() { panic(nil) }, true},
		{"runtime.Goexit", runtime.Goexit, true},
		{"runtime.Goexit, deeper", func() { called(func() { called(runtime.Goexit) }) }, true},
		{"a deferred call", func() { defer panics() }, true},
		{"a deferred call of a panic", func() { defer panics(); called(func() { panic("first") }) }, true},
		{"deferred calls in a loop", func() {
			for range 3 {
				defer called(panics)
			}
		}, true},
		{"a panic again", func() { defer func() { panic(recover()) }(); panics() }, true},
		{"a panic after one that was recovered", func() { recovers(); panics() }, true},
		{"a panic instead of runtime.Goexit", func() { defer panics(); runtime.Goexit() }, true},
		{"runtime.Goexit instead of a panic", func() { defer runtime.Goexit(); panics() }, true},
		{"a closure", func() { called(func() { called(func() { panic(errCrash) }) }) }, true},
		{"a method", func() { new(crasher).crash() }, true},
		{"a method value", new(crasher).crash, true},
		{"a method of what is embedded", embedding{new(crasher)}.crash, true},
		{"a method of an interface", func() { interface{ crash() }(embedding{new(crasher)}).crash() }, true},
		{"a method of nil", func() { interface{ inlined() }((*crasher)(nil)).inlined() }, true},
		{"a generic function", func() { generic("help") }, true},
		{"a generic function as a value", func() { f := generic[int]; called(func() { f(1) }) }, true},
		{"reflection", func() { reflect.ValueOf(panics).Call(nil) }, true},
		{"a sync.OnceFunc", func() { sync.OnceFunc(panics)() }, true},
		{"a sort", func() { slices.SortFunc([]int{2, 1}, func(int, int) int { panic(errCrash) }) }, true},
		{"a recursion in one line", func() { again(numbers) }, true},
		{"another depth of it", func() { again(make([]int, 4)) }, true},
		{"a stack that grows", func() { grows([4096]byte{}) }, true},
		{"a deep stack", func() { deep(40) }, false},
		{"a very deep stack", func() { deep(200) }, false},
	}
}

//go:noinline
func panics() { panic(errCrash) }

func inlined(n int) {
	if n <= 1 {
		panic(errCrash)
	}
}

func inlinedTwice(n int) { inlined(n) }

//go:noinline
func called(f func()) { f() }

func increases(n *int) { *n++ }

// reading returns a crash, of one piece of code, that is seen the same along the frame pointers, whatever here is.
//
//go:noinline
func reading(here bool) func() { return func() { reads(here, nothing) } }

//go:noinline
func reads(here bool, n *int) {
	if here {
		zero = leaf(n)
	} else {
		zero = leaf(n)
	}
}

// leaf has no frame, with the race detector neither.
//
//go:noinline
//go:norace
func leaf(n *int) int { return *n }

func recovers() {
	defer func() { _ = recover() }()
	panics()
}

type crasher struct{ _ int }

//go:noinline
func (*crasher) crash() { panic(errCrash) }

func (crasher) inlined() { panic(errCrash) }

type embedding struct{ *crasher }

//go:noinline
func generic[T any](v T) { panic(v) }

//go:noinline
func again(s []int) int {
	if zero > 0 { // never: it ends with the slice
		return zero
	}
	return s[0] + again(s[1:])
}

//go:noinline
func grows(b [4096]byte) {
	if zero = int(b[len(numbers)]); zero == 0 {
		panics()
	}
}

//go:noinline
func deep(n int) {
	if n == 0 {
		panics()
	}
	deep(n - 1)
}
