package actor

import (
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
)

// The stack of a panic is kept as addresses, because as text it would make a restart
// five times as slow; and to walk it takes some 100 ns for each frame, which is the
// longest part of a restart all the same. Of a closure's stack everything from loop
// outwards is the library's, and tells nothing. So loop looks at the first few frames
// first, which are all of most panics: gopanic, the function that panics, what calls it
// for the queue, which is one function, or two for a call, around.run, and loop.
const (
	shallow     = 5
	shallowCall = 6
	deepStack   = 64
)

// firstFrames returns how many frames are looked at first when j has panicked.
func firstFrames(j job) int {
	if _, ok := j.(call); ok {
		return shallowCall
	}
	return shallow
}

// loopSites are the return addresses of loop's two calls of a closure, which the stacks
// of the first panics show: one without anything around closures, and one with.
var loopSites [2]atomic.Uintptr

// loopStack returns the stack of a panic in a closure, of which first are the first
// frames, up to loop. It is called by loop's deferred function, while the stack is
// still there.
func loopStack(first []uintptr) []uintptr {
	if i := slices.IndexFunc(first, isLoopSite); i >= 0 {
		return slices.Clone(first[:i+1])
	}
	return deepest(3, true)
}

// panicStack returns the stack of any other panic. It is called by a deferred function.
func panicStack() []uintptr { return deepest(3, false) }

// deepest returns the stack up to loop, if loop is part of it, deepest call first and
// without the first frames: 1 is that of deepest. It learns where loop calls closures.
func deepest(skip int, learns bool) []uintptr {
	var pcs [deepStack]uintptr
	n := runtime.Callers(skip, pcs[:])
	for i, pc := range pcs[:n] {
		if isLoop(pc) {
			if learns {
				learn(pc)
			}
			return slices.Clone(pcs[:i+1])
		}
	}
	return slices.Clone(pcs[:n])
}

func isLoopSite(pc uintptr) bool {
	return pc == loopSites[0].Load() || pc == loopSites[1].Load()
}

func isLoop(pc uintptr) bool {
	f := runtime.FuncForPC(pc - 1)
	return f != nil && f.Entry() == reflect.ValueOf((*core).loop).Pointer()
}

func learn(pc uintptr) {
	for i := range loopSites {
		if loopSites[i].CompareAndSwap(0, pc) || loopSites[i].Load() == pc {
			return
		}
	}
}
