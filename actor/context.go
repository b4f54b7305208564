package actor

import (
	"context"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// Keys of the values that the library's contexts carry.
type (
	incarnationKey struct{} // *incarnation, for Self and Exit
	closureKey     struct{} // speaker: the chain of callers
)

// noContext stands for the sender's context if something is handed over without one.
var noContext context.Context

// Why the library's contexts end.
var (
	becauseStopped  = tree.Because(ErrStopped)
	becauseReturned = tree.Because(context.Canceled)
)

func (in *incarnation) reachContext() context.Context {
	return in.contexts.reach.With(context.Background())
}

func (in *incarnation) cancelLife()  { in.contexts.life.End(becauseStopped) }
func (in *incarnation) cancelReach() { in.contexts.reach.End(becauseStopped) }

// lifeContext is the context of an incarnation's constructor. It ends when the incarnation's
// life does. Most constructors do not use it, so a context that can end is made only when it
// is first asked for.
type lifeContext struct{ in *incarnation }

func (x lifeContext) ending() context.Context { return x.in.contexts.life.With(x.in.contexts.base) }

func (x lifeContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (x lifeContext) Done() <-chan struct{}       { return x.ending().Done() }
func (x lifeContext) Err() error                  { return x.ending().Err() }

func (x lifeContext) Value(key any) any {
	switch key.(type) {
	case incarnationKey:
		return x.in
	case closureKey:
		if c := x.in.constructor(); c != nil {
			return c
		}
	case tree.PlaceKey: // the place is the service's, and not that of what its constructor serves
		return &tree.Place{Direct: true}
	}
	if v := x.in.labelValue(key); v != nil {
		return v
	}
	return x.ending().Value(key)
}

// noConstructor stands in place of a constructor that has returned.
var noConstructor = new(closureContext)

// constructor returns the speaker of the constructor, or nil if it has returned. Goroutines
// with the constructor's context belong to it, as those with a closure's do to the closure.
func (in *incarnation) constructor() *closureContext {
	if in.speaks.Load() == nil {
		in.speaks.CompareAndSwap(nil, &closureContext{Context: in.contexts.base, in: in, pc: where.Entry(in.c.build).PC})
	}
	if c := in.speaks.Load(); c != noConstructor {
		return c
	}
	return nil
}

// constructed is called when the constructor has returned, or crashed.
func (in *incarnation) constructed() {
	if c := in.speaks.Swap(noConstructor); c != nil {
		c.left.Store(true)
	}
}

// String is what a context prints as.
func (x lifeContext) String() string { return "actor constructor of " + x.in.c.Name() }

// closureContext is the context of one closure. It has the sender's values, but neither its
// cancellation nor its deadline, and ends with the incarnation's reach. Each DoContext
// allocates one, so it has nothing that only calls and works need.
//
// Goroutines that the closure starts are known by it to belong to the service, as long as the
// closure runs. So it is never used again.
type closureContext struct {
	context.Context // the sender's
	in              *incarnation
	pc              uintptr     // entry of the closure
	work            bool        // of a Pipe: the service does not wait for what the work waits for
	relayed         bool        // the sender's is another closure's
	left            atomic.Bool // the closure has returned
}

// callContext is the context of a call's closure. It also has the cancellation and the deadline
// of the caller's context, and ends with the closure.
type callContext struct {
	closureContext
	owes *reply // of a CallLater: the answer that its closure is to give
	end  tree.Ending
}

// workContext is the context of a Pipe's work, or of the function that runs after it.
type workContext struct {
	closureContext
	owes *reply  // the answer of a CallLater that waits for the work
	site uintptr // of a work: where it was begun
}

// speaker is any of these contexts: it speaks for the incarnation, see callerOf.
type speaker interface {
	closure() *closureContext
	owing() *reply
}

func (x *closureContext) closure() *closureContext { return x }
func (x *closureContext) owing() *reply            { return nil }
func (x *callContext) owing() *reply               { return x.owes }
func (x *workContext) owing() *reply               { return x.owes }

func (in *incarnation) callContext(ctx context.Context, pc uintptr) *callContext {
	return &callContext{closureContext: closureContext{Context: ctx, in: in, pc: pc}}
}

func (in *incarnation) workContext(ctx context.Context, pc uintptr) *workContext {
	return &workContext{closureContext: closureContext{Context: ofSender(ctx), in: in, pc: pc}}
}

// castContext returns the context of a closure whose turn it is. Mostly it is x, which the
// sender has made.
func (in *incarnation) castContext(x *closureContext) *closureContext {
	if x.relayed || in.given != nil {
		return &closureContext{Context: ofSender(in.sentWith(x.Context)), in: in, pc: x.pc}
	}
	x.in = in
	return x
}

// ofSender returns ctx without the contexts of closures around it: otherwise a service that
// goes on sending to itself with its closure's context would have a longer one each time.
func ofSender(ctx context.Context) context.Context {
	for {
		x, ok := ctx.(speaker)
		if !ok {
			return ctx
		}
		ctx = x.closure().Context
	}
}

// sentWith returns the sender's context of a closure that was sent with ctx: that, unless an
// interceptor has set another one.
func (in *incarnation) sentWith(ctx context.Context) context.Context {
	if in.given != nil {
		return *in.given
	}
	return ctx
}

// enter is called before the closure runs.
func (x *closureContext) enter() {
	if x.in.c.slowly != nil {
		x.in.inside.Store(x)
	}
}

// leave is called when the closure has returned or crashed.
func (x *closureContext) leave() {
	x.left.Store(true)
	if x.in.c.slowly != nil {
		x.in.inside.CompareAndSwap(x, nil)
	}
}

func (x *callContext) leave() {
	x.closureContext.leave()
	x.end.End(becauseReturned)
}

func (x *closureContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (x *closureContext) Done() <-chan struct{}       { return x.in.reachContext().Done() }
func (x *closureContext) Err() error                  { return x.in.reachContext().Err() }

func (x *closureContext) Value(key any) any {
	if key == (closureKey{}) {
		return x
	}
	if v := x.common(key); v != nil {
		return v
	}
	if foreign.Standard(key) { // why it ends (context.Cause) is not the sender's affair
		return x.in.reachContext().Value(key)
	}
	return x.Context.Value(key)
}

// common returns what is the same for all contexts of the incarnation's closures.
func (x *closureContext) common(key any) any {
	if key == (incarnationKey{}) {
		return x.in
	}
	return x.in.labelValue(key)
}

// ending returns the context that ends when x does.
func (x *callContext) ending() context.Context {
	if ctx := x.end.Made(); ctx != nil {
		return ctx
	}
	ctx, cancel := context.WithCancelCause(foreign.Sound(x.Context))
	unhook := context.AfterFunc(x.in.reachContext(), func() { cancel(ErrStopped) })
	return x.end.Make(ctx, func(cause error) {
		unhook()
		cancel(cause)
	})
}

func (x *callContext) Deadline() (time.Time, bool) { return x.Context.Deadline() }
func (x *callContext) Done() <-chan struct{}       { return x.ending().Done() }
func (x *callContext) Err() error                  { return x.ending().Err() }

func (x *callContext) Value(key any) any {
	if key == (closureKey{}) {
		return x
	}
	if v := x.common(key); v != nil {
		return v
	}
	// What ends x knows why (context.Cause), and has no values of its own.
	if ctx := x.end.Made(); ctx != nil {
		return ctx.Value(key)
	}
	return x.Context.Value(key)
}

func (x *workContext) Value(key any) any {
	if key == (closureKey{}) {
		return x
	}
	return x.closureContext.Value(key)
}

// String is what a context prints as.
func (x *closureContext) String() string { return "actor closure on " + x.in.c.Name() }

// sent is a job that was sent with a context. What the context says of the sender (on behalf of
// which closure it sends, and its values) is known until the job has run.
type sent interface{ from() context.Context }

// senderOf returns the context with which a job was sent, or nil.
func senderOf(j job) context.Context {
	if s, ok := j.(sent); ok {
		return s.from()
	}
	return nil
}

// Detach returns a context with the values of ctx, but without its cancellation and deadline.
// It is for a goroutine that a closure or a constructor starts and does not wait for. A
// goroutine with the closure's own context is taken to wait on the service's behalf as long
// as the closure runs, and its wait is refused if that would be a deadlock.
func Detach(ctx context.Context) context.Context {
	misuse.Unless(ctx != nil, "actor: Detach with a nil context")
	return context.WithValue(context.WithoutCancel(ctx), closureKey{}, nil)
}

// Exit ends the incarnation that ctx belongs to, or, if ctx belongs to none, the one whose
// goroutine calls Exit. It ends after the closure that is running, or, if the constructor
// calls Exit, before the first closure. It ends normally if err is nil, and otherwise fails
// with err. What follows is up to the supervisor and the child's restart type; a service
// without a supervisor ends. If the incarnation is over already, Exit does nothing. It does
// not block, and may be called from any goroutine with a context of the service. A nil ctx
// panics, and so does one that belongs to no service, unless a service's goroutine calls.
func Exit(ctx context.Context, err error) {
	misuse.Unless(ctx != nil, "actor: Exit with a nil context")
	in, ok := ctx.Value(incarnationKey{}).(*incarnation)
	if !ok {
		in = owners.Current()
	}
	misuse.Unless(in != nil, "actor: Exit with a context that belongs to no service")
	in.exitWith(foreign.Keep(err))
}

func (in *incarnation) exitWith(err error) {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in.Load() == in && !in.lost.Load() && in.exit == nil {
		in.exit = &err
		c.box.Signal(sigOver)
	}
}

// maxCallers bounds a chain of callers, which also ends at an asynchronous closure.
const maxCallers = 64

// callChain returns the call site of j, a job of c, if a caller waits in it, and the closures
// on whose behalf j runs.
func callChain(c *core, j job) (site where.Place, links []link) {
	return chainOf(c, senderOf(j))
}

// chainOf is callChain for a closure of c that was handed over with ctx.
func chainOf(c *core, ctx context.Context) (site where.Place, links []link) {
	defer func() { _ = recover() }() // of a context that is not the library's
	for at := c; ctx != nil && len(links) < maxCallers; {
		s, ok := ctx.Value(closureKey{}).(speaker)
		if !ok {
			break
		}
		x := s.closure()
		l := link{service: x.in.c.Name(), closure: where.Place{PC: x.pc}, site: x.in.waitsAt(at)}
		if len(links) == 0 {
			site = l.site
		}
		links = append(links, l)
		at, ctx = x.in.c, x.Context
	}
	return site, links
}

// waitsAt returns where the goroutine of in waits for c, if it does.
func (in *incarnation) waitsAt(c *core) where.Place {
	w := &in.waits
	seq := w.seq.Load()
	if seq&1 == 0 || w.target.Load() != c {
		return where.Place{}
	}
	site := w.own.Get().site.Load()
	if w.seq.Load() != seq {
		return where.Place{}
	}
	return site.Place()
}

// forget lets go of what the latest wait was for. The owner calls it when it has nothing to do.
func (w *waits) forget() {
	if w.target.Load() != nil {
		w.target.Store(nil)
		w.event.Store(nil)
	}
}

// The goroutine of a service carries the label service=<path> once it is worth its price:
// while the constructor runs, if many closures wait at the beginning, and otherwise when the
// goroutine is woken for the first time. A service of Start that is idle, or that runs one
// closure and ends, has no use for a label. A restart finds the label made.
//
// The contexts that the library passes to closures carry the same label, and not the
// sender's, so that pprof.Do in a closure adds to it and puts it back.

// manyWait is how many closures at the beginning make a label worth its price.
const manyWait = 32

// putOnLabel is called by the owner when a label is due.
func (in *incarnation) putOnLabel() {
	if !in.labelled {
		in.labelled = true
		in.c.label.PutOn(in.c.Name())
	}
}

// takeOffLabel gives the goroutine that called Serve back the labels of its context, as
// pprof.Do does. The runtime does not tell what other labels the goroutine had.
func (in *incarnation) takeOffLabel() {
	if in.c.label.Made() { // or a closure may have put it on, by pprof.Do
		pprof.SetGoroutineLabels(tree.ValuesOf(in.contexts.base))
	}
}

// labelValue returns what the label's context says of a key.
func (in *incarnation) labelValue(key any) any { return in.c.label.Of(in.c.Name()).Value(key) }
