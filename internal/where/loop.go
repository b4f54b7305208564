package where

import (
	"runtime"
	"slices"
	"sync/atomic"
)

// A Loop is a function that calls others, one after the other. Of the stack of a panic in
// one of these everything from the loop outwards is the same each time, and tells nothing.
//
// A stack is kept as addresses, because as text it would make a restart five times as slow;
// and to walk it takes some 100 ns for each frame, which is the longest part of a restart
// all the same. So the loop looks at a few frames first, which are all of most panics, and
// finds in them the addresses from where it calls: the stacks of the first panics have
// shown them. Its methods may be called by any goroutine.
type Loop struct {
	Name string // of the function, as Go spells it; immutable

	sites [2]atomic.Uintptr // return addresses of its calls; 0: not yet known
}

// Stack returns the stack of a panic, deepest call first and at most 64 of them, up to the
// loop if that is part of it. It is called by a deferred function.
func (l *Loop) Stack() []uintptr { return l.inner(3) }

// StackOf is Stack of a panic of which first are the first frames. It is called by the
// loop's deferred function, while the stack is still there.
func (l *Loop) StackOf(first []uintptr) []uintptr {
	if i := slices.IndexFunc(first, l.calls); i >= 0 {
		return slices.Clone(first[:i+1])
	}
	stack := l.inner(3)
	if n := len(stack); n > 0 && l.is(stack[n-1]) {
		l.learn(stack[n-1])
	}
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

func (l *Loop) learn(pc uintptr) {
	for i := range l.sites {
		if l.sites[i].CompareAndSwap(0, pc) || l.sites[i].Load() == pc {
			return
		}
	}
}
