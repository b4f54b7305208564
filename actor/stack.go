package actor

import (
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
)

// The stack of a panic is kept as addresses, because as text it would make a restart
// five times as slow; and to walk it takes some 60 ns for each frame, which is the
// longest part of a restart all the same. Of a closure's stack everything from loop
// outwards is the library's, and tells nothing. So the first few frames are looked at
// first, and most panics are no deeper.
const (
	shallow   = 6
	deepStack = 64
)

// loopSites are the return addresses of loop's calls of a closure, which the stacks of
// the first panics show: one without anything around closures, and one with, and of its
// call of lookAround.
var loopSites [3]atomic.Uintptr

// panicStack is called by a deferred function, while the stack of the panic is still
// there. It returns that from its caller on, deepest call first, up to loop.
func panicStack() []uintptr {
	const skip = 2 // Callers and panicStack
	var pcs [deepStack]uintptr
	if loopSites[0].Load() != 0 {
		n := runtime.Callers(skip, pcs[:shallow])
		if i := slices.IndexFunc(pcs[:n], isLoopSite); i >= 0 {
			return slices.Clone(pcs[:i+1])
		}
	}
	n := runtime.Callers(skip, pcs[:])
	for i, pc := range pcs[:n] {
		if isLoop(pc) {
			learn(pc)
			return slices.Clone(pcs[:i+1])
		}
	}
	return slices.Clone(pcs[:n])
}

func isLoopSite(pc uintptr) bool {
	return pc == loopSites[0].Load() || pc == loopSites[1].Load() || pc == loopSites[2].Load()
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
