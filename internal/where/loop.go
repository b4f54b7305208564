package where

import (
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/goid"
)

// A Loop is a function that calls others, one after the other. In the stack of a panic in one of
// these, everything from the loop outwards is the same each time, and tells nothing.
//
// A stack is kept as addresses, because text would make a restart five times as slow. A walk of
// it by the runtime, of 80 ns and 25 for each frame, would still be the longest part of a
// restart. So the loop follows the frame pointers, in 1 ns each (see goid.Callers), and has the
// runtime walk a stack of these addresses once only. That gives exactly what the runtime finds:
// what the compiler has inlined, and not what it has added. Its methods may be called by any
// goroutine.
type Loop struct {
	Name string // of the function, as Go spells it; immutable

	sites [2]atomic.Uintptr              // return addresses of its calls; 0: not yet known
	walks [maxWalks]atomic.Pointer[walk] // by their addresses; the latest of those with one index
}

// walk is what the runtime has found where these addresses are on the stack. It is immutable.
type walk struct {
	seen  []uintptr // along the frame pointers, from the loop's deferred function to the loop
	stack []uintptr // nil: what was seen does not tell it
}

const (
	maxWalks = 64
	// maxSeen is enough for what calls a closure, which is up to eight functions with the
	// panic, and as many of the closure's.
	maxSeen = 16
)

// Stack returns the stack of a panic, deepest call first and at most 64 of them, up to the
// loop if that is part of it. It is called by a deferred function.
func (l *Loop) Stack() []uintptr { return l.inner(3) }

// Caught is Stack for the loop's own deferred function. Others have the same slice: it is not
// to be written to.
//
//go:noinline
func (l *Loop) Caught() []uintptr {
	var addresses [maxSeen]uintptr
	seen := addresses[:goid.Callers(&addresses[0], maxSeen)]
	if i := slices.IndexFunc(seen, l.calls); i >= 0 {
		seen = seen[:i+1]
		if w := l.walks[index(seen)].Load(); w != nil && slices.Equal(w.seen, seen) {
			if w.stack != nil {
				return w.stack
			}
			return l.inner(3)
		}
	}
	stack := l.inner(3)
	l.learn(seen, stack)
	return stack
}

// inner returns the stack up to the loop, without the first frames: 1 is that of inner.
func (l *Loop) inner(skip int) []uintptr {
	var pcs [maxStack]uintptr
	n := runtime.Callers(skip, pcs[:])
	if i := slices.IndexFunc(pcs[:n], l.is); i >= 0 {
		n = i + 1
	}
	return slices.Clone(pcs[:n])
}

// calls reports whether the loop is known to call from there.
func (l *Loop) calls(pc uintptr) bool {
	return pc == l.sites[0].Load() || pc == l.sites[1].Load()
}

// is reports whether an address is the loop's.
func (l *Loop) is(pc uintptr) bool {
	f := runtime.FuncForPC(pc - 1)
	return f != nil && f.Name() == l.Name
}

// learn keeps what a walk has found, if the walk came to the loop and the loop is in seen.
func (l *Loop) learn(seen, stack []uintptr) {
	if len(stack) == 0 || !l.is(stack[len(stack)-1]) {
		return
	}
	loop := stack[len(stack)-1]
	i := slices.Index(seen, loop)
	if i < 0 { // it is deeper
		return
	}
	for s := range l.sites {
		if l.sites[s].CompareAndSwap(0, loop) || l.sites[s].Load() == loop {
			break
		}
	}
	w := &walk{seen: slices.Clone(seen[:i+1])}
	if tell(w.seen, stack) {
		w.stack = stack
	}
	l.walks[index(w.seen)].Store(w)
}

// tell reports whether what was seen along the frame pointers tells the whole stack: each of its
// functions was seen with its address. A leaf in which the machine has stopped the program, as
// for a nil pointer, has no frame: then the address in its caller, which the stack has, was not
// seen. A function that was inlined is told by the one it is in.
func tell(seen, stack []uintptr) bool {
	for i, pc := range stack {
		j := slices.IndexFunc(seen, func(at uintptr) bool {
			return at == pc || at == pc-1 // where the machine has stopped it, which is no return address
		})
		switch {
		case j >= 0:
			seen = seen[j+1:]
		case i == 0 || entry(pc) != entry(stack[i-1]):
			return false
		}
	}
	return true
}

// entry returns where the function begins that has the call with that return address, or that the
// call was inlined into.
func entry(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc - 1); f != nil {
		return f.Entry()
	}
	return pc // it is not Go's
}

// index spreads stacks over walks.
func index(seen []uintptr) (i uintptr) {
	for _, pc := range seen {
		i = (i ^ pc) * 0x9E3779B1 // 2^32 divided by the golden ratio
	}
	return i >> 16 % maxWalks
}
