package actor

import (
	"container/list"
	"context"
	"fmt"
)

// Pipe has f run on a goroutine of its own, which svc owns, and then has svc run
// then with what f returned. It is for what takes long or blocks, such as input,
// output and computation: the service goes on meanwhile. f does not touch T.
//
// The work belongs to the incarnation that calls Pipe or, if somebody else calls it,
// to the present one. f's context ends when that does, and f returns then. If the
// incarnation is over before it has run then, that is a dead letter, whatever
// becomes of f. A panic or runtime.Goexit in f is a crash of the service: the
// incarnation ends after the closure that is running, and the *PanicError names f.
// Stop, and a supervisor that stops the service, wait for the work and run then,
// within their time; Kill, a restart and a crash do not. What f returns too late is
// dropped.
//
// At most 64 works of an incarnation run at once (WithPipeLimit); the others begin in
// their order when one has ended. A bounded service takes the outcome when it has
// room; the work has ended when it has.
//
// Pipe does not block. It returns nil if the work was accepted. Otherwise neither f
// nor then runs: ErrStopped is returned if the service takes nothing new, except
// that a closure which runs while the service drains may still begin work;
// ErrNotRunning, if no incarnation is running. A nil function panics.
func Pipe[T, R any](svc Ref[T], f func(context.Context) (R, error), then func(*T, R, error)) error {
	if f == nil || then == nil {
		panic("actor: Pipe of a nil function")
	}
	s, from := svc.service()
	p := &piped[T, R]{f: f, then: then}
	return p.pipe(context.Background(), s, callSite(from.depth), entry(f), entry(then))
}

// PipeContext is Pipe with a context. Those of f and then have ctx's values, and
// neither its cancellation nor its deadline: they end with the incarnation.
//
// The service does not wait for f, so f may call the service back, with its context
// or without. What f waits for with its context counts for deadlocks where somebody
// waits for f: in Stop, or for the answer of a CallLater from whose closure, by its
// context, the work was begun. Work on which that answer does not depend takes
// Detach of the context.
func PipeContext[T, R any](ctx context.Context, svc Ref[T], f func(context.Context) (R, error), then func(context.Context, *T, R, error)) error {
	if f == nil || then == nil {
		panic("actor: PipeContext of a nil function")
	}
	s, from := svc.service()
	s.check("PipeContext", ctx)
	p := &piped[T, R]{f: f, thenContext: then, sender: ctx}
	return p.pipe(ctx, s, callSite(from.depth), entry(f), entry(then))
}

// WithPipeLimit bounds how many works of Pipe run at once. The default is 64. Works
// that an earlier incarnation has left behind, and that go on though their context
// has ended, are not counted. n below 1 panics.
func WithPipeLimit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("actor: WithPipeLimit(%d): a limit is at least 1", n))
	}
	return func(o *options) { o.works = n }
}

// pipeLimit is the default of WithPipeLimit.
const pipeLimit = 64

// work is a function that runs on a goroutine of its own, for an incarnation: of a
// Pipe, with an outcome, or of a Go, which ends when the service drains.
type work struct {
	step    uint32 // its number for a scheduler of the seam
	in      *incarnation
	ctx     *closureContext
	call    func() // runs the function, and keeps what it returns
	at      location
	outcome job                     // of a Pipe
	cancel  context.CancelCauseFunc // of a Go

	// Guarded by the mutex of the holdings.
	element *list.Element // until the outcome is delivered, or lost
	begun   bool
}

// end makes the outcome a dead letter, whatever becomes of the work.
func (w *work) end(error) job { return w.outcome }

// do is the work's goroutine.
func (w *work) do() {
	defer w.in.worked(w)
	returned := false
	defer func() {
		w.ctx.leave()
		if !returned {
			p := w.in.c.panicError(recover(), panicStack(), w.at)
			w.in.exitWith(p)
			w.in.c.logCrash(p, asked(p.Value))
		}
	}()
	w.call()
	returned = true
	w.ctx.leave() // before it waits for room
	if w.cancel == nil {
		w.in.deliver(w, w.outcome)
	}
}

// piped is a work and its outcome.
type piped[T, R any] struct {
	work
	f           func(context.Context) (R, error)
	then        func(*T, R, error)
	thenContext func(context.Context, *T, R, error) // if then is nil
	next        location
	sender      context.Context // PipeContext's, of which p.ctx has the values only; nil of a Pipe

	result R
	err    error
}

func (p *piped[T, R]) pipe(ctx context.Context, s *Service[T], site, f, then location) error {
	in, err := s.host()
	from, _ := ctx.Value(closureKey{}).(*closureContext)
	if from != nil && from.in.c == &s.core && !from.left.Load() {
		in, err = from.in, nil // also when the service is draining
	}
	p.at, p.next = f, then
	if err == nil {
		p.in = in
		p.outcome = p
		p.ctx = in.castContext(ctx)
		p.ctx.work, p.ctx.pc, p.ctx.site = true, f.pc, site.pc
		if from != nil && from.in == in {
			p.ctx.owes = from.owes
		}
		p.call = func() { p.result, p.err = p.f(p.ctx) }
		if in.undertake(&p.work) {
			return nil
		}
		err = ErrStopped
	}
	return s.refuse(p, err)
}

func (p *piped[T, R]) closure() location { return p.next }

func (p *piped[T, R]) from() context.Context { return p.sender }

func (p *piped[T, R]) run(in *incarnation) {
	if in != p.in {
		in.c.deadLetter(p, ErrRestarted)
		return
	}
	if a := in.interceptors(); a != nil {
		a.seen(in, p, func() { p.apply(in) })
		return
	}
	p.apply(in)
}

func (p *piped[T, R]) apply(in *incarnation) {
	state := in.state.(*T)
	if p.then != nil {
		p.then(state, p.result, p.err)
		return
	}
	ctx := in.castContext(p.ctx)
	ctx.owes = p.ctx.owes
	ctx.enter(p.next.pc)
	defer ctx.leave()
	p.thenContext(ctx, state, p.result, p.err)
}

// Go runs f on a goroutine that the incarnation owns, for what goes on beside the
// service for as long as it lives, such as a loop that reads from a connection and
// hands over what it has read. f does not touch T.
//
// f's context ends when the service begins to drain, and when the incarnation is over;
// then f returns. Stop, and a supervisor that stops the service, wait for that within
// their time; Kill, a restart and a crash do not. Before that f may return nil when it
// has nothing more to do. An error ends the incarnation with that error, as Exit does;
// a panic or runtime.Goexit is a crash of the service, and names f.
//
// The goroutine belongs to the incarnation that calls Go, from its constructor or a
// closure, or, if somebody else calls it, to the present one. Go does not block. It
// returns nil if f runs; ErrStopped, if the service takes nothing new; and
// ErrNotRunning, if no incarnation is running. A nil f panics.
func Go[T any](svc Ref[T], f func(context.Context) error) error {
	if f == nil {
		panic("actor: Go of a nil function")
	}
	s, from := svc.service()
	w, site := &work{at: entry(f)}, callSite(from.depth)
	in, err := s.host()
	if err == nil {
		w.in = in
		w.ctx = in.castContext(context.Background())
		w.ctx.work, w.ctx.pc, w.ctx.site = true, w.at.pc, site.pc
		ctx, cancel := context.WithCancelCause(w.ctx)
		w.cancel = cancel
		w.call = func() {
			err := f(ctx)
			if ctx.Err() == nil && err != nil {
				in.exitWith(err)
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

func (n notRun) run(*incarnation) {}

func (n notRun) closure() location { return n.w.at }

// drains ends what goes on beside the service, which then takes nothing new; core.mu
// is held.
func (in *incarnation) drains() {
	h := in.owns.Load()
	if h == nil || h == endedHoldings {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for e := h.owned.Front(); e != nil && !h.over; e = e.Next() {
		if w, ok := e.Value.(*work); ok && w.cancel != nil {
			w.cancel(ErrStopped)
		}
	}
}
