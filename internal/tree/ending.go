package tree

import (
	"context"
	"sync/atomic"
)

// Ending is the end of a context. What package context needs for an end is made when a user
// asks for it: most contexts of the library end without that. The zero value is not made. Its
// methods may be called by any goroutine, and wait for nothing.
//
//	ending    event  next    what happens
//	not made  Make   made    the context is that of this Make
//	not made  End    ended   nothing
//	made      Make   made    the context stays, and that of this Make is cancelled
//	made      End    made    the context ends; if it had, it keeps its cause
//	ended     Make   made    the context is that of this Make, and has ended
//	ended     End    ended   nothing: it keeps its cause
//
// Every transition is a compare-and-swap of the word, which publishes what it points to.
type Ending struct{ p atomic.Pointer[end] }

type end struct {
	ctx    context.Context // nil: ended before it was made
	cancel context.CancelCauseFunc
	cause  error // of an end without a context
}

// Cause is why contexts end. It is made once, so that ending a context which is not made
// allocates nothing.
type Cause struct{ end }

// Because returns err as a cause. For a nil err it is context.Canceled.
func Because(err error) *Cause { return &Cause{end{cause: err}} }

// End ends the context, or sees to it that it has ended when it is made.
func (e *Ending) End(why *Cause) {
	if e.p.CompareAndSwap(nil, &why.end) {
		return
	}
	if m := e.p.Load(); m.ctx != nil {
		m.cancel(why.cause)
	}
}

// Made returns the context, or nil if it is not made.
func (e *Ending) Made() context.Context {
	if m := e.p.Load(); m != nil {
		return m.ctx
	}
	return nil
}

// Make makes ctx the context, which cancel ends, and returns the context: another one if
// another goroutine was faster.
func (e *Ending) Make(ctx context.Context, cancel context.CancelCauseFunc) context.Context {
	m := &end{ctx: ctx, cancel: cancel}
	for {
		was := e.p.Load()
		if was != nil && was.ctx != nil {
			cancel(nil)
			return was.ctx
		}
		if was != nil {
			cancel(was.cause)
		}
		if e.p.CompareAndSwap(was, m) {
			return ctx
		}
	}
}

// With returns the context. If it is not made yet, With makes one that has the values of
// another context, and ends by End only.
func (e *Ending) With(values context.Context) context.Context {
	if ctx := e.Made(); ctx != nil {
		return ctx
	}
	return e.Make(context.WithCancelCause(context.WithoutCancel(values)))
}
