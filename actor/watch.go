package actor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// DownNotice says that an incarnation of a watched service has ended.
type DownNotice struct {
	Service     string // name of the service that was watched
	Incarnation uint64 // its number; 0 if the service was stopped before there was one
	Reason      error  // as Serve returns it: nil if the end was a normal one
}

// Watch has svc run f for each end of an incarnation of target from now on, in the order of
// the ends. If target is down, because an incarnation has ended and no other has begun, f
// also runs for that end, at once. A target that is not served yet, or is at work, is not
// down. When f runs, target may be up again. The target may be a service of another type,
// and svc may watch itself. A Router (a pool is one) has no incarnations: Watch panics if it
// is the target, so watch its services one by one. As svc, a Router stands for the service
// that would get a closure now.
//
// A watch that svc sets itself, in its constructor or a closure, belongs to the incarnation
// and ends with it: the next one sets its own. A watch that another goroutine sets belongs
// to svc, through all its incarnations, until svc has ended. svc does not hear of ends that
// come while it takes nothing new. A notice that is queued when its watch ends with the
// incarnation is a dead letter.
//
// A watch is kept until it is cancelled, or until target or svc has ended for good (Stop,
// Kill, or a crash after Start). If a supervisor has only abandoned the service, the watch is
// kept until it is cancelled. After cancel has returned f does not begin, even if it was
// queued already; cancel may be called again, and by any goroutine. Neither Watch nor cancel
// blocks; a notice to a bounded svc waits for room by itself. If svc has ended already,
// nothing is watched: like a refused Do that is counted, logged and given to the dead-letter
// hook of svc. A nil f panics.
func Watch[U, T any](target Ref[U], svc Ref[T], f func(*T, DownNotice)) (cancel func()) {
	misuse.Unless(f != nil, "actor: Watch with a nil closure")
	if _, ok := target.(router[U]); ok {
		panic("actor: Watch of a Router: its services are watched one by one")
	}
	t, _ := serviceOf(target)
	s, _ := serviceOf(svc)
	w := &watch{
		target: &t.core,
		by:     &s.core,
		f:      func(state any, d DownNotice) { f(state.(*T), d) },
	}
	w.live(where.Entry(f))
	w.target.made()
	w.by.made()
	if !w.start() {
		_ = w.by.refuse(&notice{watch: w}, ErrStopped)
	}
	return w.cancel
}

// AwaitDown waits until target is down, because an incarnation has ended, and returns that
// end. If target is down already, it returns the latest end. A target that is not served yet,
// or is at work, is not down. If ctx ends first, the error wraps that of ctx, and nothing is
// changed.
//
// AwaitDown is for a goroutine that is no service, in a test or in main; a service uses
// Watch, which does not hold it up. A service that awaits its own end, or a dead-letter hook
// or logger that is told of that very end, gets a *DeadlockError that wraps ErrSelfCall. A
// service whose wait would complete a cycle of services that wait for each other gets a
// *DeadlockError. A function of Go or Pipe passes the context it was given, which ends when the
// service drains: Stop waits for that function. A Router as the target panics.
func AwaitDown[T any](ctx context.Context, target Ref[T]) (DownNotice, error) {
	if _, ok := target.(router[T]); ok {
		panic("actor: AwaitDown of a Router: its services are awaited one by one")
	}
	s, _ := serviceOf(target)
	return s.awaitDown(ctx, where.Direct)
}

func (c *core) awaitDown(ctx context.Context, from where.Origin) (DownNotice, error) {
	c.check("AwaitDown", ctx)
	var end firstEnd
	end.heard = make(chan struct{})
	ends, last, down := c.atEnds(end.hear)
	defer c.notAtEnds(ends)
	if down {
		return c.downNotice(last), nil
	}
	if courtesy.Tells(c) {
		return DownNotice{}, c.awaitsItself(ctx, where.Place{}, from.In())
	}
	if self := callerOf(ctx); self.in != nil {
		if err := self.wait(ctx, c, (&event{come: &end.come}).of(ctx), where.Place{}, from.In()); err != nil {
			return DownNotice{}, err
		}
		defer self.waited()
	}
	if !foreign.First(end.heard, ctx) {
		return DownNotice{}, fmt.Errorf("actor: %s: AwaitDown: %w", c.Name(), foreign.Why(ctx))
	}
	return c.downNotice(end.demise), nil
}

// firstEnd is the end that a goroutine waits for.
type firstEnd struct {
	come   atomic.Bool
	demise demise
	heard  chan struct{}
}

func (e *firstEnd) hear(d demise) {
	if e.come.CompareAndSwap(false, true) { // or it is a later one
		e.demise = d
		close(e.heard)
	}
}

func (c *core) downNotice(d demise) DownNotice { return DownNotice{c.Name(), d.number, d.err} }

// watch is one Watch: a callback of the incarnation or of the service that watches. It is
// also over when that service has ended for good.
type watch struct {
	callback
	// Immutable once it has begun.
	target, by *core
	f          func(state any, d DownNotice)
	ends       *onEnd // of the target
	lives      *onEnd // of the service, if it belongs to that

	mu        sync.Mutex // a leaf: see notifyDue
	due       []demise   // of which the service is to be told, in their order
	notifying bool       // a goroutine does so; true until the watch is whole
}

// start sets the watch. It reports false if there is no service to notify any more. A notice
// of an end that comes meanwhile follows that of the end with which target was down before.
func (w *watch) start() bool {
	w.in = w.by.inside()
	w.notifying = true
	ends, last, down := w.target.atEnds(w.hear)
	w.ends = ends
	if !w.attach() {
		w.expire()
		return false
	}
	if down {
		w.mu.Lock()
		w.due = slices.Insert(w.due, 0, last)
		w.mu.Unlock()
	}
	w.notifyDue()
	return true
}

// attach makes the watch end with the incarnation or the service that it belongs to. It
// reports false if that has ended.
func (w *watch) attach() bool {
	if w.in != nil {
		w.element = w.in.own(w)
		return w.element != nil
	}
	lives, last, _ := w.by.atEnds(func(d demise) {
		if d.final {
			w.expire()
		}
	})
	w.lives = lives
	return !last.final
}

// detach undoes start.
func (w *watch) detach() {
	w.target.notAtEnds(w.ends)
	w.forget()
	if w.in == nil {
		w.by.notAtEnds(w.lives)
	}
}

// hear is called when the target's incarnation has ended.
func (w *watch) hear(d demise) {
	w.mu.Lock()
	w.due = append(w.due, d)
	notifying := w.notifying
	w.notifying = true
	w.mu.Unlock()
	if !notifying {
		w.notifyDue()
	}
}

// notifyDue queues a notice for each end that is due or becomes due meanwhile. mu is not held
// while it queues one: making room may call a dead-letter hook, which may end the target and
// wait until all its watchers have been told. If the hook ends the goroutine, the notices
// that are left are queued all the same.
func (w *watch) notifyDue() {
	done := false
	defer func() {
		if !done {
			w.notifyDue()
		}
	}()
	for d, ok := w.nextDue(); ok; d, ok = w.nextDue() {
		w.notify(d)
	}
	done = true
}

// nextDue takes the first end that is due. If there is none, ok is false, and the goroutine
// that brings the next one queues its notice: see hear.
func (w *watch) nextDue() (d demise, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.notifying = len(w.due) > 0; !w.notifying {
		return d, false
	}
	d = w.due[0]
	w.due = slices.Delete(w.due, 0, 1)
	return d, true
}

// notify queues a notice.
func (w *watch) notify(d demise) {
	if w.state.Load() != callbackLive {
		return
	}
	n := &notice{w, w.target.downNotice(d)}
	if _, err := w.by.box.Line(n); err != nil && w.in == nil && w.by.hasEnded() {
		w.expire() // by was stopped when it was down already: watchers are not told of that
	}
	if d.final { // nothing more to watch, and nothing to be kept for it
		w.detach()
	}
}

func (c *core) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Ended
}

func (w *watch) cancel() {
	if w.callback.cancel() {
		w.detach()
	}
}

func (w *watch) expire() {
	if w.finish() {
		w.target.notAtEnds(w.ends)
	}
}

func (w *watch) end(error) { w.expire() }

// notice is a DownNotice that is queued.
type notice struct {
	*watch
	down DownNotice
}

func (n *notice) run(in *incarnation) { perform(in, n) }

func (n *notice) call(in *incarnation) error {
	n.f(in.state, n.down)
	return nil
}

// atEnds has f called for each end from now on. If the service is without an incarnation
// because one has ended, atEnds returns that end, and ended is true; f is not called for it.
func (c *core) atEnds(f func(demise)) (w *onEnd, last demise, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w = c.ends.Get().add(f)
	in := c.in.Load()
	if in == nil && (c.number > 0 || c.state >= Down) || in != nil && in.announced {
		return w, demise{c.number, c.err, c.state == Ended}, true
	}
	return w, last, false
}

// notAtEnds takes back atEnds. An end that is being told may still reach the function. The
// caller may hold any lock but that of the ends.
func (c *core) notAtEnds(w *onEnd) { c.ends.Get().remove(w) }
