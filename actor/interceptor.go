package actor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// An Interceptor is called on the service's goroutine in place of each closure, and of each
// commit of WithBatch. It calls run, once and before it returns, to run the closure. run
// returns the closure's own error, or nil if there is none. The interceptor's result is not
// used then, and the caller of the closure is answered when the interceptor has returned.
//
// An interceptor that does not call run refuses the closure, and its error is the reason.
// The caller gets that error, which has the outcome NotRun and matches ErrRefused; a closure
// without a caller becomes a dead letter with it. A commit that is refused fails with it.
//
// A panic of the closure passes through the interceptor, whose deferred functions see it; it
// is a crash of the service even if one of them recovers it. A panic of the interceptor is a
// crash, too. A second call of run does nothing.
//
// run works only during the interceptor's call, and on its goroutine. Later, or on another
// goroutine, it runs nothing and returns an error that says so: otherwise the closure would
// run beside the service, after its caller has learnt that it never will. A time-out that
// calls run on another goroutine and does not wait for it refuses the closure.
type Interceptor func(c Closure, run func() error) error

// FilteredInterceptor is an Interceptor for some closures. Want chooses them by the context
// with which they were sent: by a call, DoContext, SendContext, PipeContext, or PublishContext
// of a topic. Want is called once for each closure, on the service's goroutine, when the
// closure's turn has come and before any interceptor is called. If it reports false, Run is
// not called. For a closure that was sent without a context, as by Do or a timer, neither is
// called. A panic of Want counts as one of an interceptor.
//
// So an interceptor of few closures costs the others no allocation. It cannot refuse closures
// that it does not want to see; to let only some senders through, use an Interceptor.
type FilteredInterceptor struct {
	Want func(sender context.Context) bool // whether Run is called
	Run  Interceptor                       // called around the closure

	hidden bool // what it does is taken for the closure's: see insideSeam
}

// Closure is what an interceptor may know of a closure. It must not be used when the
// interceptor has returned. The methods of a zero Closure panic.
type Closure struct {
	x   *chain
	at  int             // which one of the chain is called with it
	ctx context.Context // x.ctx at that time
}

// some returns the chain that the closure is in, and panics if the Closure is zero.
func (c Closure) some() *chain {
	misuse.Unless(c.x != nil, "actor: a Closure is what an Interceptor is called with")
	return c.x
}

// Service returns the name of the service.
func (c Closure) Service() string { return c.some().in.c.Name() }

// Context returns the sender's context: that of a call, DoContext, SendContext, PipeContext
// or PublishContext of a topic. Anything else has context.Background. If an interceptor outside
// of this one has called SetContext, it is the context that was set.
func (c Closure) Context() context.Context {
	c.some()
	return c.ctx
}

// SetContext has ctx take the place of the sender's context, for the closure and for the
// interceptors inside of this one: so a span that the closure opens is within the
// interceptor's. The context of a closure that has one (that of CallContext, AsyncContext,
// CallLater, DoContext or PipeContext) then has the values of ctx. The context of a call also
// ends when ctx does; if ctx has ended already, it has too. Other closures are not affected.
//
// Normally ctx is derived from Context. One that is not lacks the values and the deadline of
// the sender, and services that are called with it do not know on whose behalf. The caller
// goes by its own context in any case: that bounds its waiting, and whether the closure runs.
//
// SetContext is called before run, on the interceptor's goroutine. Otherwise, or if ctx is
// nil, it panics.
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

// Own reports whether the service handed the closure to itself: for a timer, for Watch, for
// what Pipe hands back, or as the commit of a batch. Such a closure has no sender, so an
// interceptor that checks senders should let it pass.
func (c Closure) Own() bool {
	j, ok := c.some().of.(interface{ ofItself() bool })
	return ok && j.ofItself()
}

// PC returns the entry of the closure's function: a cheap key for statistics by function.
// runtime.FuncForPC knows its name.
func (c Closure) PC() uintptr { return c.some().of.closure().PC }

// String names the closure by function and line, as "pkg.(*Shop).Buy.func1 shop.go:41".
func (c Closure) String() string { return c.some().of.closure().String() }

// WithInterceptor has f called around each closure of the service. The first of several is
// the outermost; interceptors of the service's tree are outside of its own. A service without
// interceptors pays nothing for them. A nil f panics.
func WithInterceptor(f Interceptor) Option {
	misuse.Unless(f != nil, "actor: WithInterceptor(nil)")
	return intercepting(FilteredInterceptor{Run: f})
}

// WithFilteredInterceptor has f.Run called around those closures of the service for which
// f.Want reports true. Its place among the interceptors is that of the option. A nil Want and
// a nil Run panic.
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
