package actor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// live runs the incarnation on the calling goroutine and returns why it ended. The
// steps are deferred, the last one first, because user code may end the goroutine
// with runtime.Goexit, and then nothing else runs.
func (in *incarnation) live() (err error) {
	c := in.c
	if c.thread {
		runtime.LockOSThread() // for good: see liveOnThread
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
		in.begins()
		if in.builds() {
			c.runBuild(in, v)
		}
	}
	c.mu.Lock()
	in.enter(serving)
	c.mu.Unlock()
	ok = in.state != nil && !in.lost.Load() && in.lookAround()
	if ok && in.ready != nil {
		in.ready()
	}
	return ok
}

// builds is called by the owner that is about to call the constructor, and reports whether
// it is to: not if it was asked to settle before.
func (in *incarnation) builds() bool {
	in.c.mu.Lock()
	defer in.c.mu.Unlock()
	if in.asked {
		return false
	}
	in.enter(building)
	return true
}

func (c *core) runBuild(in *incarnation, v *verdict) {
	returned := false
	defer func() {
		if !returned {
			p := c.panicError(recover(), panicStack(), where.Entry(c.build))
			v.reason = p
			c.logAsked(p, func() {})
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

// begin makes the calling goroutine the one that serves.
func (c *core) begin(ctx context.Context) (*incarnation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == Ended || c.final:
		return nil, fmt.Errorf("actor: %s: Serve: %w", c.Name(), ErrStopped)
	case c.state == Running || c.state == Draining:
		return nil, fmt.Errorf("actor: %s: %w", c.Name(), ErrServed)
	}
	cons, ok := c.box.Acquire()
	if !ok { // somebody is emptying the mailbox
		return nil, fmt.Errorf("actor: %s: %w", c.Name(), ErrServed)
	}
	place, placed := tree.PlaceOf(ctx)
	if place.Path != "" && place.Path != c.Name() {
		path := place.Path // or the place would be on the heap
		c.path.Store(&path)
	}
	c.supervised = placed && !place.Direct
	interceptors, _ := place.Interceptors.([]Interceptor)
	c.interceptAll(interceptors)
	if c.state == Down {
		c.box.Open()
	}
	c.unserved.stop()
	in := &incarnation{c: c, cons: cons, ready: place.Ready}
	in.contexts.base = ctx
	in.scheduled(tree.ValuesOf(ctx))
	c.enter(in)
	if c.slowly != nil { // a Serving would make what package context needs, to be asked
		c.slowly.share(goid.DumpsOf(ctx))
	}
	serving, ok := ctx.(*tree.Serving)
	told := ok && serving.Tells(in)
	if ctx.Err() != nil {
		in.stillborn = true
		c.heed(in, ctx)
	} else if !told {
		in.unhook = context.AfterFunc(ctx, func() { in.ServingEnded(ctx) })
	}
	return in, nil
}

// enter makes in the present incarnation, which others find from then on without mu: what
// is immutable of it has been written. mu is held.
func (c *core) enter(in *incarnation) {
	c.state = Running
	c.err = nil
	c.number++
	in.number = c.number
	c.in.Store(in)
}

// ServingEnded implements tree.Listener: it is called when the context of Serve has ended.
func (in *incarnation) ServingEnded(ctx context.Context) {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in.Load() == in && !in.lost.Load() {
		c.heed(in, ctx)
	}
}

// heed does what the end of Serve's context asks for; mu is held.
func (c *core) heed(in *incarnation, ctx context.Context) {
	if in.phase <= building { // when there is a T, it ends after Close
		in.cancelLife()
	}
	if errors.Is(context.Cause(ctx), Restart) && !c.final {
		c.box.Signal(sigOver)
		return
	}
	c.drainQueue()
	switch {
	case c.supervised || in.stillborn:
	case c.drain == 0:
		c.cut(in)
	default:
		in.drain = time.AfterFunc(c.drain, func() { c.cutOff(in, true) })
	}
}

// A thread whose state was changed must not run anything else afterwards. The runtime
// ends the thread of a goroutine that ends locked to it, and knows no other way to get
// rid of one. (The process's main thread can not end: the runtime lets it sleep for good.)
// So an incarnation with a thread of its own has a goroutine of its own, which
// never unlocks: for Start that is so anyway, and Serve waits for one.

// liveOnThread is live on a goroutine of its own. If that is ended by runtime.Goexit, so
// is the caller's.
func (in *incarnation) liveOnThread(ctx context.Context) (err error) {
	place, _ := tree.PlaceOf(ctx)
	returned := false
	over := make(chan struct{})
	go func() {
		defer close(over)
		if place.Adopt != nil {
			defer place.Adopt()()
		}
		err = in.live()
		returned = true
	}()
	<-over
	if !returned {
		runtime.Goexit()
	}
	return err
}
