package actor

import (
	"container/list"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/where"
)

// callback is a function that a service has asked for, or was asked for, to be called
// when something happens: the clock has come so far (Timer), another service has ended
// (Watch), work has come to its end (Pipe), or a value was sent (Recipient). What has
// happened waits in the mailbox as a staged job, and at its turn the callback decides. It belongs to an incarnation, which ends it, or to the service.
//
//	state      event                                   next       the job
//	live       its turn                                live       runs
//	live       its turn, and it is called once         over       runs
//	live       its turn, another incarnation's         live       a dead letter: ErrRestarted
//	live       its turn, draining, if that ends it     live       a dead letter: ErrStopped
//	live       it leaves the queue without its turn    live       a dead letter, as who empties the queue says
//	live       the same, and it is called once         over       the same
//	live       cancel                                  cancelled  is skipped, at its turn or when it leaves the queue
//	live       what it belongs to is over              over       a dead letter at its turn: ErrRestarted, or
//	                                                              ErrStopped if that is still its incarnation's
//	cancelled  anything                                cancelled  skipped
//	over       cancel, the end                         over       (none)
//
// What runs does so inside of the interceptors, and what is skipped, or a dead letter, does
// not come to them. Every transition is a compare-and-swap.
type callback struct {
	// Immutable once it is live.
	at     where.Place  // the user's function
	in     *incarnation // the only one that may run it; nil: any
	once   bool         // its first turn is its last
	drains bool         // it is not called any more when the service drains

	state   atomic.Uint32
	element *list.Element // in the resources of in; written before it can be cancelled
}

const (
	callbackLive uint32 = iota + 1 // so that nothing can be done with a zero one
	callbackCancelled
	callbackOver
)

// live makes a callback of the user's function live.
func (b *callback) live(at where.Place) {
	b.at = at
	b.state.Store(callbackLive)
}

func (b *callback) closure() where.Place { return b.at }

// own says that the service has handed the job to itself.
func (b *callback) own() bool { return true }

// host returns the incarnation to which belongs what the running goroutine asks for:
// its own if it serves, also if it is lost; else the present one, if that is not to
// end.
func (c *core) host() (*incarnation, error) {
	c.made()
	if in := c.inside(); in != nil {
		return in, nil
	}
	in := c.in.Load()
	switch {
	case c.box.Closed():
		return nil, ErrStopped
	case in == nil:
		return nil, ErrNotRunning
	}
	return in, nil
}

// inside returns the incarnation of the service that the running goroutine serves, or
// nil.
func (c *core) inside() *incarnation {
	if in := owners.Current(); in != nil && in.c == c {
		return in
	}
	return nil
}

// claim reports whether j, whose turn has come, is to run. Otherwise it is accounted for.
func (b *callback) claim(in *incarnation, j job) bool {
	mine := b.in == nil || b.in == in
	if mine && !(b.drains && in.c.box.Closed()) && b.begin() {
		return true
	}
	switch {
	case b.state.Load() == callbackCancelled:
		in.c.skipped.Add(1)
	case mine && b.in != nil:
		in.c.deadLetter(j, ErrStopped)
	default:
		in.c.deadLetter(j, ErrRestarted)
	}
	return false
}

// begin reports whether the callback is live: what is called once is over then.
func (b *callback) begin() bool {
	if !b.once {
		return b.state.Load() == callbackLive
	}
	if !b.state.CompareAndSwap(callbackLive, callbackOver) {
		return false
	}
	b.forget()
	return true
}

// answer is nothing: no caller waits.
func (b *callback) answer(*incarnation) {}

func (b *callback) refuse(in *incarnation, j job, why error) { in.c.deadLetter(j, why) }

// withdrawn is told that a job has left the queue without its turn. It reports whether the
// callback was wanted.
func (b *callback) withdrawn(c *core, _ error) (lost bool) {
	if b.once {
		b.begin()
	}
	if b.state.Load() == callbackCancelled {
		return false
	}
	c.dead.Add(1)
	return true
}

// cancel reports whether the callback was live.
func (b *callback) cancel() bool {
	return b.state.CompareAndSwap(callbackLive, callbackCancelled)
}

// finish reports whether the callback was live. It is over now.
func (b *callback) finish() bool {
	return b.state.CompareAndSwap(callbackLive, callbackOver)
}

// forget takes the callback out of what its incarnation owns.
func (b *callback) forget() {
	if b.element != nil {
		b.in.release(b.element)
	}
}
