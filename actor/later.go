package actor

import (
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// CallLater is CallContext for a closure that answers later: f gets a Reply, and
// it is answered, once: f itself, a later closure, the outcome of a Pipe, or any
// goroutine. The service goes on meanwhile; the caller waits, until ctx ends.
//
// If the incarnation ends before the answer, the error matches ErrUnanswered and
// ErrStopped or ErrRestarted, and its outcome is Unknown. If f crashes first, the
// caller gets the *PanicError as from any call. A Reply that cannot be answered any
// more, because no goroutine has it, is found when memory is collected, sooner or later:
// the error matches ErrUnanswered then, and the log says so, too. (In a
// testing/synctest bubble it is not found.)
//
// The context of f ends when f returns. A caller that is a service waits until the
// answer has come: what would wait for it in a cycle meanwhile is refused, also when
// it is another closure of the answering service. A nil f panics.
func CallLater[T, R any](ctx context.Context, svc Ref[T], f func(context.Context, *T, Reply[R])) (R, error) {
	misuse.Unless(f != nil, "actor: CallLater of a nil closure")
	k := &laterCall[T, R]{sender: ctx, f: f}
	k.once(k, where.Entry(f))
	s, from := serviceOf(svc)
	return askOnce(ctx, &s.core, from, &k.reply, &k.result, &k.err)
}

// Reply answers a CallLater. It may be copied, kept, and answered by any goroutine.
// Answer of a zero Reply panics.
type Reply[R any] struct{ to *replyTo[R] }

// replyTo is what the copies of a Reply share, and only they: when none of them can be
// reached, there is no answer. The call does not refer to it.
type replyTo[R any] struct {
	owed   *owedReply
	answer func(R, error) bool
}

// Answer gives the caller a result and an error, and reports whether the caller gets
// them: only the first answer counts, and none when the caller's context or the
// incarnation has ended. It does not block.
func (r Reply[R]) Answer(result R, err error) bool {
	misuse.Unless(r.to != nil, "actor: Answer of a zero Reply")
	defer runtime.KeepAlive(r.to) // or it could be lost while it is given
	r.to.owed.free()
	return r.to.answer(result, err)
}

// laterCall is a call that is answered after its closure has returned. It is not used
// again: a Reply may be kept for long.
type laterCall[T, R any] struct {
	reply
	sender context.Context
	f      func(context.Context, *T, Reply[R])
	owed   *owedReply // once claimed

	result R // written by who settles the call with Ran
	err    error
}

// once makes the reply of a call that is answered after its closure has returned, and not
// used again.
func (r *reply) once(self job, at where.Place) {
	r.self, r.later = self, true
	r.done = make(chan struct{}, 1)
	r.answered.reply = r
	r.pc.Store(at.PC)
}

// askOnce asks a service, and waits for the answer, which is in result and failed.
func askOnce[R any](ctx context.Context, c *core, from where.Origin, r *reply, result *R, failed *error) (R, error) {
	if err := c.ask(ctx, r, from.In()); err != nil {
		var none R
		return none, err
	}
	return *result, *failed
}

func (k *laterCall[T, R]) from() context.Context { return k.sender }

func (k *laterCall[T, R]) run(in *incarnation) { perform(in, k) }

func (k *laterCall[T, R]) claim(in *incarnation, j job) bool {
	if !k.reply.claim(in, j) {
		return false
	}
	o := &owedReply{c: in.c, call: &k.reply}
	if o.element = in.own(o); o.element == nil { // cut off since; see reply.claim
		k.refuse(in, j, ErrStopped)
		return false
	}
	o.held = in.resources()
	k.owed = o
	return true
}

func (k *laterCall[T, R]) call(in *incarnation) error {
	f := k.f
	k.f = nil
	ctx := in.callContext(in.sentWith(k.sender))
	ctx.enter(k.pc.Load())
	ctx.owes = &k.reply
	defer ctx.leave()
	f(ctx, in.state.(*T), k.newReply(in, k.owed))
	k.sender = nil // a crash has wanted to know it
	return nil
}

func (k *laterCall[T, R]) refuse(in *incarnation, j job, why error) {
	k.owed.free()
	k.reply.refuse(in, j, why)
}

// answer leaves the answer to the Reply.
func (k *laterCall[T, R]) answer(in *incarnation) {
	in.returned()
	in.counts() // the answer may come while the turn goes on
}

func (k *laterCall[T, R]) newReply(in *incarnation, o *owedReply) Reply[R] {
	to := &replyTo[R]{o, func(result R, err error) bool { return k.give(in, result, err) }}
	if !in.inBubble() {
		runtime.AddCleanup(to, (*owedReply).lost, o)
	}
	return Reply[R]{to}
}

// give answers the call, unless another has.
func (k *laterCall[T, R]) give(in *incarnation, result R, err error) bool {
	err = own(err)
	if in.c.around.Load() != nil && owners.Current() == in {
		in.returned() // what the closure has done so far is seen by the caller that gets the answer
	}
	if !k.state.CompareAndSwap(running, settled) {
		return false
	}
	k.what, k.result, k.err = Ran, result, err
	k.tell()
	return true
}

// owedReply is an answer that an incarnation owes. The runtime keeps it as long as
// there is a Reply. It does not refer to the incarnation, whose T has the Reply, or
// they would keep each other for ever.
type owedReply struct {
	c       *core
	held    *resources // that it is in
	call    *reply
	element *list.Element
}

// free says that the call is answered.
func (o *owedReply) free() {
	if o != nil {
		o.held.release(o.element)
	}
}

// end answers at the end of the incarnation.
func (o *owedReply) end(why error) {
	o.call.settle(running, Unknown, unanswered(why))
}

// lost is called by the runtime when no goroutine has the Reply any more. It may have been
// answered.
func (o *owedReply) lost() {
	if o.call.state.Load() == settled {
		return
	}
	go func() { // the runtime's goroutine is not one to call a logger on
		o.free()
		if o.call.settle(running, Unknown, fmt.Errorf("%w: the Reply was lost", ErrUnanswered)) {
			o.c.log(slog.LevelError, "a Reply was lost", "closure", o.call.closure().String())
		}
	}()
}

func unanswered(why error) error { return fmt.Errorf("%w: %w", ErrUnanswered, why) }

// inBubble reports whether the service is in a bubble of testing/synctest, where the
// runtime's goroutines must not touch channels. It is called by the goroutine of the
// incarnation, which owns something.
func (in *incarnation) inBubble() bool {
	h := in.owns.Made()
	if h.bubble == 0 {
		h.bubble = 1
		if goid.InBubble() {
			h.bubble = 2
		}
	}
	return h.bubble == 2
}
