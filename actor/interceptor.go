package actor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bruskajp/nano_services/internal/where"
)

// An Interceptor is called on the service's goroutine instead of each closure, and
// calls run, once and before it returns, to run the closure. run returns the
// closure's own error, and nil if it has none; the interceptor's result is not used
// then, and who waits for the closure is answered when the interceptor has returned.
//
// An interceptor that does not call run refuses the closure. Its error is the
// reason: who waits for the closure gets it, with the outcome NotRun and matching
// ErrRefused, and a closure that nobody waits for becomes a dead letter with it.
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

// Closure is what an interceptor may know of a closure. It is of no use when the
// interceptor has returned.
type Closure struct {
	in  *incarnation
	j   job
	ctx context.Context
}

// some returns the closure, which is not a zero one.
func (c Closure) some() Closure {
	must(c.j != nil, "actor: a Closure is what an Interceptor is called with")
	return c
}

// Service returns the name of the service.
func (c Closure) Service() string { return c.some().in.c.Name() }

// Context returns the sender's context: of a call, and of DoContext. Anything else
// has context.Background.
func (c Closure) Context() context.Context { return c.ctx }

// Awaited reports whether somebody waits for the closure: it is a call.
func (c Closure) Awaited() bool {
	_, ok := c.j.(call)
	return ok
}

// Own reports whether the closure is the service's own: of a timer, of Watch, or what
// Pipe hands back. Nobody sent it, so who looks at senders lets it pass.
func (c Closure) Own() bool {
	j, ok := c.j.(staged)
	return ok && j.own()
}

// PC returns the entry of the closure's function: a cheap key for numbers that are
// kept for each function. runtime.FuncForPC knows its name.
func (c Closure) PC() uintptr { return c.some().j.closure().PC }

// String names the closure by function and line, as "pkg.(*Shop).Buy.func1 shop.go:41".
func (c Closure) String() string { return c.some().j.closure().String() }

// WithInterceptor has f called around each closure of the service. Of several, the
// first is the outermost; those of the service's tree are outside of its own. Without
// any, a closure costs nothing more. A nil f panics.
func WithInterceptor(f Interceptor) Option {
	must(f != nil, "actor: WithInterceptor(nil)")
	return func(o *options) { o.intercept = append(slices.Clip(o.intercept), f) }
}

// chain is the interceptors at work on one closure.
type chain struct {
	list     []Interceptor
	c        Closure
	f        func() error
	open     int  // how many interceptors are being called
	begun    bool // f was called
	returned bool // and has returned
	err      error
}

var (
	errSwallowed = errors.New("actor: an interceptor recovered the panic of a closure")
	errRevoked   = errors.New("actor: the run of an interceptor was called after that had returned, or on another goroutine: the closure does not run")
)

// intercepted runs f inside of the interceptors. It returns nil if f has run, and
// otherwise why not.
func intercepted(list []Interceptor, in *incarnation, j job, ctx context.Context, f func() error) (refused error) {
	if ctx == nil {
		ctx = context.Background()
	}
	x := chain{list: list, c: Closure{in, j, ctx}, f: f}
	err := x.call(0)
	in.aside.Store(0)
	switch {
	case x.returned:
		return nil
	case x.begun:
		panic(errSwallowed)
	case err == nil:
		return ErrRefused
	}
	return fmt.Errorf("%w: %w", ErrRefused, own(err))
}

// call calls the i-th interceptor, or, when there are no more, the closure.
func (x *chain) call(i int) error {
	if i < len(x.list) {
		f := x.list[i]
		x.c.in.aside.Store(where.Entry(f).PC)
		x.open = i + 1
		err := f(x.c, func() error {
			if owners.Current() != x.c.in || x.open <= i { // in this order: open is the goroutine's
				return errRevoked
			}
			err := x.call(i + 1)
			x.c.in.aside.Store(where.Entry(f).PC)
			return err
		})
		x.open = i
		return err
	}
	if !x.begun {
		x.begun = true
		x.c.in.aside.Store(0)
		x.err = x.f()
		x.returned = true
	}
	return x.err
}
