package actor

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// Calls that are answered after their closure has returned: by a Reply that the closure has
// given away, or when the batch of the closure has been committed.

// CallLater is CallContext for a closure that answers later. f gets a Reply, which f
// itself, a later closure, what runs after a Pipe, or any goroutine answers, once. The
// service goes on meanwhile; the caller waits, until ctx ends.
//
// If the incarnation ends before the answer, the error matches ErrUnanswered and
// ErrStopped or ErrRestarted, and its outcome is Unknown. If f crashes first, the
// caller gets the *PanicError as from any call. If no goroutine has the Reply any more, the
// garbage collector finds that sooner or later: then the error matches ErrUnanswered,
// and the loss is logged. (In a testing/synctest bubble it is not found.)
//
// The context of f ends when f returns. A caller that is a service waits until the answer
// has come. A call that would wait for that service in a cycle meanwhile is refused, also
// if another closure of the answering service makes it. A nil f panics.
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

// replyTo is what the copies of a Reply share. Only they refer to it, not the call: when
// no copy can be reached any more, there will be no answer.
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

	result R // written by the goroutine that settles the call with Ran
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
func (k *laterCall[T, R]) run(in *incarnation)   { perform(in, k) }

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
	ctx := in.callContext(in.sentWith(k.sender), k.pc.Load())
	ctx.owes = &k.reply
	ctx.enter()
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
	err = asRan(err)
	if in.c.around.Load() != nil && owners.Current() == in {
		in.returned() // what the closure has done so far is seen by the caller that gets the answer
	}
	if !k.state.CompareAndSwap(running, settled) {
		return false
	}
	k.what, k.result, k.err = Ran, result, err
	k.pass()
	return true
}

// owedReply is an answer that an incarnation owes. The runtime keeps it as long as there
// is a Reply. It does not refer to the incarnation: T may have the Reply, and so they would
// keep each other for ever.
type owedReply struct {
	c       *core
	held    *resources // those that it is one of
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

// lost is called by the runtime when no goroutine has the Reply any more. The Reply may have
// been answered before.
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

// WithBatch has commit called at the end of each batch: when a closure has returned and no
// other one waits, after n closures in a row, and before the incarnation ends by Stop, Exit
// or a restart. A service that owns a database so commits once for all closures that came
// meanwhile, and at once when few come; see CallBatched. The service's queue is the batch:
// no call waits for a batch to fill.
//
// An error of commit is logged, and returned by each CallBatched of the batch. Its outcome is
// Ran. If commit does not know whether the work of the closures is kept, it returns
// WithOutcome(err, Unknown), and the outcome is Unknown. A panic in commit is a crash of the
// service. After a crash commit is not called, since T is thrown away with what was not
// committed; nor after Kill, or when the service was cut off from a closure. Interceptors see
// commit as a closure of the service's own (Closure.Own); if one refuses it, commit fails.
//
// n below 1 and a nil commit panic. The option panics when a service of another type is made
// with it.
func WithBatch[T any](n int, commit func(*T) error) Option {
	misuse.Unless(n >= 1, fmt.Sprintf("actor: WithBatch(%d): a batch has at least 1 closure", n))
	misuse.Unless(commit != nil, "actor: WithBatch with a nil function")
	b := &batch{
		most:   n,
		commit: func(state any) error { return commit(state.(*T)) },
		at:     where.Entry(commit),
		fits:   func(self any) bool { _, ok := self.(*Service[T]); return ok },
		of:     where.Type[T](),
	}
	return func(o *options) { o.batch = b }
}

// CallBatched is Call for a service made WithBatch. It is answered when the batch has been
// committed, with what f returned. If commit returned an error, the batch is not kept, and
// the caller gets no result but that error, joined with the error of f. If the incarnation
// ends before the commit, the error matches ErrUnanswered, as for CallLater, and the outcome
// is Unknown; if commit panics, it is Crashed. A service without WithBatch and a nil f panic.
func CallBatched[T, R any](ctx context.Context, svc Ref[T], f func(*T) (R, error)) (R, error) {
	misuse.Unless(f != nil, "actor: CallBatched of a nil closure")
	s, from := serviceOf(svc)
	k := newBatchedCall(ctx, s, f, "CallBatched")
	return askOnce(ctx, &s.core, from, &k.reply, &k.result, &k.err)
}

// AsyncBatched is AsyncContext for CallBatched: the call is handed over at once and in order,
// and its future is answered when the batch has been committed. If ctx ends while the call is
// queued, f does not run; if ctx ends later, that changes nothing, since f has no context.
// A service without WithBatch, a nil ctx and a nil f panic.
func AsyncBatched[T, R any](ctx context.Context, svc Ref[T], f func(*T) (R, error)) *Future[R] {
	misuse.Unless(f != nil, "actor: AsyncBatched of a nil closure")
	misuse.Unless(ctx != nil, "actor: AsyncBatched with a nil context")
	s, from := serviceOf(svc)
	k := newBatchedCall(ctx, s, f, "AsyncBatched")
	k.done, k.future = make(chan struct{}), true
	s.core.handOver(ctx, &k.reply, from)
	return &Future[R]{&s.core, &k.reply, &k.result, &k.err}
}

// newBatchedCall panics, with the name of its caller, if the service was made without WithBatch.
func newBatchedCall[T, R any](ctx context.Context, s *Service[T], f func(*T) (R, error), caller string) *batchedCall[T, R] {
	c := &s.core
	c.made()
	if c.batch == nil {
		panic("actor: " + caller + " on " + c.Name() + ", which was made without WithBatch")
	}
	k := &batchedCall[T, R]{sender: ctx, f: f}
	k.once(k, where.Entry(f))
	return k
}

// batch is what WithBatch sets.
type batch struct {
	most   int
	commit func(state any) error
	at     where.Place
	fits   func(self any) bool
	of     string
}

// batchedCall is a call that is answered when its batch has been committed. It is not
// used again.
type batchedCall[T, R any] struct {
	reply
	sender context.Context
	f      func(*T) (R, error)

	result  R // written by call, before it is settled
	err     error
	element *list.Element // in what the incarnation owns; from answer on
}

func (k *batchedCall[T, R]) from() context.Context { return k.sender }
func (k *batchedCall[T, R]) run(in *incarnation)   { perform(in, k) }

func (k *batchedCall[T, R]) call(in *incarnation) (err error) {
	f := k.f
	k.f = nil
	k.result, err = f(in.state.(*T))
	k.err = asRan(err)
	return err
}

// answer leaves the answer to the commit, or to the end of the incarnation.
func (k *batchedCall[T, R]) answer(in *incarnation) {
	in.returned()
	in.counts()
	if k.element = in.own(k); k.element == nil {
		k.end(ErrStopped)
		return
	}
	h := in.resources()
	h.batch = append(h.batch, k)
}

// end implements owned.
func (k *batchedCall[T, R]) end(why error) { k.settle(running, Unknown, unanswered(why)) }

func (k *batchedCall[T, R]) committed(in *incarnation, err error) {
	if err != nil {
		var none R
		k.result, k.err = none, uncommitted(err, k.err)
	}
	k.settle(running, Ran, nil)
	in.release(k.element)
}

// uncommitted returns the error of a call whose commit has failed. Of the outcomes that
// commit's error may have, only Unknown is passed on. Any other is of a call that commit
// itself made, while the closure of this call has run.
func uncommitted(commit, closure error) error {
	what := Ran
	if OutcomeOf(commit) == Unknown {
		what = Unknown
	}
	if closure != nil {
		commit = errors.Join(commit, closure)
	}
	return WithOutcome(commit, what)
}

func (b *batch) install(c *core) {
	if !b.fits(c.self) {
		panic("actor: WithBatch for a " + b.of + " given to the service " + c.Name())
	}
	c.changeAround(func(a *around) {
		a.most = b.most
		a.burst = append(a.burst, b.end)
	})
}

// end commits, and answers the callers that wait for the commit.
func (b *batch) end(in *incarnation) {
	in.committing = true
	in.userFunc.Store(b.at.PC)
	err := b.run(in, in.c.around.Load())
	in.userFunc.Store(0)
	in.committed(err)
	in.committing = false
}

// committed answers the calls of a batch, also if the logger ends the goroutine.
func (in *incarnation) committed(err error) {
	defer func() {
		calls := in.batched()
		for _, k := range calls { // or they have been answered, if the service was cut off from the commit
			k.committed(in, err)
		}
		if len(calls) > 0 {
			clear(calls)
			in.resources().batch = calls[:0]
		}
	}()
	if err != nil {
		in.c.log(slog.LevelError, "commit of a batch failed", "err", err)
	}
}

// run commits inside of the interceptors, which see the commit as a closure of the service's
// own. If one refuses it, run returns that error.
func (b *batch) run(in *incarnation, a *around) error {
	if list := wanting(a.intercept, in, noContext); len(list) > 0 {
		return b.intercepted(list, in)
	}
	return b.commit(in.state)
}

func (b *batch) intercepted(list []FilteredInterceptor, in *incarnation) (err error) {
	refused := intercepted(list, in, b, noContext, func() error {
		err = b.commit(in.state)
		return err
	})
	if refused != nil {
		return refused
	}
	return err
}

func (b *batch) closure() where.Place { return b.at }
func (b *batch) ofItself() bool       { return true }

// commitCrashed answers the calls of a batch that was not committed.
func (in *incarnation) commitCrashed(p *PanicError) {
	for _, k := range in.batched() {
		k.replied().settle(running, Crashed, p)
	}
}

// batched returns the calls that wait for the commit.
func (in *incarnation) batched() []committable {
	if h := in.owns.Made(); h != nil {
		return h.batch
	}
	return nil
}
