package actor

import (
	"context"
	"reflect"

	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/where"
)

// tell is the closure of Do. A function is one pointer, so making a job of it
// allocates nothing.
type tell[T any] func(*T)

func (f tell[T]) run(in *incarnation)  { f(in.state.(*T)) }
func (f tell[T]) closure() where.Place { return where.Entry((func(*T))(f)) }

// tellContext is the closure of DoContext, with the context that it gets.
type tellContext[T any] struct {
	own closureContext // of the sender's context, and the closure's entry, before its turn
	f   func(context.Context, *T)
}

// seenContext is a tellContext with room for a stamp and a mark.
type seenContext[T any] struct {
	tellContext[T]
	stamp
	mark
}

func newTell[T any](ctx context.Context, f func(context.Context, *T), seen bool) (j job) {
	var t *tellContext[T]
	if seen {
		s := new(seenContext[T])
		t, j = &s.tellContext, s
	} else {
		t = new(tellContext[T])
		j = t
	}
	_, relayed := ctx.(speaker)
	t.own.Context, t.own.pc, t.own.relayed, t.f = ctx, where.Entry(f).PC, relayed, f
	return j
}

func (j *tellContext[T]) run(in *incarnation) {
	f, ctx := j.f, in.castContext(&j.own)
	j.f = nil // what it refers to is not kept by who keeps the context, which may be what it refers to
	ctx.enter()
	defer ctx.leave()
	f(ctx, in.state.(*T))
}

func (j *tellContext[T]) from() context.Context { return j.own.Context }

func (j *tellContext[T]) closure() where.Place { return where.Place{PC: j.own.pc} }

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

// bare is implemented by jobs that are nothing but a function: a stampedTell around one hides
// none of its methods.
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

// packagePath is that of this package.
var packagePath = reflect.TypeFor[core]().PkgPath()

// outside returns where the user's call is, outside of this package: see where.Origin. A work of
// a Pipe has nothing but this package above it: then it is where Pipe was called.
func outside(ctx context.Context, from where.Origin) where.Place {
	at, ok := from.In().Outside(packagePath)
	if ok {
		return at
	}
	if x, ok := ctx.Value(closureKey{}).(*workContext); ok && x.work {
		return where.Place{PC: x.site, Site: true}
	}
	return at
}

// A caller that has its answer finds the call in the numbers: before the caller is answered, the
// closure is counted as executed, skipped or dead, and not as running. But the turn goes on for
// a while: the owner is busy with views, the end of a burst and its log. So an incarnation has
// a word, turn, that says of which turn the closure has been counted:
//
//	turn              event                              next              who
//	an earlier one's  the closure is counted             this one's, owner the owner, once
//	an earlier one's  the service is cut off             this one's, other who cuts it off: orphaned
//	this one's, owner the service is cut off             -                 who cuts it off
//	this one's, other the closure has returned meanwhile this one's, owner the owner: orphaned no more
//
// Turns are numbered by what has been taken from the mailbox.

const byOwner = 1 // in turn

// counts is called by the owner when the closure that it is busy with has been counted, and
// at the end of a turn that was taken from it. Again does nothing.
func (in *incarnation) counts() {
	n := in.cons.Taken() << 1
	if in.turn.Swap(n|byOwner) == n {
		in.c.orphaned.Add(-1)
	}
}

// orphans is called by the goroutine that has taken turn n from the owner: the closure of that
// turn runs on, unless it has been counted.
func (in *incarnation) orphans(n uint64) {
	in.c.orphaned.Add(1) // first, so that it is never counted as executed in between
	n <<= 1
	if was := in.turn.Load(); was == n|byOwner || !in.turn.CompareAndSwap(was, n) {
		in.c.orphaned.Add(-1)
	}
}

// counted reports whether the closure of turn n has been counted by its owner.
func (c *core) counted(n uint64) bool {
	in := c.in.Load()
	return in != nil && in.turn.Load() == n<<1|byOwner
}
