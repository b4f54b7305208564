package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// Call runs f on the service's goroutine and returns its result. It waits for
// room in a bounded service, for its turn, and for f, until ctx ends.
//
// The error is f's own, or one that says what became of f (see OutcomeOf): it
// never ran, because ctx ended before its turn, the service stopped, or waiting
// would have closed a cycle of services that wait for each other; it crashed, and
// the error is a *PanicError; or ctx ended while it ran, and it may still be
// running. A call whose context has ended before its turn does not run.
//
// Async(svc, f).Await(ctx) is a Call that never waits for room: it is refused at once.
//
// What f captures is handed over: the caller lets go of it. A nil f panics.
func Call[T, R any](ctx context.Context, svc Ref[T], f func(*T) (R, error)) (R, error) {
	misuse.Unless(f != nil, "actor: Call of a nil closure")
	return do[T, R](ctx, svc, withError, f)
}

// CallContext is Call for a closure that calls other services. The context of the closure
// has the deadline, cancellation and values of ctx, and knows the chain of callers. It ends
// when the closure returns, or when the service is cut off from the closure.
//
// If the closure passes its context to another goroutine, it is taken to wait for that
// goroutine: what the goroutine waits for, the service waits for. A goroutine that the
// closure does not wait for, and that may call the service back, takes Detach of the context.
func CallContext[T, R any](ctx context.Context, svc Ref[T], f func(context.Context, *T) (R, error)) (R, error) {
	misuse.Unless(f != nil, "actor: CallContext of a nil closure")
	return do[T, R](ctx, svc, withContext, f)
}

// Get is Call for a function without an error. It fits method expressions:
//
//	n, err := actor.Get(ctx, counter, (*Counter).Value)
func Get[T, R any](ctx context.Context, svc Ref[T], f func(*T) R) (R, error) {
	misuse.Unless(f != nil, "actor: Get of a nil closure")
	return do[T, R](ctx, svc, resultOnly, f)
}

// Wait is Call for a function without a result or an error. It fits method expressions:
//
//	err := actor.Wait(ctx, counter, (*Counter).Reset)
func Wait[T any](ctx context.Context, svc Ref[T], f func(*T)) error {
	misuse.Unless(f != nil, "actor: Wait of a nil closure")
	_, err := do[T, struct{}](ctx, svc, noResult, f)
	return err
}

// Run is Call for a function without a result.
func (s *Service[T]) Run(ctx context.Context, f func(*T) error) error {
	misuse.Unless(f != nil, "actor: Run of a nil closure")
	_, err := do[T, struct{}](ctx, s, errorOnly, f)
	return err
}

// RunContext is CallContext for a function without a result.
func (s *Service[T]) RunContext(ctx context.Context, f func(context.Context, *T) error) error {
	misuse.Unless(f != nil, "actor: RunContext of a nil closure")
	_, err := do[T, struct{}](ctx, s, errorContext, f)
	return err
}

// form is the type of a call's function.
type form uint8

const (
	withError    form = iota // func(*T) (R, error)
	withContext              // func(context.Context, *T) (R, error)
	resultOnly               // func(*T) R
	noResult                 // func(*T)
	errorOnly                // func(*T) error
	errorContext             // func(context.Context, *T) error
)

// typedCall is a call. After an answer it is used again, so that a call allocates
// nothing: the service keeps a few.
type typedCall[T, R any] struct {
	reply
	form   form
	f      any // the function, in that form: one pointer, no allocation
	sender context.Context

	result R // written by call, before the call is settled
	err    error
}

func newCall[T, R any](c *core) *typedCall[T, R] {
	for i := range c.calls {
		if r := c.calls[i].Load(); r != nil {
			if k, ok := r.self.(*typedCall[T, R]); ok && c.calls[i].CompareAndSwap(r, nil) {
				return k
			}
		}
	}
	k := new(typedCall[T, R])
	k.self = k
	k.done = make(chan struct{}, 1)
	k.answered.reply = &k.reply
	return k
}

// free lets go of an answered call.
func (k *typedCall[T, R]) free(c *core) {
	var none R
	k.f, k.sender, k.result, k.err = nil, nil, none, nil
	k.ctxDone, k.cause, k.by = nil, nil, nil
	k.state.Store(queued)
	for i := range c.calls {
		if c.calls[i].Load() == nil && c.calls[i].CompareAndSwap(nil, &k.reply) {
			return
		}
	}
}

func do[T, R any](ctx context.Context, ref Ref[T], form form, f any) (result R, err error) {
	s, from := serviceOf(ref)
	c := &s.core
	k := newCall[T, R](c)
	k.set(form, f, ctx)
	if err := c.ask(ctx, &k.reply, from.In()); err != nil {
		return result, err
	}
	result, err = k.result, k.err
	k.free(c)
	return result, err
}

func (k *typedCall[T, R]) set(form form, f any, sender context.Context) {
	k.form, k.f, k.sender = form, f, sender
	if pc := where.Entry(f).PC; k.pc.Load() != pc { // most calls on a service are the same one again
		k.pc.Store(pc)
	}
}

func (k *typedCall[T, R]) run(in *incarnation) {
	if k.claim(in, k) {
		_ = k.call(in)
		k.answer(in)
	}
}

// call keeps what the closure returned: its caller reads that only if the call is answered
// with Ran.
func (k *typedCall[T, R]) call(in *incarnation) (err error) {
	f := k.f
	if k.future {
		k.f = nil // the future may be kept for long
	}
	k.result, err = k.apply(in, in.state.(*T), f)
	k.err = asRan(err) // while it is running: methods of the user's error may hang
	if k.future {
		k.sender = nil // a crash has wanted to know it
	}
	return err
}

func (k *typedCall[T, R]) from() context.Context { return k.sender }

func (k *typedCall[T, R]) apply(in *incarnation, state *T, f any) (result R, err error) {
	switch k.form {
	case withError:
		return f.(func(*T) (R, error))(state)
	case resultOnly:
		return f.(func(*T) R)(state), nil
	case noResult:
		f.(func(*T))(state)
		return result, nil
	case errorOnly:
		return result, f.(func(*T) error)(state)
	}
	return k.runContext(in, state, f)
}

func (k *typedCall[T, R]) runContext(in *incarnation, state *T, f any) (result R, err error) {
	ctx := in.callContext(in.sentWith(k.sender), k.pc.Load())
	ctx.enter()
	defer ctx.leave()
	if k.form == errorContext {
		return result, f.(func(context.Context, *T) error)(ctx, state)
	}
	return f.(func(context.Context, *T) (R, error))(ctx, state)
}

// Retry repeats a call as long as it was not run because the service was full, restarted
// or down. It does not repeat a call that has run, crashed or may be running, nor one that
// would be refused again, because it would close a cycle of waiting services or because an
// interceptor refused it. call gets ctx; it makes one call and returns its error as it is:
//
//	n, err := actor.Retry(ctx, 5, 10*time.Millisecond, func(ctx context.Context) (int, error) {
//		return actor.Get(ctx, stock, (*Stock).Len)
//	})
//
// Retry makes at most tries calls. It pauses for wait before the second one, and for twice
// as long before each one after that; once ctx has ended it makes no more. Retry returns what
// the last call returned. tries below 1, a negative wait, and a nil ctx or call panic.
func Retry[R any](ctx context.Context, tries int, wait time.Duration, call func(context.Context) (R, error)) (R, error) {
	misuse.Unless(ctx != nil && call != nil, "actor: Retry with a nil context or call")
	misuse.Unless(tries >= 1 && wait >= 0,
		fmt.Sprintf("actor: Retry of %d tries after %v: at least one, and a time that is not negative", tries, wait))
	if in := owners.Current(); in != nil {
		before := in.retries
		in.retries = true
		defer func() { in.retries = before }()
	}
	for {
		result, err := call(ctx)
		if tries--; tries == 0 || !worthRetrying(err) {
			return result, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if hasEnded(ctx) { // also if both were ready
			return result, err
		}
		wait *= 2
	}
}

func worthRetrying(err error) bool {
	_, deadlock := foreign.As[*DeadlockError](err)
	return OutcomeOf(err) == NotRun && !foreign.Is(err, ErrRefused) && !deadlock &&
		!foreign.Is(err, context.Canceled) && !foreign.Is(err, context.DeadlineExceeded)
}

// hasEnded reports whether ctx has ended. It has, too, if its deadline has come and it has
// not noticed that yet.
func hasEnded(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		end, ok := ctx.Deadline()
		return ok && !time.Now().Before(end)
	}
}
