package foreign

import (
	"context"
	"sync/atomic"
)

// ErrOf returns the error of ctx, kept, or nil if ctx has not ended.
func ErrOf(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return Keep(err)
	}
	return nil
}

// Why returns the error of ctx, whose Done channel is closed. If ctx has none, it returns
// context.Canceled, so that what ended with ctx is never taken for a success. Like ErrOf, it
// is called on the goroutine that brought ctx.
func Why(ctx context.Context) error {
	if err := ErrOf(ctx); err != nil {
		return err
	}
	return context.Canceled
}

// Reason is Why for other goroutines than the one that brought ctx. It uses Ask, and returns
// context.Canceled if there is no answer.
func Reason(ctx context.Context) error {
	why, no := Ask(new(Questions), "Err", func() error { return Why(ctx) })
	if no != nil {
		return context.Canceled
	}
	return why
}

// First waits until done is closed or ctx ends, and reports whether done was first. If both
// have come, done was.
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

// Sound returns ctx in a form that is safe as a parent for package context. When the Done
// channel of a parent is closed, package context asks the parent for its error, on a goroutine
// of its own, and panics if there is none: the process would end, or an innocent closure crash.
// If Err does not return, or ends the goroutine, derived contexts never end. So Sound uses Ask.
//
// An AfterFunc method of the user's is not called: package context would call it under a lock,
// and call what it returns perhaps on another goroutine. For a context of the library's all of
// this costs nothing: package context finds one of its own in its values.
func Sound(ctx context.Context) context.Context {
	s := &sound{Context: ctx, done: ctx.Done()}
	if s.done != nil {
		s.standard, s.asked = s.Value(standardKey), true
	}
	return s
}

// sound keeps the answers to what package context asks when something is derived from it.
// package context asks again at the end, and to stop context.AfterFunc, perhaps on another
// goroutine than the one that brought the context.
type sound struct {
	context.Context
	done     <-chan struct{}
	standard any  // what package context knows of its own
	asked    bool // for that
	asking   atomic.Bool
	why      atomic.Pointer[error] // what Err says when it has ended
}

// standardKey is the key with which package context asks a parent for a context of its own. A
// context that is asked for the cause of its end gets to see it.
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
