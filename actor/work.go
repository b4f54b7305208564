package actor

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/where"
)

// Pipe has f run on a goroutine of its own, which svc owns, and then has svc run
// then with what f returned. It is for what takes long or blocks, such as input,
// output and computation: the service goes on meanwhile. f does not touch T.
//
// The work belongs to the incarnation that calls Pipe or, if another goroutine calls it,
// to the present one. The context of f ends with that incarnation, and f has to return. If
// the incarnation is over before then has run, then is a dead letter, whatever becomes of
// f, and what f returns too late is dropped. A panic or runtime.Goexit in f is a crash of
// the service: the incarnation ends after the closure that is running, and the *PanicError
// names f. Stop, and a supervisor that stops the service, wait for the work and have then
// run, within their time; Kill, a restart and a crash do not.
//
// At most 64 works of an incarnation run at once (WithPipeLimit); the others wait, and
// begin in their order. The outcome waits for room in a bounded service; only when it has
// found room has the work ended.
//
// Pipe does not block. It returns nil if the work was accepted. Otherwise neither f nor
// then runs: Pipe returns ErrStopped if the service takes nothing new (but a closure that
// runs while the service drains may still begin work), and ErrNotRunning if no incarnation
// is running. A nil function panics.
func Pipe[T, R any](svc Ref[T], f func(context.Context) (R, error), then func(*T, R, error)) error {
	misuse.Unless(f != nil && then != nil, "actor: Pipe of a nil function")
	s, from := serviceOf(svc)
	p := &piped[T, R]{f: f, then: then}
	return p.pipe(context.Background(), s, where.Caller(int(from)), where.Entry(f), where.Entry(then))
}

// PipeContext is Pipe with a context. The contexts of f and then have the values of ctx,
// but neither its cancellation nor its deadline: they end with the incarnation.
//
// The service does not wait for f, so f may call the service back, with its context or
// without. But Stop waits for f, and so does the caller of a CallLater if f was begun with
// the context of its closure: a wait of f, with the context of f, that would close a cycle
// with one of these is a deadlock. If the answer does not depend on f, use Detach of ctx.
func PipeContext[T, R any](ctx context.Context, svc Ref[T], f func(context.Context) (R, error), then func(context.Context, *T, R, error)) error {
	misuse.Unless(f != nil && then != nil, "actor: PipeContext of a nil function")
	s, from := serviceOf(svc)
	s.check("PipeContext", ctx)
	p := &piped[T, R]{f: f, thenContext: then, sender: ctx}
	return p.pipe(ctx, s, where.Caller(int(from)), where.Entry(f), where.Entry(then))
}

// WithPipeLimit bounds how many works of Pipe run at once. The default is 64. Works that
// an earlier incarnation has left behind, and that have not returned yet though their
// context has ended, are not counted. n below 1 panics.
func WithPipeLimit(n int) Option {
	misuse.Unless(n >= 1, fmt.Sprintf("actor: WithPipeLimit(%d): a limit is at least 1", n))
	return func(o *options) { o.works = n }
}

// work is a function that runs on a goroutine of its own, for an incarnation: that of a
// Pipe, which has an outcome, or that of a Go, which is ended when the service drains.
type work struct {
	step    uint32 // its number for a scheduler of the seam
	group   *works
	ctx     *workContext
	call    func() // runs the function, and keeps what it returns
	at      where.Place
	outcome job                     // of a Pipe
	cancel  context.CancelCauseFunc // of a Go
	// Guarded by the mutex of the works.
	element *list.Element // until the outcome is delivered, or lost
	begun   bool
}

// do is the work's goroutine.
func (w *work) do() {
	in := w.group.in
	defer in.goesAlong()()
	defer w.group.worked(w)
	returned := false
	defer func() {
		w.ctx.leave()
		if !returned {
			p := in.panicError(recover(), closureLoop.Stack(), w.at)
			in.keepCrash(p, func() { in.exitWith(p) })
		}
	}()
	in.steps.Work(w.step)
	w.call()
	returned = true
	w.ctx.leave() // before it waits for room
	if w.cancel == nil {
		w.group.deliver(w)
	}
}

// works is the work that an incarnation has on goroutines of its own. Draining waits for
// it, since the outcome of a work comes from its goroutine as a closure. This is what
// becomes of an outcome:
//
//	service                  event                  outcome
//	running                  it is delivered        queued, in its order, waiting for room
//	draining                 it is delivered        kept; runs when the queue has run
//	draining, queue has run  work goes on           waited for
//	draining, queue has run  all work has ended     (the incarnation is over)
//	over                     work goes on           a dead letter, at once
type works struct {
	in *incarnation // immutable

	mu       sync.Mutex
	over     bool        // the incarnation runs nothing more
	why      error       // over: ErrStopped or ErrRestarted
	ran      bool        // draining is at its end: no work any more
	works    list.List   // of *work, oldest first: those whose outcome is neither delivered nor lost
	waits    list.List   // of *work: those without a goroutine, for want of room
	active   int         // works that have not come to their end: draining waits for them
	busy     int         // those of Pipe that have a goroutine
	late     []job       // outcomes that came when the mailbox was closed
	leftOver where.Place // a work that was going on when the incarnation was over
}

// undertake owns a work, and begins it when there is room. It reports false if the
// incarnation is over.
func (in *incarnation) undertake(w *work) bool {
	h := in.resources()
	h.mu.Lock()
	if h.beside == nil && !h.over && !h.ran {
		h.beside = &works{in: in}
	}
	all, ok := h.beside.(*works)
	h.mu.Unlock()
	return ok && all.take(w)
}

func (all *works) take(w *work) bool {
	in := all.in
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.over || all.ran || w.cancel != nil && in.c.box.Closed() { // see drains, which comes after Close
		return false
	}
	w.group = all
	w.element, w.step = all.works.PushBack(w), in.steps.Number()
	all.active++
	if w.cancel != nil || all.busy < in.c.works {
		all.begin(w)
	} else {
		all.waits.PushBack(w)
	}
	return true
}

// begin gives a work its goroutine; mu is held.
func (all *works) begin(w *work) {
	if w.cancel == nil {
		all.busy++
	}
	w.begun = true
	go w.do()
}

// release takes w out, and reports false if the incarnation is over.
func (all *works) release(w *work) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.over {
		return false
	}
	all.works.Remove(w.element)
	return true
}

// worked says that a work has come to its end, and begins the next one that waits.
func (all *works) worked(w *work) {
	if w.cancel != nil {
		w.cancel(context.Canceled)
		all.release(w)
	}
	all.mu.Lock()
	all.active--
	if w.cancel == nil {
		all.busy--
	}
	if !all.over && all.busy < all.in.c.works && all.waits.Len() > 0 {
		all.begin(all.waits.Remove(all.waits.Front()).(*work))
	}
	all.mu.Unlock()
	// linger found the mailbox closed before it found the work going on.
	if box := &all.in.c.box; box.Closed() {
		box.Signal(sigLate)
	}
}

// deliver hands over the outcome of a work. It waits for room, until the
// incarnation is over.
func (all *works) deliver(w *work) {
	in, j := all.in, w.outcome
	_ = in.steps.TakeBeside(seam.Outcome, w.step)
	if !all.release(w) {
		return // its end has reported j
	}
	place, err := in.c.box.Line(j)
	if place != nil {
		err = place.Wait(in.reachContext())
	}
	if err == nil {
		return
	}
	all.mu.Lock()
	over := all.over
	if !over {
		all.late = append(all.late, j)
	}
	all.mu.Unlock()
	if over {
		in.c.lapse(j, all.why)
	}
}

// drains ends the works of Go, which go on until the service takes nothing new.
func (all *works) drains() {
	all.mu.Lock()
	defer all.mu.Unlock()
	for e := all.works.Front(); e != nil && !all.over; e = e.Next() {
		if w := e.Value.(*work); w.cancel != nil {
			w.cancel(ErrStopped)
		}
	}
}

func (all *works) linger() bool {
	in := all.in
	in.c.box.Clear(sigLate) // before looking
	all.mu.Lock()
	going, j := all.active, job(nil)
	if len(all.late) > 0 {
		j = all.late[0]
		all.late = slices.Delete(all.late, 0, 1)
	}
	all.ran = j == nil && going == 0
	all.mu.Unlock()
	switch {
	case j != nil:
		in.cons.Feed(j)
	case going > 0:
		in.parks()
		in.cons.WaitSignal()
		in.wakes(false)
	default:
		return false
	}
	return true
}

// abandon makes each outcome that has not been delivered a dead letter, whatever becomes
// of the work.
func (all *works) abandon(why error) (lost []job) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.over, all.why = true, why
	lost, all.late = all.late, nil
	for e := all.works.Front(); e != nil; e = e.Next() {
		w := e.Value.(*work)
		if w.begun && all.leftOver == (where.Place{}) {
			all.leftOver = w.at
		}
		if w.outcome != nil {
			lost = append(lost, w.outcome)
		}
	}
	all.works.Init()
	all.waits.Init()
	return lost
}

func (all *works) left() where.Place {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.leftOver
}

// going returns the oldest work that is going on.
func (all *works) going() where.Place {
	all.mu.Lock()
	defer all.mu.Unlock()
	for e := all.works.Front(); e != nil; e = e.Next() {
		if w := e.Value.(*work); w.begun {
			return w.at
		}
	}
	return where.Place{}
}

// piped is a work and its outcome.
type piped[T, R any] struct {
	callback    // of then
	work        work
	f           func(context.Context) (R, error)
	then        func(*T, R, error)
	thenContext func(context.Context, *T, R, error) // if then is nil
	sender      context.Context                     // PipeContext's: work.ctx has its values only; nil of a Pipe

	result R
	err    error
}

func (p *piped[T, R]) pipe(ctx context.Context, s *Service[T], site, f, then where.Place) error {
	in, err := s.host()
	from, ok := ctx.Value(closureKey{}).(speaker)
	if ok && from.closure().in.c == &s.core && !from.closure().left.Load() {
		in, err = from.closure().in, nil // also when the service is draining
	}
	p.once = true
	p.live(then)
	if err == nil {
		w := &p.work
		p.in, w.at, w.outcome = in, f, p
		w.ctx = in.workContext(ctx, f.PC)
		w.ctx.work, w.ctx.site = true, site.PC
		if ok && from.closure().in == in {
			w.ctx.owes = from.owing()
		}
		w.call = func() { p.result, p.err = p.f(w.ctx) }
		if in.undertake(w) {
			return nil
		}
		err = ErrStopped
	}
	return s.refuse(p, err)
}

func (p *piped[T, R]) from() context.Context { return p.sender }
func (p *piped[T, R]) run(in *incarnation)   { perform(in, p) }

func (p *piped[T, R]) call(in *incarnation) error {
	state := in.state.(*T)
	if p.then != nil {
		p.then(state, p.result, p.err)
		return nil
	}
	ctx := in.workContext(in.sentWith(p.work.ctx), p.at.PC)
	ctx.owes = p.work.ctx.owes
	ctx.enter()
	defer ctx.leave()
	p.thenContext(ctx, state, p.result, p.err)
	return nil
}

// Go runs f on a goroutine that the incarnation owns. It is for what goes on beside the
// service for as long as it lives, such as a loop that reads from a connection and hands
// over what it has read. f does not touch T.
//
// The context of f ends when the service begins to drain, and when the incarnation is over;
// then f has to return. Stop, and a supervisor that stops the service, wait for f within
// their time; Kill, a restart and a crash do not. f may return nil before, when it has
// nothing more to do. If it returns an error before, the incarnation ends with that error,
// as by Exit; a panic or runtime.Goexit in f is a crash of the service, and names f.
//
// The goroutine belongs to the incarnation that calls Go, in its constructor or a closure;
// if another goroutine calls Go, to the present one. Go does not block. It returns nil if
// f runs, ErrStopped if the service takes nothing new, and ErrNotRunning if no incarnation
// is running. A nil f panics.
func Go[T any](svc Ref[T], f func(context.Context) error) error {
	misuse.Unless(f != nil, "actor: Go of a nil function")
	s, from := serviceOf(svc)
	w, site := &work{at: where.Entry(f)}, where.Caller(int(from))
	in, err := s.host()
	if err == nil {
		w.ctx = in.workContext(context.Background(), w.at.PC)
		w.ctx.work, w.ctx.site = true, site.PC
		ctx, cancel := context.WithCancelCause(w.ctx)
		w.cancel = cancel
		w.call = func() {
			err := f(ctx)
			if ctx.Err() == nil && err != nil {
				in.exitWith(foreign.Keep(err))
			}
		}
		if in.undertake(w) {
			return nil
		}
		cancel(ErrStopped)
		err = ErrStopped
	}
	return s.refuse(notRun{w}, err)
}

// notRun is a work that was refused, for the dead-letter hook.
type notRun struct{ w *work }

func (n notRun) run(*incarnation)     {}
func (n notRun) closure() where.Place { return n.w.at }
