package actor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// An Interceptor is called on the service's goroutine instead of each closure, and of each
// commit of WithBatch, and calls run, once and before it returns, to run it. run returns the
// closure's own error, and nil if it has none; the interceptor's result is not used
// then, and who waits for the closure is answered when the interceptor has returned.
//
// An interceptor that does not call run refuses the closure. Its error is the
// reason: who waits for the closure gets it, with the outcome NotRun and matching
// ErrRefused, and a closure without a caller becomes a dead letter with it. Of a commit it is
// the error.
//
// A panic of the closure passes through the interceptor, whose deferred functions
// see it; it is the service's crash even if one of them recovers it. A panic of an
// interceptor is that, too. A second run does nothing.
//
// run is the interceptor's for the time of its call, and its goroutine's. Later, or on
// another goroutine, it runs nothing and returns an error that says so: the closure would
// run beside the service, and after its caller has learnt that it never will. A time-out
// that calls run on a goroutine and does not wait for it refuses the closure.
type Interceptor func(c Closure, run func() error) error

// FilteredInterceptor is an Interceptor of the closures that it wants to see, by the context
// with which they were sent: by a call, DoContext, SendContext, PipeContext, or PublishContext
// of a topic. Want is asked once for each, on the service's goroutine when the closure's turn
// has come and before any interceptor is called. If it reports false, Run is not called. What
// was sent without a context, as by Do or a timer, is not asked about, and passes. A panic of
// Want is one of an interceptor.
//
// So what looks at few closures costs the others no allocation. It cannot refuse what it does
// not want to see: to let only some senders through is for an Interceptor.
type FilteredInterceptor struct {
	Want func(sender context.Context) bool // whether Run is called
	Run  Interceptor                       // called around the closure

	hidden bool // what it does is taken for the closure's: see insideSeam
}

// Closure is what an interceptor may know of a closure. It is of no use when the
// interceptor has returned; the methods of a zero one panic.
type Closure struct {
	x   *chain
	at  int             // which one of the chain is called with it
	ctx context.Context // x.ctx at that time
}

// some returns what the closure is in, which is not a zero one.
func (c Closure) some() *chain {
	misuse.Unless(c.x != nil, "actor: a Closure is what an Interceptor is called with")
	return c.x
}

// Service returns the name of the service.
func (c Closure) Service() string { return c.some().in.c.Name() }

// Context returns the sender's context: of a call, of DoContext, SendContext, PipeContext and
// PublishContext of a topic. Anything else has context.Background. It is another one if an
// interceptor outside of this one has set that.
func (c Closure) Context() context.Context {
	c.some()
	return c.ctx
}

// SetContext has ctx stand for the sender's context, for the closure and the interceptors
// inside of this one: so a span that the closure opens is within the interceptor's. A closure
// with a context, as those of CallContext, AsyncContext, CallLater, DoContext and PipeContext,
// has the values of ctx then, and that of a call ends when ctx does: it has ended from the
// beginning if ctx has. Others are as before.
//
// ctx is made of Context, normally. One that is not has neither the values nor the deadline of
// the sender, and who is called with it does not know on whose behalf. The caller goes by its
// own context in any case: that bounds its waiting, and says whether the closure runs.
//
// SetContext is called before run, on the interceptor's goroutine; otherwise it panics, as it
// does if ctx is nil.
func (c Closure) SetContext(ctx context.Context) {
	x := c.some()
	misuse.Unless(ctx != nil, "actor: SetContext(nil)")
	misuse.Unless(owners.Current() == x.in && x.open == c.at+1 && !x.begun, // in this order: the rest is the goroutine's
		"actor: SetContext after run or its interceptor's return, or on another goroutine")
	x.ctx, x.set = ctx, true
}

// Awaited reports whether a caller waits for the closure: it is a call.
func (c Closure) Awaited() bool {
	_, ok := c.some().of.(call)
	return ok
}

// Own reports whether the closure is the service's own: of a timer, of Watch, what Pipe hands
// back, or the commit of a batch. It has no sender, so what looks at senders lets it pass.
func (c Closure) Own() bool {
	j, ok := c.some().of.(interface{ ofItself() bool })
	return ok && j.ofItself()
}

// PC returns the entry of the closure's function: a cheap key for numbers that are
// kept for each function. runtime.FuncForPC knows its name.
func (c Closure) PC() uintptr { return c.some().of.closure().PC }

// String names the closure by function and line, as "pkg.(*Shop).Buy.func1 shop.go:41".
func (c Closure) String() string { return c.some().of.closure().String() }

// WithInterceptor has f called around each closure of the service. Of several, the
// first is the outermost; those of the service's tree are outside of its own. Without
// any, a closure costs nothing more. A nil f panics.
func WithInterceptor(f Interceptor) Option {
	misuse.Unless(f != nil, "actor: WithInterceptor(nil)")
	return intercepting(FilteredInterceptor{Run: f})
}

// WithFilteredInterceptor has f.Run called around those closures of the service that f.Want
// reports true for. It stands among the interceptors in the order of the options. A nil Want
// and a nil Run panic.
func WithFilteredInterceptor(f FilteredInterceptor) Option {
	misuse.Unless(f.Want != nil && f.Run != nil, "actor: WithFilteredInterceptor with a nil function")
	return intercepting(f)
}

func intercepting(f FilteredInterceptor) Option {
	return func(o *options) { o.intercept = append(slices.Clip(o.intercept), f) }
}

// wants reports whether f is called around a closure that was sent with ctx; nil: with none.
func (f *FilteredInterceptor) wants(in *incarnation, ctx context.Context) bool {
	if f.Want == nil {
		return true
	}
	if ctx == nil {
		return false
	}
	in.userFunc.Store(where.Entry(f.Want).PC)
	wanted := f.Want(ctx)
	in.userFunc.Store(0)
	return wanted
}

// wanting returns those of list that are called around a closure that was sent with ctx. It
// allocates only if some are and some are not.
func wanting(list []FilteredInterceptor, in *incarnation, ctx context.Context) []FilteredInterceptor {
	all, some := true, list[:0:0]
	for i := range list {
		switch wanted := list[i].wants(in, ctx); {
		case wanted && !all:
			some = append(some, list[i])
		case !wanted && all:
			all, some = false, append(some, list[:i]...)
		}
	}
	if all {
		return list
	}
	return some
}

// enclosed is what interceptors are called around: a job, or the commit of a batch.
type enclosed interface{ closure() where.Place }

// chain is the interceptors at work on one closure.
type chain struct {
	list     []FilteredInterceptor
	in       *incarnation
	of       enclosed
	f        func() error
	ctx      context.Context // the sender's, or what an interceptor has set
	set      bool            // that
	outside  uintptr         // what runs as far as the incarnation knows, when no interceptor does
	open     int             // how many interceptors are being called
	begun    bool            // f was called
	returned bool            // and has returned
	err      error
}

var (
	errSwallowed = errors.New("actor: an interceptor recovered the panic of a closure")
	errRevoked   = errors.New("actor: the run of an interceptor was called after that had returned, or on another goroutine: the closure does not run")
)

// intercepted runs f inside of the interceptors, for what was sent with ctx, or nil. It
// returns nil if f has run, and otherwise why not.
func intercepted(list []FilteredInterceptor, in *incarnation, of enclosed, ctx context.Context, f func() error) (refused error) {
	if ctx == nil {
		ctx = context.Background()
	}
	x := chain{list: list, in: in, of: of, ctx: ctx, f: f, outside: in.userFunc.Load()}
	err := x.call(0)
	in.userFunc.Store(x.outside)
	switch {
	case x.returned:
		return nil
	case x.begun:
		panic(errSwallowed)
	case err == nil:
		return ErrRefused
	}
	return fmt.Errorf("%w: %w", ErrRefused, asRan(err))
}

// call calls the i-th interceptor, or, when there are no more, the closure.
func (x *chain) call(i int) error {
	if i < len(x.list) {
		f := x.list[i].Run
		x.runs(i)
		x.open = i + 1
		err := f(Closure{x, i, x.ctx}, func() error {
			if owners.Current() != x.in || x.open <= i { // in this order: open is the goroutine's
				return errRevoked
			}
			err := x.call(i + 1)
			x.runs(i)
			return err
		})
		x.open = i
		return err
	}
	if !x.begun {
		x.begun = true
		x.run()
	}
	return x.err
}

// runs says that the i-th interceptor is at work: a crash is its.
func (x *chain) runs(i int) {
	if f := &x.list[i]; !f.hidden {
		x.in.userFunc.Store(where.Entry(f.Run).PC)
	} else {
		x.in.userFunc.Store(x.outside)
	}
}

// run runs the closure.
func (x *chain) run() {
	in := x.in
	in.userFunc.Store(x.outside)
	if x.set {
		in.given = &x.ctx
	}
	x.err = x.f()
	in.given = nil
	x.returned = true
}
