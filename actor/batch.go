package actor

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// WithBatch has commit called at the end of each batch: when a closure has returned
// and no other one waits, after n closures in a row, and before the incarnation ends by
// Stop, Exit or a restart. So an owner of a database commits once for all that came
// meanwhile, and at once when little comes; see CallBatched. The service's queue is the
// batch: no call waits for a batch to fill.
//
// An error of commit is logged, and returned by the CallBatched of the batch: with the outcome
// Ran, or Unknown if commit does not know whether what the closures did is kept, and says so
// with WithOutcome(err, Unknown). If commit panics, that is a crash of the service. After a crash
// commit is not called: the T, with what was not committed, is thrown away. Nor is it after Kill,
// or when the service was cut off from a closure. Interceptors see commit as a closure of the
// service's own (Closure.Own), and if one refuses it, that is its error.
//
// n below 1 and a nil commit panic, and so does making a service of another type
// with the option.
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

// CallBatched is Call for a service made WithBatch, answered when the batch has been
// committed: with what f returned, or, if commit returned an error, with that, which is joined
// with f's own: what f found is told by a batch that is not kept. If the incarnation ends before
// that, the error matches ErrUnanswered, as that of
// CallLater, and the outcome is Unknown; if commit panics, it is Crashed. A service
// without WithBatch and a nil f panic.
func CallBatched[T, R any](ctx context.Context, svc Ref[T], f func(*T) (R, error)) (R, error) {
	misuse.Unless(f != nil, "actor: CallBatched of a nil closure")
	s, from := serviceOf(svc)
	k := newBatchedCall(ctx, s, f, "CallBatched")
	return askOnce(ctx, &s.core, from, &k.reply, &k.result, &k.err)
}

// AsyncBatched is AsyncContext for CallBatched: the call is handed over at once and in order,
// and its future is answered when the batch has been committed. A ctx that ends while it is
// queued has it not run; one that ends later changes nothing, since the closure has no
// context. A service without WithBatch, a nil ctx and a nil f panic.
func AsyncBatched[T, R any](ctx context.Context, svc Ref[T], f func(*T) (R, error)) *Future[R] {
	misuse.Unless(f != nil, "actor: AsyncBatched of a nil closure")
	misuse.Unless(ctx != nil, "actor: AsyncBatched with a nil context")
	s, from := serviceOf(svc)
	k := newBatchedCall(ctx, s, f, "AsyncBatched")
	k.done, k.future = make(chan struct{}), true
	s.core.handOver(ctx, &k.reply, from)
	return &Future[R]{&s.core, &k.reply, &k.result, &k.err}
}

// newBatchedCall panics, in the name of its caller, if the service commits nothing.
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

func (k *batchedCall[T, R]) run(in *incarnation) { perform(in, k) }

func (k *batchedCall[T, R]) call(in *incarnation) (err error) {
	f := k.f
	k.f = nil
	k.result, err = f(in.state.(*T))
	k.err = own(err)
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

// uncommitted returns the error of a call whose commit has failed. Of the outcomes that an
// error of commit may tell, Unknown alone is the caller's: the closure has run, whatever became
// of what commit itself had called.
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

// end commits, and answers who waits for that.
func (b *batch) end(in *incarnation) {
	in.ending = true
	in.userFunc.Store(b.at.PC)
	err := b.run(in, in.c.around.Load())
	in.userFunc.Store(0)
	if err != nil {
		in.c.log(slog.LevelError, "commit of a batch failed", "err", err)
	}
	calls := in.batched()
	for _, k := range calls { // or they have been answered, if the service was cut off from the commit
		k.committed(in, err)
	}
	if len(calls) > 0 {
		clear(calls)
		in.resources().batch = calls[:0]
	}
	in.ending = false
}

// run commits inside of the interceptors, which see the commit as a closure of the service's
// own. If they refuse, that is its error.
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
func (b *batch) own() bool            { return true }

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
