package actor

import (
	"context"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/where"
)

// perform is the turn of a staged job without anything around it.
func perform(in *incarnation, j staged) {
	if j.claim(in, j) {
		_ = j.call(in)
		j.answer(in)
	}
}

// tell is the closure of Do. A function is one pointer, so making a job of it
// allocates nothing.
type tell[T any] func(*T)

func (f tell[T]) run(in *incarnation)  { f(in.state.(*T)) }
func (f tell[T]) closure() where.Place { return where.Entry((func(*T))(f)) }

// tellContext is the closure of DoContext.
type tellContext[T any] struct {
	ctx  context.Context
	f    func(context.Context, *T)
	room atomic.Bool // it had to wait for room, and that is over
	stamp
}

func (j *tellContext[T]) served() { j.room.Store(true) }

func (j *tellContext[T]) run(in *incarnation) {
	ctx := in.castContext(j.ctx)
	ctx.enter(where.Entry(j.f).PC)
	defer ctx.leave()
	j.f(ctx, in.state.(*T))
}

func (j *tellContext[T]) from() context.Context { return j.ctx }

func (j *tellContext[T]) closure() where.Place { return where.Entry(j.f) }

// stamp says when and where a closure was handed over.
type stamp struct {
	at   int64   // by clock; 0: unknown
	site uintptr // return address of the user's call; 0: unknown
}

func (s *stamp) stamped() *stamp { return s }

// stampedTell is the closure of a Do with a stamp: a function alone has no room for it.
type stampedTell struct {
	job
	stamp
	mark
}

// bare is implemented by jobs that are nothing but a function, so that a stampedTell
// hides nothing of them.
type bare interface{ bare() }

func (f tell[T]) bare() {}

// marked notes which hook the sender of j is in, if any; called before j is queued.
func marked(j job) job {
	t := hook.Here()
	if t == nil {
		return j
	}
	if _, ok := j.(bare); ok {
		j = &stampedTell{job: j}
	}
	if m, ok := j.(caused); ok {
		m.blame(t)
	}
	return j
}

// contextOfHook is the context of a DoContext that a hook has called.
type contextOfHook struct {
	context.Context
	by *hook.Call
}

func (j *tellContext[T]) blame(t *hook.Call) { j.ctx = contextOfHook{j.ctx, t} }

func (j *tellContext[T]) blamed() *hook.Call {
	x, _ := j.ctx.(contextOfHook)
	return x.by
}
