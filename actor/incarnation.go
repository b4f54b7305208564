package actor

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/mailbox"
)

// incarnation is one life of a service, from its constructor to its Close, on one
// goroutine, which owns the consumer's part of the mailbox meanwhile.
//
// While that goroutine is in user code, from where it may never come back, the
// service can be cut off from it: the incarnation is lost, its part of the mailbox
// belongs to whoever cut it off, and all that is left for its goroutine to do is
// to close its own T. In a closure the mailbox says whether that happened
// (Consumer.Done); around the constructor and Close, lost does, under core.mu.
//
//	phase     entered                          may be cut off by
//	building  Serve, Start                     core.cut, under mu: lost
//	serving   the constructor returned         core.cut, through Mailbox.Take while in a closure: lost
//	ending    the loop is over                 nobody; the owner looks for sigCut before it closes T
//	closing   Close is about to be called,     core.cut, under mu: lost
//	          if there is one
//	inspecting  a function of Inspect looks    core.cut, under mu: lost
//	          at T; serving afterwards
//	looking   a view is renewed outside of     core.cut, under mu: lost
//	          a closure; serving afterwards
//
// sigCut asks an owner that is in the library's code, and so can not be cut off,
// to settle before it enters user code again.
type incarnation struct {
	c       *core
	number  uint64
	ready   func()                // tells the supervisor that the constructor has returned; may be nil
	cons    mailbox.Consumer[job] // the goroutine's, until lost
	lost    atomic.Bool           // written once, under core.mu
	numbers atomic.Uint32         // of those who take steps beside it

	state any // the *T; the goroutine's own

	// Flags, in one place because each would take a word.
	// Guarded by core.mu.
	phase     phase
	asked     bool // to settle, by cut, which could not take it
	exiting   bool // Exit was called
	cleared   bool // the queue was emptied, for whatever reason
	answered  bool // the mailbox was closed and emptied
	stillborn bool // Serve's context had ended before it began
	announced bool // those who watch have been told that it is over
	// The goroutine's own.
	open     bool  // a batch has begun, and is not committed
	ending   bool  // it is being committed
	traced   bool  // runtime/trace was on
	labelled bool  // the goroutine carries its label
	burst    int32 // closures since the burst began

	// Guarded by core.mu.
	exit    error         // what Exit was called with
	drain   *time.Timer   // bounds draining; nil if a supervisor does
	settled chan struct{} // closed by leave; made by those who wait for it
	unhook  func() bool   // takes back the watch on Serve's context

	waits    waits // whom this incarnation waits for
	contexts contexts
	inside   atomic.Pointer[closureContext] // of the closure that runs, if it has one
	owns     atomic.Pointer[holdings]       // nil: nothing yet
	aside    atomic.Uintptr                 // entry of what runs around a closure, such as a view's function; 0: nothing
	ticks    atomic.Uint64                  // of timers that had their turn; written by the goroutine
	rec      *recorder                      // nil: not yet; the goroutine's own
	steps    seam.Scheduler                 // nil: nobody decides on its steps; immutable
}

type phase uint8

const (
	building phase = iota
	serving
	ending
	closing
	inspecting
	looking
)

// Signals to the owner of a mailbox.
const (
	sigCut  = 1 << iota // settle, and run nothing more
	sigOver             // the incarnation is over: a restart, or Exit
	sigLate             // work that draining waits for has come to something; see owned.go
	sigLook             // a view wants its first snapshot; see view.go

	sigEnd = sigCut | sigOver
)

// owners says which goroutine serves which incarnation.
var owners goid.Registry[incarnation]

// verdict is why an incarnation ended, and what came of its Close.
type verdict struct {
	reason error // nil: normally, or because it was told to
	closed error
	left   bool // sigCut: the service went on before T was closed
}

// live runs the incarnation on the calling goroutine and returns why it ended. The
// steps are deferred, the last one first, because user code may end the goroutine
// with runtime.Goexit, and then nothing else runs.
func (in *incarnation) live() (err error) {
	c := in.c
	if c.thread {
		runtime.LockOSThread() // for good: see thread.go
	}
	var v verdict
	defer owners.Leave(owners.Enter(in))
	defer in.takeOffLabel()
	defer func() { err = c.settle(in, &v) }()
	defer c.closeState(in, &v)
	defer c.conclude(in, &v)
	if c.construct(in, &v) {
		c.loop(in, &v)
	}
	return nil
}

// construct makes the T, unless Start was given one. It reports whether there is
// something to serve with.
func (c *core) construct(in *incarnation, v *verdict) (ok bool) {
	if in.state == nil && !in.stillborn {
		in.step(stepBegin)
		in.putOnLabel()
		c.runBuild(in, v)
	}
	looked := in.state != nil && in.lookAround(v)
	c.mu.Lock()
	in.phase = serving
	ok = looked && !in.lost.Load()
	c.mu.Unlock()
	if ok && in.ready != nil {
		in.ready()
	}
	return ok
}

func (c *core) runBuild(in *incarnation, v *verdict) {
	returned := false
	defer func() {
		if !returned {
			p := c.panicError(recover(), panicStack(), entry(c.build))
			v.reason = p
			c.logCrash(p, asked(p.Value))
		}
	}()
	state, err := c.make(lifeContext{in})
	returned = true
	switch {
	case err != nil:
		v.reason = fmt.Errorf("actor: %s: constructor: %w", c.Name(), err)
	case state == nil:
		v.reason = fmt.Errorf("actor: %s: %w", c.Name(), ErrNoState)
	default:
		in.state = state // what comes with an error is not one
	}
}

// loop runs closures until the incarnation is over. It is the path of every
// closure; what is rare is elsewhere. One deferred function guards them all,
// because a crash ends the incarnation anyway.
func (c *core) loop(in *incarnation, v *verdict) {
	var current job
	returned := false
	defer func() {
		if !returned {
			var first [shallowCall]uintptr
			n := runtime.Callers(2, first[:firstFrames(current)]) // here, because each frame counts
			c.crashed(in, v, current, recover(), loopStack(first[:n]))
		}
	}()
	c.watch()
	in.noticeTrace()
	if c.label.Load() != nil || c.box.Len() >= manyWait {
		in.putOnLabel()
	}
	for {
		if c.box.Signals()&sigAttention != 0 { // in one condition it would be two branches
			returned = true // what may crash there is not a closure
			if !in.attend(v) {
				break
			}
			returned = false
		}
		j, ok := in.cons.Next()
		if !ok {
			if c.box.Closed() && in.cons.Empty() {
				current = nil
				if in.linger() {
					continue
				}
				in.step(stepEnd)
				break // drained
			}
			if c.box.Signals()&sigLate != 0 {
				c.box.Clear(sigLate) // it is of interest only when the mailbox is closed
				continue
			}
			current = nil // what it holds is not kept alive while there is nothing to do
			c.idle()
			in.rest()
			in.cons.Wait()
			c.watch()
			in.awake()
			continue
		}
		// Who cuts the service off sets the signal and then looks whether the owner
		// is busy; the owner is busy by now and looks for the signal. So a closure
		// that is begun can be taken away, and one that can not is not begun. Whoever
		// took it says so with lost before it takes the signal back.
		if c.box.Signals()&sigCut != 0 || in.lost.Load() {
			returned = true // what follows may call a hook, and is not a closure's crash
			c.withdraw(in, j)
			break
		}
		current = j
		if a := c.around.Load(); a != nil {
			a.run(in, j)
		} else {
			j.run(in)
		}
		if !in.cons.Done() {
			c.adrift.Add(-1)
			break // lost
		}
	}
	returned = true
}

// withdraw gives up a closure that was taken from the queue and not begun. It can
// not go back, even if another incarnation follows: that one may be at work
// already.
func (c *core) withdraw(in *incarnation, j job) {
	if !in.cons.Done() {
		c.adrift.Add(-1) // it was taken for running
	}
	c.mu.Lock()
	goesOn := c.state == Pending || c.state == Running && c.next() == Pending
	c.mu.Unlock()
	if goesOn {
		c.drop(j, ErrRestarted)
	} else {
		c.drop(j, ErrStopped)
	}
}

// crashed ends an incarnation whose closure panicked or called Goexit; value is
// what recover returned, and stack what loopStack did. The caller is answered before anything else.
func (c *core) crashed(in *incarnation, v *verdict, j job, value any, stack []uintptr) {
	p := c.panicError(value, stack, in.at(j))
	c.witness(in, p, j)
	if in.ending {
		in.commitCrashed(p)
	} else if k, ok := j.(call); ok {
		r := k.replied()
		if !r.settle(running, Crashed, p) {
			r.settle(queued, NotRun, p) // the caller's context panicked before its turn
		}
	}
	v.reason = p
	said := asked(p.Value) // while the service can be cut off
	if !in.cons.Done() {
		c.adrift.Add(-1)
	}
	c.logCrash(p, said)
}

// at returns the function that the goroutine of in is in, or was until it crashed,
// while it is busy with j.
func (in *incarnation) at(j job) location {
	if pc := in.aside.Load(); pc != 0 {
		return location{pc: pc}
	}
	return j.closure()
}

// conclude answers the queue if nobody will run it, before T's Close has its
// chance to hang.
func (c *core) conclude(in *incarnation, v *verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !in.lost.Load() {
		in.rest()
		in.rec.handOver()
		if in.exiting && v.reason == nil {
			v.reason = in.exit
		}
		c.clearQueue(in, &in.cons)
		in.phase = ending
		c.disown(in)
		switch {
		case c.closer(in) == nil:
		case in.asked:
			c.announce(in, v.reason)
			c.clearQueue(in, &in.cons) // Stop may have been called since
			c.leave(in, &in.cons, v.reason)
			v.left = true
		default:
			in.phase = closing
		}
	}
	in.cancelReach()
}

// closer returns T if it is to be closed, and nil otherwise.
func (c *core) closer(in *incarnation) interface{ Close() error } {
	if c.noClose {
		return nil
	}
	closer, _ := in.state.(interface{ Close() error })
	return closer
}

// closeState closes T on its own goroutine, once, whatever happened to it.
func (c *core) closeState(in *incarnation, v *verdict) {
	defer in.cancelLife()
	closer := c.closer(in)
	if closer == nil {
		return
	}
	returned := false
	defer func() {
		if !returned {
			p := c.panicError(recover(), panicStack(), closeOf(in.state))
			v.closed = p
			c.logCrash(p, asked(p.Value))
		}
	}()
	err := closer.Close()
	returned = true
	if err != nil {
		v.closed = fmt.Errorf("actor: %s: Close: %w", c.Name(), err)
		c.logCloseError(err)
	}
}

// settle moves the service on to where its incarnation leaves it, and returns what
// Serve returns.
func (c *core) settle(in *incarnation, v *verdict) error {
	err := v.reason
	if v.closed != nil {
		err = errors.Join(err, v.closed)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	in.state = nil // not kept alive by the handle, which Start has made in one piece with in
	if v.left {
		return err
	}
	if in.lost.Load() {
		c.awaitSettled(in) // or Serve would return before the service has gone on
		return errors.Join(fmt.Errorf("%w: %s", ErrCutOff, c.Name()), err)
	}
	in.phase = ending
	c.announce(in, err)
	c.clearQueue(in, &in.cons) // Stop may have been called since conclude
	c.leave(in, &in.cons, err)
	return err
}

// awaitSettled waits until whoever cut the service off from in has moved it on; mu
// is held, and released meanwhile.
func (c *core) awaitSettled(in *incarnation) {
	if c.in.Load() != in {
		return
	}
	if in.settled == nil {
		in.settled = make(chan struct{})
	}
	settled := in.settled
	c.mu.Unlock()
	<-settled
	c.mu.Lock()
}
