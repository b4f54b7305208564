package actor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/where"
)

// Recipient is where values of one type are sent to, by senders that know nothing of the
// service behind it. Each value is a closure of the service, which calls a function with the
// value. A Recipient is made by NewRecipient. Its methods may be called by any number of
// goroutines at once, and do not block. A Recipient does not keep its service alive.
type Recipient[E any] struct {
	callback
	// Immutable. The service is held weakly: a running one is held by its goroutine, and one
	// that will run by the code that will serve it. One that nothing else holds will never
	// run. A Router may be known nowhere else, so it is held.
	c     weak.Pointer[core]
	route *route // of a Router, instead of c
	f     func(state any, e E)
	// E names the user's function: see seam.Named.
	named bool

	unheard atomic.Bool // of a Router: what was picked for the latest value accepts nothing

	mu    sync.Mutex
	owner *incarnation // that it belongs to, and that is not over; nil: the service; under mu
	free  *delivery[E] // to be used again, linked by next; under mu
	spare int          // how many; under mu
}

// NewRecipient returns a Recipient: for each value that is sent to it, svc calls f with T
// and that value. It fits method expressions:
//
//	orders, err := actor.NewRecipient(kitchen, (*Kitchen).Cook)
//
// The Recipient lasts until Close or the end of the service; a restart does not end it, and
// what is sent meanwhile is queued. But a Recipient that the service makes itself, in its
// constructor or a closure, belongs to the incarnation and ends with it, since the next
// incarnation makes its own; values that are still queued are dead letters.
//
// If svc is a Router, it picks a service for each value that is sent: each value sent to a
// pool goes to one member. The Recipient keeps the Router from being freed, and the service
// that is picked now: if the Router's function panics, that service counts the value as refused.
//
// The error matches ErrStopped if Do would return ErrStopped. A nil f panics.
func NewRecipient[T, E any](svc Ref[T], f func(*T, E)) (*Recipient[E], error) {
	misuse.Unless(f != nil, "actor: NewRecipient of a nil function")
	r := &Recipient[E]{f: func(state any, e E) { f(state.(*T), e) }}
	_, r.named = any(*new(E)).(seam.Named)
	r.live(where.Entry(f))
	at, _ := serviceOf(svc)
	to := &at.core
	to.made()
	if v, ok := svc.(router[T]); ok {
		router := v.router()
		r.route = &route{
			pick: func() *core { s, _ := serviceOf(router); return &s.core },
			at:   where.Entry(router.way.pick), first: to,
		}
	} else {
		r.c = weak.Make(to)
	}
	if to.refuses() || !r.belongs(to) {
		return nil, fmt.Errorf("actor: %s: NewRecipient: %w", to.Name(), ErrStopped)
	}
	return r, nil
}

// belongs has r end with the incarnation that makes it. It reports false if that is over.
func (r *Recipient[E]) belongs(to *core) bool {
	in := to.inside()
	if in == nil || r.route != nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owner, r.element = in, in.own(r)
	return r.element != nil
}

// Send hands e to the service, as Do does a closure: if it returns nil, the function is
// called with e once, or e is reported as a dead letter. Otherwise Send returns
// ErrMailboxFull, and like a refused Do that is counted, logged and given to the service's
// dead-letter hook; or it returns ErrStopped, and nothing else, if the service is not running
// and never will, or if the Recipient has ended. If the function of a Router panics, e is
// refused likewise, and Send returns a *PanicError with the outcome NotRun. Values that one
// goroutine sends come in that order. Send uses its memory for queued values again, and keeps
// it for 64 at most: it allocates only while more are queued than before.
func (r *Recipient[E]) Send(e E) error { return r.send(noContext, e, where.Direct.In().In()) }

// SendContext is Send for a value that has a sender: interceptors see ctx as the context of
// its closure, and a crash names the callers that ctx knows. Whether ctx has ended, or ends,
// does not matter. A nil ctx panics.
func (r *Recipient[E]) SendContext(ctx context.Context, e E) error {
	misuse.Unless(ctx != nil, "actor: SendContext with a nil context")
	return r.send(ctx, e, where.Direct.In().In())
}

func (r *Recipient[E]) send(ctx context.Context, e E, from where.Origin) error {
	r.made()
	if r.state.Load() != callbackLive {
		return ErrStopped
	}
	if r.named {
		r.at = where.Entry(any(e).(seam.Named).Func())
	}
	d := r.delivery(e)
	d.ctx = ctx
	to, err := r.target(d)
	if err == nil {
		err = to.tryPut(d, from)
	}
	if err == ErrMailboxFull {
		_ = to.refuse(d, err)
	}
	if r.route != nil {
		r.unheard.Store(err == ErrStopped)
	}
	if err != nil {
		r.recycle(d)
	}
	return err
}

// Close ends r: nothing more is sent, and the function is not called any more. Values that
// are queued already are skipped; a call that has begun is not interrupted. Close may be
// called more than once, and from the function.
func (r *Recipient[E]) Close() {
	r.made()
	if !r.cancel() {
		return
	}
	r.mu.Lock()
	in := r.owner
	r.owner = nil
	r.mu.Unlock()
	if in != nil {
		in.release(r.element)
	}
}

// end is called when the incarnation is over.
func (r *Recipient[E]) end(error) {
	r.finish()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owner = nil
}

// Ended reports whether nothing more will come of r: it was closed, or what it belongs to
// has ended for good. A service that is only down may be served again. For a Router, Ended
// reports whether the service that was picked for the latest value accepts nothing; it does
// not have the Router pick another.
func (r *Recipient[E]) Ended() bool {
	r.made()
	if r.state.Load() != callbackLive {
		return true
	}
	if r.route != nil {
		return r.unheard.Load()
	}
	c := r.c.Value()
	return c == nil || c.endsForGood()
}

// made panics if r is a nil or zero Recipient.
func (r *Recipient[E]) made() {
	misuse.Unless(r != nil && r.f != nil, "actor: a Recipient is made by NewRecipient")
}

// target returns the service that gets d.
func (r *Recipient[E]) target(d job) (*core, error) {
	if r.route != nil {
		return r.route.target(d)
	}
	if c := r.c.Value(); c != nil {
		return c, nil
	}
	return nil, ErrStopped
}

// route is a Router, for a Recipient.
type route struct {
	pick  func() *core
	at    where.Place // of the user's function
	first *core       // that was picked when the Recipient was made
}

// target picks the service that gets d. The user's function is not the sender's: if it does not
// return, d is refused, which is told on behalf of the service that was picked first, since
// there is no other.
func (r *route) target(d job) (to *core, err error) {
	defer func() {
		if to == nil {
			p := r.first.panicError(recover(), closureLoop.Stack(), r.at)
			err = WithOutcome(p, NotRun)
			defer func() { _ = r.first.refuse(d, err) }() // also if to ask the value ends the goroutine
			p.keep()
		}
	}()
	return r.pick(), nil
}

// refuses reports whether the service is stopped, and takes nothing.
func (c *core) refuses() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state >= Draining
}

// endsForGood reports whether the service has ended for good, or is about to.
func (c *core) endsForGood() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Ended || c.final
}

// delivery is a value on its way: a job. It is used again after its turn, so that values
// cost no allocations if the service keeps up. Until the owner of the mailbox takes its next
// job, observers may ask the delivery where its function is, so what that needs never changes.
type delivery[E any] struct {
	to   *Recipient[E]
	ctx  context.Context // of the sender; may be nil
	e    E
	next *delivery[E]
	mark
}

const (
	slab      = 8  // how many deliveries are allocated at once
	keepSpare = 64 // how many are kept at most: as many as a mailbox keeps of its slots
)

func (r *Recipient[E]) delivery(e E) *delivery[E] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.free == nil {
		ds := make([]delivery[E], slab)
		for i := range ds {
			ds[i].to, ds[i].next, r.free = r, r.free, &ds[i]
		}
		r.spare = slab
	}
	d := r.free
	r.free = d.next
	r.spare--
	d.e, d.next = e, nil
	return d
}

func (r *Recipient[E]) recycle(d *delivery[E]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var none E
	d.e, d.ctx, d.by = none, nil, nil // not kept alive
	if r.spare < keepSpare {
		d.next, r.free = r.free, d
		r.spare++
	}
}

func (d *delivery[E]) run(in *incarnation) { perform(in, d) }

func (d *delivery[E]) claim(in *incarnation, j job) bool {
	ok := d.to.claim(in, j)
	if !ok {
		d.to.recycle(d)
	}
	return ok
}

func (d *delivery[E]) call(in *incarnation) error {
	d.to.f(in.state, d.e)
	return nil
}

func (d *delivery[E]) answer(*incarnation) { d.to.recycle(d) }

func (d *delivery[E]) refuse(in *incarnation, j job, why error) {
	d.to.refuse(in, j, why)
	d.to.recycle(d)
}

func (d *delivery[E]) withdrawn(c *core, why error) (lost bool) {
	d.to.recycle(d)
	return d.to.withdrawn(c, why)
}

func (d *delivery[E]) closure() where.Place { return d.to.at }
func (d *delivery[E]) ofItself() bool       { return false }

func (d *delivery[E]) from() context.Context { return d.ctx }
