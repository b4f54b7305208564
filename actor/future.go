package actor

import (
	"context"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// Future is the answer to come of an Async, AsyncContext or AsyncBatched call. It may be
// awaited by any number of goroutines, any number of times.
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
	misuse.Unless(f != nil, "actor: Async of a nil closure")
	return async[T, R](noContext, svc, withError, f)
}

// AsyncContext is Async for a closure with a context, like that of CallContext. If ctx ends
// while the call is queued, the future fails at that moment, and f does not run. If ctx ends
// later, that ends the context of f, and the future is what f returns. A closure's context
// ends when the closure returns, so a closure that passes its own as ctx awaits the future,
// or passes Detach of it. A nil f panics.
func AsyncContext[T, R any](ctx context.Context, svc Ref[T], f func(context.Context, *T) (R, error)) *Future[R] {
	misuse.Unless(f != nil, "actor: AsyncContext of a nil closure")
	misuse.Unless(ctx != nil, "actor: AsyncContext with a nil context")
	return async[T, R](ctx, svc, withContext, f)
}

// async is Async, if ctx is nil, or AsyncContext.
func async[T, R any](ctx context.Context, svc Ref[T], form form, f any) *Future[R] {
	k := new(typedCall[T, R])
	k.self = k
	k.done = make(chan struct{})
	k.answered.reply = &k.reply
	k.future = true
	k.set(form, f, ctx)
	s, from := serviceOf(svc)
	c := &s.core
	c.made()
	c.handOver(ctx, &k.reply, from.In())
	return &Future[R]{c, &k.reply, &k.result, &k.err}
}

// handOver queues the call of a future, or answers it at once.
func (c *core) handOver(ctx context.Context, r *reply, from where.Origin) {
	err := r.endsWith(ctx)
	if err == nil {
		if err = c.tryPut(r.self, from.In()); err != nil {
			c.refused.Add(1)
		}
	}
	if err != nil {
		r.settle(queued, NotRun, err)
	}
}

// endsWith has a call that is not queued yet answered if ctx ends before the call's turn, and
// returns an error if ctx has ended already. ctx is asked for its error when the call is awaited.
func (r *reply) endsWith(ctx context.Context) error {
	if ctx == nil || ctx.Done() == nil {
		return nil
	}
	r.ctxDone = ctx.Done()
	if err := foreign.ErrOf(ctx); err != nil {
		return err
	}
	r.unhook = context.AfterFunc(foreign.Sound(ctx), func() {
		if r.state.CompareAndSwap(queued, settled) { // unhook may not be there yet, so not by settle
			r.what, r.cause = NotRun, errEnded
			close(r.done)
		}
	})
	return nil
}

// Await waits until the call is answered or ctx ends, and returns what Call would have
// returned. The end of ctx ends the waiting, not the call: the error's outcome is then
// Unknown, and Await may be called again. If the answer is there, Await returns it even if
// ctx has ended.
//
// A service that awaits a call which cannot be answered before the service itself goes on
// gets a *DeadlockError. The call is then taken back and never runs, and all goroutines that
// await it learn that; if it has started already, the outcome is Unknown.
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
		if err := self.wait(ctx, f.c, r.answered.of(ctx), r.closure(), where.Direct); err != nil {
			switch {
			case r.settle(queued, NotRun, err):
			case r.state.Load() == settled: // meanwhile: the service is at another closure
				<-r.done
				return f.answer(ctx)
			default:
				err = f.c.callError(ctx, Unknown, r, err, where.Direct)
			}
			return result, err
		}
	}
	defer self.waited() // also if ctx panics
	answered := foreign.First(r.done, ctx)
	if !answered && !r.hasEnded() {
		return result, f.c.callError(ctx, Unknown, r, foreign.Why(ctx), where.Direct)
	}
	return f.answer(ctx)
}

// hasEnded reports whether the call has been answered because its own context has ended.
// Await may have the same context, and learn of its end before the call does.
func (r *reply) hasEnded() bool {
	select {
	case <-r.ctxDone:
	default:
		return false
	}
	if !r.settle(queued, NotRun, errEnded) && r.state.Load() != settled {
		return false
	}
	<-r.done
	return true
}

// Done returns a channel that is closed when the call has been answered.
func (f *Future[R]) Done() <-chan struct{} {
	f.made()
	return f.reply.done
}

// made panics if the future is a zero or nil Future.
func (f *Future[R]) made() {
	misuse.Unless(f != nil && f.c != nil, "actor: a Future is made by Async")
}

func (f *Future[R]) answer(ctx context.Context) (result R, err error) {
	if r := f.reply; r.cause != nil {
		cause := r.cause
		if cause == errEnded {
			cause = foreign.Reason(senderOf(r.self)) // who awaits need not be who called
		}
		return result, f.c.callError(ctx, r.what, r, cause, where.Direct.In())
	}
	return *f.result, *f.err
}
