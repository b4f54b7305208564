package actor

import (
	"context"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Future is the answer to come of an Async call. It may be awaited by any number
// of goroutines, any number of times.
type Future[R any] struct {
	c      *core
	reply  *reply
	result *R
	err    *error
}

// Async queues f and returns at once. It never waits for room: the future of a
// call that was not accepted has failed already. Many calls may be in flight; to
// one service, they run in the order in which they were made. A nil f panics.
func Async[T, R any](svc Ref[T], f func(*T) (R, error)) *Future[R] {
	return async(svc, f)
}

func async[T, R any](svc Ref[T], f func(*T) (R, error)) *Future[R] {
	must(f != nil, "actor: Async of a nil closure")
	k := new(typedCall[T, R])
	k.self = k
	k.done = make(chan struct{})
	k.answered.reply = &k.reply
	k.future = true
	k.set(withError, f, nil)
	s, from := svc.service()
	c := &s.core
	if err := c.tryPut(k, from.in()); err != nil {
		c.refused.Add(1)
		k.settle(queued, NotRun, err)
	}
	return &Future[R]{c, &k.reply, &k.result, &k.err}
}

// Await waits until the call is answered or ctx ends, and returns what Call would
// have returned. A context that ends ends the waiting, not the call: the error's
// outcome is then Unknown, and Await may be called again. An answer that is
// there is returned even if ctx has ended.
//
// A service that awaits a call which cannot be answered before the service itself
// goes on gets a *DeadlockError. The call is taken back then, so that it never
// runs, for everybody who awaits it; if it has started already, the outcome is
// Unknown.
func (f *Future[R]) Await(ctx context.Context) (result R, err error) {
	f.made()
	f.c.check("Await", ctx)
	r := f.reply
	select {
	case <-r.done:
		return f.answer(ctx)
	default:
	}
	self := callerOf(ctx)
	if self.in != nil {
		if err := self.wait(ctx, f.c, r.answered.of(ctx), r.closure(), origin{}); err != nil {
			switch {
			case r.settle(queued, NotRun, err):
			case r.state.Load() == settled: // meanwhile: the service is at another closure
				<-r.done
				return f.answer(ctx)
			default:
				err = f.c.callError(ctx, Unknown, r, err, origin{})
			}
			return result, err
		}
	}
	answered := first(r.done, ctx)
	self.waited()
	if !answered {
		return result, f.c.callError(ctx, Unknown, r, foreign.Why(ctx), origin{})
	}
	return f.answer(ctx)
}

// Done returns a channel that is closed when the call has been answered.
func (f *Future[R]) Done() <-chan struct{} {
	f.made()
	return f.reply.done
}

// made panics if the future is a zero or nil Future.
func (f *Future[R]) made() {
	must(f != nil && f.c != nil, "actor: a Future is made by Async")
}

func (f *Future[R]) answer(ctx context.Context) (result R, err error) {
	if r := f.reply; r.cause != nil {
		return result, f.c.callError(ctx, r.what, r, r.cause, origin{}.in())
	}
	return *f.result, *f.err
}
