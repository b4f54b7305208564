package actor

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// reply is the part of a call that does not depend on types: which goroutine writes the
// answer, and how the caller learns of it.
//
//	state      event                           next       who
//	queued     its turn                        running    the service
//	queued     its turn, but its context ended settled    the service: NotRun, skipped
//	queued     will not run                    settled    the service, or who cut it off: NotRun
//	queued     the caller's context ends       abandoned  the caller: NotRun; skipped at its turn
//	queued     a future's context ends         settled    package context: NotRun; skipped at its turn
//	queued     an Await of it is refused       settled    who awaited: NotRun; skipped at its turn
//	running    the closure returns             settled    the service: Ran
//	running    the closure crashes             settled    the service: Crashed
//	running    the service is cut off          settled    who cut it off: Unknown
//	running    the caller's context ends       abandoned  the caller: Unknown
//	running    an interceptor refuses it       settled    the service: NotRun
//	running    later: its closure returns      running    (the caller waits on)
//	running    later: the Reply is answered    settled    who answers: Ran
//	running    later: the Reply is lost        settled    the runtime, which has found it: Unknown
//	running    batched: the batch is committed settled    the service: Ran
//	running    batched: the commit crashes     settled    the service: Crashed
//	running    either: the incarnation is over settled    who ends it: Unknown
//
// "Later" is a call of CallLater, "batched" one of CallBatched or AsyncBatched: the return of
// its closure is not its answer.
//
// Every transition is a compare-and-swap. The goroutine that settles a call writes the answer
// and then sends the token, or closes the channel of a future. An abandoned call is not
// written to, and not used again, so a late result reaches no caller.
type reply struct {
	stamp
	mark
	state atomic.Uint32
	what  Outcome // of the answer, with cause
	// Immutable.
	future   bool
	later    bool          // the closure's return is not the answer
	done     chan struct{} // gets one token; of a future, is closed
	answered event         // that the call is answered, as what a service waits for
	within   *event        // answered, or the end of the latest context with which a service waited for it; the caller's
	// Immutable while the call is queued.
	ctxDone <-chan struct{} // of the caller's context; nil if that never ends
	self    job             // what this is a part of
	pc      atomic.Uintptr  // entry of the closure; may be read when the call is another's already
	// Of a future: removes it from its context; nil if that never ends. Called by the
	// goroutine that settles the call.
	unhook func() bool

	// With what, the answer: written by the goroutine that settles the call, before done.
	cause error // unless what is Ran
}

// errEnded stands for the error of the caller's context. Only the caller asks for that error,
// because Err may be code of the program's.
var errEnded = errors.New("actor: the caller's context has ended")

const (
	queued = iota
	running
	settled
	abandoned
)

var replyNames = [...]string{"queued", "running", "settled", "abandoned"}

// claim is the call's turn. It reports false if the closure is not to run.
func (r *reply) claim(in *incarnation, j job) bool {
	c := in.c
	select {
	case <-r.ctxDone:
		c.skipped.Add(1)
		in.counts()
		r.settle(queued, NotRun, errEnded)
		return false
	default:
	}
	if !r.state.CompareAndSwap(queued, running) {
		c.skipped.Add(1)
		return false
	}
	if in.lost.Load() {
		// The service was cut off since the turn began. The goroutine that did so answers a call
		// that is running. This one was not running yet then, so it is answered here, and not run.
		r.refuse(in, j, ErrStopped)
		return false
	}
	return true
}

// answer is called when the closure has returned.
func (r *reply) answer(in *incarnation) {
	in.returned()
	in.counts()
	r.settle(running, Ran, nil)
}

// refuse is called when an interceptor did not let the closure run.
func (r *reply) refuse(in *incarnation, j job, why error) {
	in.c.dead.Add(1)
	in.counts()
	r.settle(running, NotRun, why)
	in.c.report(letterOf(j), why, false)
}

// withdrawn answers a call that will not run, and reports whether a caller waited for it.
func (r *reply) withdrawn(c *core, why error) (lost bool) {
	if !r.state.CompareAndSwap(queued, settled) {
		return false
	}
	c.dead.Add(1)
	r.write(NotRun, why)
	return true
}

func (r *reply) ofItself() bool { return false }

// settle answers the call if it is in state from, and reports whether it was.
func (r *reply) settle(from uint32, what Outcome, cause error) bool {
	if !r.state.CompareAndSwap(from, settled) {
		return false
	}
	r.write(what, cause)
	return true
}

// write answers a call that the caller of this has settled.
func (r *reply) write(what Outcome, cause error) {
	r.what, r.cause = what, cause
	r.pass()
}

func (r *reply) replied() *reply      { return r }
func (r *reply) closure() where.Place { return where.Place{PC: r.pc.Load()} }

// pass passes the answer, which has been written.
func (r *reply) pass() {
	if r.future {
		if r.unhook != nil {
			r.unhook()
			r.unhook = nil // it holds the context
		}
		close(r.done)
	} else {
		r.done <- struct{}{}
	}
}

// abandon gives up a call whose context ended first, and returns what may be known of the
// closure. It reports false if the call has been settled.
func (r *reply) abandon() (Outcome, bool) {
	if r.state.CompareAndSwap(queued, abandoned) {
		return NotRun, true
	}
	return Unknown, r.state.CompareAndSwap(running, abandoned)
}

// ask queues a call and waits until it is answered. It returns nil if the closure
// ran to its end.
func (c *core) ask(ctx context.Context, r *reply, from where.Origin) error {
	c.check("call", ctx)
	ctxDone := ctx.Done()
	if ctxDone != nil {
		if err := foreign.ErrOf(ctx); err != nil {
			return c.callError(ctx, NotRun, r, err, from.In())
		}
		r.ctxDone = ctxDone
	}
	self := callerOf(ctx)
	if self.in != nil {
		if err := self.wait(ctx, c, r.awaited(ctx.Done()), r.closure(), from.In()); err != nil {
			return err
		}
		defer self.waited() // also if ctx panics
	}
	what, cause := c.await(ctx, ctxDone, r, from.In())
	if cause != nil {
		return c.callError(ctx, what, r, cause, from.In())
	}
	return nil
}

// awaited returns the event that ends the wait of a caller. It is kept, since the calls of one
// closure have one context.
func (r *reply) awaited(ctxDone <-chan struct{}) *event {
	if ctxDone == nil {
		return &r.answered
	}
	if r.within == nil || r.within.ends != ctxDone {
		r.within = &event{reply: r, ends: ctxDone}
	}
	return r.within
}

func (c *core) await(ctx context.Context, ctxDone <-chan struct{}, r *reply, from where.Origin) (Outcome, error) {
	if err := c.put(ctx, r.self, from.In()); err != nil {
		c.refused.Add(1)
		return NotRun, err
	}
	if ctxDone == nil {
		<-r.done
	} else {
		select {
		case <-r.done:
		case <-ctxDone:
			if what, ok := r.abandon(); ok {
				return what, foreign.Why(ctx)
			}
			<-r.done // an answer that is there counts
		}
	}
	if r.cause == errEnded {
		return r.what, foreign.Why(ctx)
	}
	return r.what, r.cause
}

// put queues a job, and waits for room within ctx.
func (c *core) put(ctx context.Context, j job, from where.Origin) error {
	a := c.around.Load()
	if a != nil && a.observer != nil {
		j = a.observer.stamp(ctx, j, from.In())
	}
	if a != nil && len(a.intercept) > 0 {
		j = marked(j)
	}
	if a != nil {
		a.sends(ctx)
	}
	switch err := c.box.TryPut(j); err {
	case nil:
		return nil
	case mailbox.ErrFull:
		return public(c.box.Put(ctx, j))
	default:
		return public(err)
	}
}

// callError makes the error of a call.
func (c *core) callError(ctx context.Context, what Outcome, r *reply, cause error, from where.Origin) error {
	return &callError{what, c.Name(), r.closure(), outside(ctx, from), cause}
}

// roomRefused is called when a job will have no room, before its sender knows. It marks the
// call, since the wait of its caller is over.
func roomRefused(j job) {
	if k, ok := j.(call); ok {
		k.replied().state.CompareAndSwap(queued, abandoned)
	}
}
