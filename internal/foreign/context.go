package foreign

import (
	"context"
	"sync/atomic"
)

// ErrOf returns what ctx says of its end, kept: nil if it has not ended.
func ErrOf(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return Keep(err)
	}
	return nil
}

// Why returns why ctx has ended, whose Done channel is closed: context.Canceled if it does
// not say, so that what ended with it is never taken for a success. As ErrOf, it is called by
// who has brought ctx.
func Why(ctx context.Context) error {
	if err := ErrOf(ctx); err != nil {
		return err
	}
	return context.Canceled
}

// Reason is Why for who need not have brought ctx. It is asked with Ask, and the reason is
// context.Canceled if it has no answer.
func Reason(ctx context.Context) error {
	why, no := Ask(new(Questions), "Err", func() error { return Why(ctx) })
	if no != nil {
		return context.Canceled
	}
	return why
}

// First waits until done is closed or ctx ends, and reports whether done was first: it is if
// it is closed, too, when ctx has ended.
func First(done <-chan struct{}, ctx context.Context) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// Sound returns ctx as package context may have it as a parent. That asks it for its error
// when its Done channel is closed, on a goroutine of its own, and panics if there is none:
// the process would end, or a closure that has done nothing wrong crash; and if it does not
// return, or ends the goroutine, what is derived would never end. So it is asked with Ask.
//
// An AfterFunc method of the user's is not called: package context does so under a lock,
// and who derives the context need not be who calls what that method returns. For a context
// of the library's that costs nothing: package context finds one of its own in its values.
func Sound(ctx context.Context) context.Context {
	s := &sound{Context: ctx, done: ctx.Done()}
	if s.done != nil {
		s.standard, s.asked = s.Value(standardKey), true
	}
	return s
}

// sound keeps what package context asks when something is derived from it, since that asks
// it again at the end, and to stop context.AfterFunc: who does that need not be who has
// brought the context.
type sound struct {
	context.Context
	done     <-chan struct{}
	standard any  // what package context knows of its own
	asked    bool // for that
	asking   atomic.Bool
	why      atomic.Pointer[error] // what Err says when it has ended
}

// standardKey is what package context asks a parent for, to find one of its own. It shows
// that to a context which is asked for the cause of its end.
var standardKey = func() any {
	var p probe
	_ = context.Cause(&p)
	return p.key
}()

// Standard reports whether package context asks a context with that key for what ends it.
func Standard(key any) bool { return key == standardKey }

// probe is a context that has ended.
type probe struct {
	context.Context
	key any
}

func (p *probe) Err() error        { return context.Canceled }
func (p *probe) Value(key any) any { p.key = key; return nil }

func (s *sound) Done() <-chan struct{} { return s.done }

// Err is nil until the channel is closed, and then what the context says: context.Canceled
// if it has no answer, or has none yet for another goroutine.
func (s *sound) Err() error {
	select {
	case <-s.done:
	default:
		return nil
	}
	err := context.Canceled
	if s.asking.CompareAndSwap(false, true) {
		err = Reason(s.Context)
	}
	s.why.CompareAndSwap(nil, &err)
	return *s.why.Load()
}

// Value is that of the context, or nil if it panics.
func (s *sound) Value(key any) (value any) {
	if s.asked && key == standardKey {
		return s.standard
	}
	defer func() { _ = recover() }()
	return s.Context.Value(key)
}
