package foreign

import "context"

// Why returns why ctx has ended, whose Done channel is closed: context.Canceled if it does
// not say, so that what ended with it is never taken for a success.
func Why(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.Canceled
}

// Sound returns ctx as package context may have it as a parent. That asks it for its error
// when its Done channel is closed, on a goroutine of its own, and panics if there is none:
// the process would end, or a closure that has done nothing wrong crash.
func Sound(ctx context.Context) context.Context {
	if f, ok := ctx.(afterFuncer); ok {
		return soundAfter{sound{ctx}, f}
	}
	return sound{ctx}
}

type sound struct{ context.Context }

// afterFuncer saves package context a goroutine for each context that is derived from it.
type afterFuncer interface {
	AfterFunc(f func()) (stop func() bool)
}

type soundAfter struct {
	sound
	afterFuncer
}

// Err is that of the context, or context.Canceled if it panics, or is nil although the
// context has ended.
func (s sound) Err() (err error) {
	defer func() {
		if recover() != nil {
			err = context.Canceled
		}
	}()
	select {
	case <-s.Done():
		return Why(s.Context)
	default:
		return s.Context.Err()
	}
}

// Value is that of the context, or nil if it panics.
func (s sound) Value(key any) any {
	defer func() { _ = recover() }()
	return s.Context.Value(key)
}
