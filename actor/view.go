package actor

import (
	"slices"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// View is what can be seen of a service without asking it: a snapshot that the
// service renews as it goes on, and that any number of goroutines read without
// waiting for it. It is made by NewView or NewBurstView and must not be copied.
type View[S any] struct {
	// Written by the goroutine that serves, which renews it, by compare-and-swap; read
	// by any goroutine. nil: none yet. What it points to is immutable.
	latest atomic.Pointer[snapshot[S]]

	// Immutable.
	c     *core
	see   func(state any) S
	where where.Place
	burst bool
}

type snapshot[S any] struct {
	state   S
	version uint64
}

// NewView makes a view of a service. f makes a snapshot of the service's value, on the
// service's goroutine. It is called when an incarnation begins, before a supervisor takes
// the service to be up, and after each closure, before its caller is answered: a caller
// that has its answer finds in the view what the call did. On a service that is running
// already, f is called soon, without waiting for a closure.
//
// Other goroutines read the snapshot while the service goes on: what f returns by reference
// (a pointer, slice or map) is a copy, or never changed again. f delays the closures that
// follow; if it is not quick, use NewBurstView. A panic in f is the service's crash.
//
// The view lasts as long as the service, or until Close. A view of a stopped service shows
// nothing. NewView does not block. A nil f panics, and so does a Router (a pool is one): make
// views of its services one by one.
func NewView[T, S any](svc Ref[T], f func(*T) S) *View[S] {
	misuse.Unless(f != nil, "actor: NewView of a nil function")
	return newView(svc, f, false)
}

// NewBurstView is NewView for a function that is too slow to be called after each
// closure: it is called when no closure waits any more, and after 1024 in a row. The
// caller of a call may be answered before the view shows what the call did.
func NewBurstView[T, S any](svc Ref[T], f func(*T) S) *View[S] {
	misuse.Unless(f != nil, "actor: NewBurstView of a nil function")
	return newView(svc, f, true)
}

func newView[T, S any](ref Ref[T], f func(*T) S, burst bool) *View[S] {
	if _, ok := ref.(router[T]); ok {
		panic("actor: NewView of a Router: its services are viewed one by one")
	}
	svc, _ := serviceOf(ref)
	svc.made()
	see := func(state any) S { return f(state.(*T)) }
	v := &View[S]{c: &svc.core, see: see, where: where.Entry(f), burst: burst}
	v.c.changeAround(func(a *around) { a.views = append(a.views, v) })
	v.c.mu.Lock()
	defer v.c.mu.Unlock()
	if v.c.in.Load() != nil { // else an incarnation to come begins with it
		v.c.request(v)
	}
	return v
}

// Load returns the latest snapshot. Until the next incarnation has begun, that is the last
// one of the incarnation before, also if that crashed or the service has ended. Before the
// first snapshot Load returns the zero value. It takes no lock and never blocks, and costs
// an atomic load and a copy of S.
func (v *View[S]) Load() S {
	s, _ := v.Latest()
	return s
}

// Latest is Load with the version of the snapshot, which grows by one with each: 1
// for the first, and 0 if there was none yet. A reader that finds the version which
// it saw the last time has missed nothing.
func (v *View[S]) Latest() (s S, version uint64) {
	misuse.Unless(v != nil, "actor: Load of a nil View")
	if p := v.latest.Load(); p != nil {
		return p.state, p.version
	}
	return s, 0
}

// Close ends the view: from the next closure on it is not renewed, and costs the
// service nothing any more. It goes on showing the last snapshot. A view need not
// be closed before its service ends. Close does not block, and may be called more
// than once.
func (v *View[S]) Close() {
	misuse.Unless(v != nil && v.c != nil, "actor: a View is made by NewView or NewBurstView")
	v.c.changeAround(func(a *around) {
		a.views = slices.DeleteFunc(a.views, func(w viewer) bool { return w == viewer(v) })
	})
}

func (v *View[S]) atBurst() bool { return v.burst }

// renew makes a snapshot and publishes it, unless the incarnation was cut off: it must not
// replace a snapshot of the next one. lost is set before the next one begins. So if lost is
// found unset, latest was loaded before that, and the swap succeeds only if nothing has been
// published in between.
func (v *View[S]) renew(in *incarnation) {
	in.userFunc.Store(v.where.PC)
	next := &snapshot[S]{state: v.see(in.state)}
	in.userFunc.Store(0)
	for {
		old := v.latest.Load()
		if in.lost.Load() {
			return
		}
		next.version = 1
		if old != nil {
			next.version = old.version + 1
		}
		if v.latest.CompareAndSwap(old, next) {
			return
		}
	}
}

// serve makes a View a request: to renew it, unless that was done when the incarnation began.
func (v *View[S]) serve(in *incarnation) (done bool) {
	if a := in.c.around.Load(); a != nil && v.latest.Load() == nil && slices.Contains(a.views, viewer(v)) {
		in.beside(func() { v.renew(in) })
	}
	return true
}

func (v *View[S]) vacated(State) (kept bool) { return false }

func (v *View[S]) gone() bool { return false }
