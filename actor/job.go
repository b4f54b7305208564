package actor

import (
	"context"
	"sync/atomic"
)

// job is what a mailbox holds: a closure, and for calls who waits for it. It is
// one interface for all kinds, so that a mailbox does not depend on T.
type job interface {
	// run runs the closure on the goroutine of in.
	run(in *incarnation)
	// closure returns where the user's function is.
	closure() location
}

// call is a job that somebody waits for.
type call interface {
	job
	replied() *reply
}

// staged is a job whose turn has stages, between which others have their say: it is
// claimed, the user's function is called, inside of the interceptors, and the job answers.
// A call and a callback are staged; a closure of Do is nothing but its function.
type staged interface {
	job
	// claim reports whether the function is to be called; if not, j, which is the job
	// itself, has been accounted for.
	claim(in *incarnation, j job) bool
	// call calls it, and returns its own error.
	call(in *incarnation) error
	// answer is called when it has returned, and refuse, instead of call, when an
	// interceptor did not let it run.
	answer(in *incarnation)
	refuse(in *incarnation, j job, why error)
	// withdrawn tells the job that it has left the queue without its turn. It reports
	// whether anything is lost by that: nothing, if it was taken back before.
	withdrawn(why error) (lost bool)
	// own reports whether the service has handed the job to itself.
	own() bool
}

// perform is the turn of a staged job without anything around it.
func perform(in *incarnation, j staged) {
	if j.claim(in, j) {
		_ = j.call(in)
		j.answer(in)
	}
}

// sent is a job that was sent with a context: what it says of the sender (whose closure
// it runs on behalf of, which values it has) is known until the job has run.
type sent interface{ from() context.Context }

// senderOf returns the context with which a job was sent, or nil.
func senderOf(j job) context.Context {
	if s, ok := j.(sent); ok {
		return s.from()
	}
	return nil
}

// tell is the closure of Do. A function is one pointer, so making a job of it
// allocates nothing.
type tell[T any] func(*T)

func (f tell[T]) run(in *incarnation) { f(in.state.(*T)) }
func (f tell[T]) closure() location   { return entry((func(*T))(f)) }

// tellContext is the closure of DoContext.
type tellContext[T any] struct {
	ctx  context.Context
	f    func(context.Context, *T)
	room atomic.Bool // it had to wait for room, and that is over
	stamp
}

func (j *tellContext[T]) served() { j.room.Store(true) }

// roomServed is called when a job waits for room no longer, before its sender
// knows: the sender's wait is over then.
func roomServed(j job, admitted bool) {
	switch j := j.(type) {
	case interface{ served() }:
		j.served()
	case call:
		if !admitted {
			j.replied().state.CompareAndSwap(queued, abandoned)
		}
	}
}

func (j *tellContext[T]) run(in *incarnation) {
	ctx := in.castContext(j.ctx)
	ctx.enter(entry(j.f).pc)
	defer ctx.leave()
	j.f(ctx, in.state.(*T))
}

func (j *tellContext[T]) from() context.Context { return j.ctx }

func (j *tellContext[T]) closure() location { return entry(j.f) }
