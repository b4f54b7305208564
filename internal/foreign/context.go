package foreign

import (
	"context"
	"sync/atomic"
)

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
//
// An AfterFunc method of the user's is not called: package context does so under a lock,
// and who derives the context need not be who calls what that method returns. For a context
// of the library's that costs nothing: package context finds one of its own in its values.
func Sound(ctx context.Context) context.Context {
	return &sound{Context: ctx, done: ctx.Done()}
}

// sound keeps what context.AfterFunc asks, since its stop asks that again: who stops it need
// not be who has brought the context.
type sound struct {
	context.Context
	done       <-chan struct{}
	asked      atomic.Uint32 // 0: no value; 1: is being kept; 2: the next two are
	key, value any           // the first
}

func (s *sound) Done() <-chan struct{} { return s.done }

// Err is that of the context, or context.Canceled if it panics, or is nil although the
// context has ended.
func (s *sound) Err() (err error) {
	defer func() {
		if recover() != nil {
			err = context.Canceled
		}
	}()
	select {
	case <-s.done:
		return Why(s.Context)
	default:
		return s.Context.Err()
	}
}

// Value is that of the context, or nil if it panics.
func (s *sound) Value(key any) (value any) {
	defer func() {
		_ = recover()
		if s.asked.CompareAndSwap(0, 1) {
			s.key, s.value = key, value
			s.asked.Store(2)
		}
	}()
	if s.asked.Load() == 2 && s.key == key {
		return s.value
	}
	return s.Context.Value(key)
}
