package actor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// A goroutine begins with a stack of 2 KB, of which 1120 bytes may be used before it is copied to
// a larger one. The copy takes a quarter of the time of a service that is made, asked once and
// stopped. So what an incarnation goes through has small frames: the rare parts are functions of
// their own, such as settledLate, and the end is not below the loop.

// live runs the incarnation on the calling goroutine and returns why it ended. The end is
// deferred, too, because user code may end the goroutine with runtime.Goexit.
func (in *incarnation) live() (err error) {
	if in.c.thread {
		runtime.LockOSThread() // for good: see liveOnThread
	}
	var v verdict
	before, ended := owners.Enter(in), false
	defer func() {
		if !ended {
			_ = in.finish(&v, before)
		}
	}()
	if in.c.construct(in, &v) {
		in.c.loop(in, &v)
	}
	ended = true
	return in.finish(&v, before)
}

// finish ends the incarnation. Its steps are deferred, the last one first, for the same reason as
// in live: after a runtime.Goexit nothing else runs.
func (in *incarnation) finish(v *verdict, before *incarnation) (err error) {
	defer owners.Leave(before)
	defer in.takeOffLabel()
	defer func() { err = in.c.settle(in, v) }()
	defer in.c.closeState(in, v)
	in.c.conclude(in, v)
	return nil
}

// construct makes the T, unless Start was given one. It reports whether there is
// something to serve with.
func (c *core) construct(in *incarnation, v *verdict) (ok bool) {
	if in.state == nil && !in.cancelledAtStart {
		if fault := in.begins(); fault != nil {
			v.reason = c.constructorError(fault)
		} else if in.builds() {
			c.runBuild(in, v)
		}
	}
	c.mu.Lock()
	in.enter(serving)
	c.mu.Unlock()
	ok = in.state != nil && !in.lost.Load() && in.lookAround()
	if ok && in.place.Ready != nil {
		in.place.Ready()
	}
	return ok && in.continues()
}

// builds reports whether the owner, which is about to call the constructor, is to do so: not if
// it was asked to settle before.
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
	defer in.constructed()
	defer func() {
		if !returned {
			p := in.panicError(recover(), closureLoop.Stack(), where.Entry(c.build))
			in.keepCrash(p, func() { v.reason = p })
		}
	}()
	state, err := c.make(lifeContext{in})
	err = foreign.Keep(err)
	returned = true
	switch {
	case err != nil:
		v.reason = c.constructorError(err)
	case state == nil:
		v.reason = fmt.Errorf("actor: %s: %w", c.Name(), ErrNoState)
	default:
		in.state = state // a T that comes with an error does not count
	}
}

func (c *core) constructorError(err error) error {
	return fmt.Errorf("actor: %s: constructor: %w", c.Name(), err)
}

// outset is what comes with the context of Serve.
type outset struct {
	place   *tree.Place // nil: none
	dumps   *goid.Dumps
	steps   seam.Scheduler
	probe   seam.Probe
	ended   bool // the context has ended already
	restart bool // and another Serve is to follow
}

// outset asks ctx, before anything is locked or begun: ctx may be one of the program's, whose
// methods panic or do not return. From then on in is told of the end of ctx.
func (in *incarnation) outset(ctx context.Context) (from outset) {
	from.place = tree.PlaceIn(ctx)
	from.steps, from.probe = seam.Both(tree.ValuesOf(ctx))
	if in.c.slowly != nil { // to be asked, a Serving makes what package context needs
		from.dumps = goid.DumpsOf(ctx)
	}
	serving, ok := ctx.(*tree.Serving)
	told := ok && serving.Tells(in)
	if from.ended = ctx.Err() != nil; from.ended {
		from.restart = foreign.Caused(ctx, Restart)
	} else if !told && ctx.Done() != nil {
		sound := foreign.Sound(ctx)
		in.unhook = context.AfterFunc(sound, func() { in.ServingEnded(sound) })
	}
	return from
}

// begin makes the calling goroutine the one that serves.
func (c *core) begin(ctx context.Context) (in *incarnation, err error) {
	in = &incarnation{c: c}
	in.contexts.base = ctx
	from := in.outset(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		if err != nil && in.unhook != nil {
			in.unhook()
		}
	}()
	switch {
	case c.state == Ended || c.final:
		return in, fmt.Errorf("actor: %s: Serve: %w", c.Name(), ErrStopped)
	case c.state == Running || c.state == Draining:
		return in, fmt.Errorf("actor: %s: %w", c.Name(), ErrServed)
	case from.place.Revoked():
		return in, fmt.Errorf("%w: %s: Serve comes too late", ErrCutOff, c.Name())
	}
	var ok bool
	if in.cons, ok = c.box.Acquire(); !ok { // another goroutine is emptying the mailbox
		return in, fmt.Errorf("actor: %s: %w", c.Name(), ErrServed)
	}
	in.takesPlace(from.place)
	place := in.place
	if place.Path != "" && place.Path != c.Name() {
		c.stand.Store(&stand{place.Path, c.starter()})
	}
	c.supervised = from.place != nil && !place.Direct
	interceptors, _ := place.Interceptors.([]FilteredInterceptor)
	c.interceptAll(interceptors)
	if c.state == Down {
		c.box.Open()
	}
	c.isServed()
	c.teller.Begin()
	in.scheduled(from.steps, from.probe)
	c.enter(in)
	if c.slowly != nil {
		c.slowly.Stack.Share(from.dumps)
	}
	if in.cancelledAtStart = from.ended || in.early; in.cancelledAtStart {
		c.heed(in, from.restart || in.again)
	}
	return in, nil
}

// nowhere is the place of an incarnation that is in no tree.
var nowhere tree.Place

// takesPlace notes the place that came with the context of Serve. If that has no Behalf, but the
// goroutine that calls Serve has one, what goes on beside the closures is on that one's behalf, too.
func (in *incarnation) takesPlace(p *tree.Place) {
	if in.place = p; p == nil {
		in.place = &nowhere
	}
	if b := tree.Behalves.Current(); b != nil && in.place.Behalf == nil {
		place := *in.place
		place.Behalf = tree.Beside(b, nil)
		in.place = &place
	}
}

// enter makes in the present incarnation. From then on others find it without mu: what is
// immutable in it has been written. mu is held.
func (c *core) enter(in *incarnation) {
	c.state = Running
	c.err = nil
	c.number++
	in.number = c.number
	c.in.Store(in)
}

// ServingEnded implements tree.Listener: it is called when the context of Serve has ended.
func (in *incarnation) ServingEnded(ctx context.Context) {
	if in.isOver() { // as after each crash: to ask for the cause would allocate
		return
	}
	in.servingEnded(foreign.Caused(ctx, Restart))
}

// isOver reports whether the incarnation has begun, and the service is not in it any more.
func (in *incarnation) isOver() bool {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	return in.number != 0 && (c.in.Load() != in || in.lost.Load())
}

func (in *incarnation) servingEnded(restart bool) {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case in.number == 0: // it has not begun
		in.early, in.again = true, restart
	case c.in.Load() == in && !in.lost.Load():
		c.heed(in, restart)
	}
}

// heed does what the end of Serve's context asks for: it ends the incarnation if another one is
// to follow, and otherwise the service. mu is held.
func (c *core) heed(in *incarnation, restart bool) {
	if in.phase <= building { // when there is a T, it ends after Close
		in.cancelLife()
	}
	if restart && !c.final {
		c.box.Signal(sigOver)
		return
	}
	if c.drain == 0 && !c.supervised && !in.cancelledAtStart {
		c.cut(in, true)
		return
	}
	c.drainQueue()
	if !c.supervised && !in.cancelledAtStart {
		in.endAwaited(time.Now().Add(c.drain), true)
		in.awaited.drain = alarm.Func(c.drain, func() { c.cutOff(in, true) })
	}
}

// A thread whose state was changed must not run anything else afterwards. The runtime
// ends the thread of a goroutine that ends locked to it, and knows no other way to get
// rid of one. (The process's main thread can not end: the runtime lets it sleep for good.)
// So an incarnation with a thread of its own has a goroutine of its own, which
// never unlocks. Start makes one anyway; Serve makes one and waits for it.

// liveOnThread is live on a goroutine of its own. If that is ended by runtime.Goexit, so
// is the caller's.
func (in *incarnation) liveOnThread(ctx context.Context) (err error) {
	place, _ := tree.PlaceOf(ctx)
	returned := false
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		if place.Adopt != nil {
			defer place.Adopt()()
		}
		err = in.live()
		returned = true
	}()
	<-finished
	if !returned {
		runtime.Goexit()
	}
	return err
}

// What a supervisor needs of a service besides Serve: a context that says what follows
// (Supervised), a cause that says what the end of that context means (Restart), and the methods
// below. Package supervisor says more through package tree.

// Restart is the cause (context.Cause) with which a supervisor ends the context
// of Serve if another Serve is to follow: the service ends after its current
// closure and keeps its queue. With any other cause it is a stop: the service
// runs what it accepted, and refuses everything new.
//
//lint:ignore ST1012 it is a cause, and never returned as an error
var Restart = errors.New("actor: restart")

// Supervised returns a context for Serve which says that another Serve or Abandon
// follows. So when Serve has returned the service is pending, and keeps its queue; and it
// leaves the time for draining to the caller, who calls CutOff. path is the name of the
// service from then on; "" leaves the name that it has. It is for supervisors that are
// not of package supervisor.
func Supervised(ctx context.Context, path string) context.Context {
	misuse.Unless(ctx != nil, "actor: Supervised with a nil context")
	return tree.WithPlace(ctx, tree.Place{Path: path})
}

// noticeDirect is called by the second incarnation. It says that the queue of the first was not
// kept, if the supervisor could not know that the service has one.
func (c *core) noticeDirect(ctx context.Context) {
	if place, _ := tree.PlaceOf(ctx); place.Direct {
		c.log(slog.LevelWarn, "its queue is not kept through restarts: its supervisor knows of the child that serves it, and not "+
			"of the service; a child that is the service, its proxy, or a struct that embeds one of them, keeps the queue")
	}
}

// SignalsReady is Service.SignalsReady.
func (c *core) SignalsReady() bool { return true }

// StartedBy is Service.StartedBy.
func (c *core) StartedBy(by tree.Starter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := stand{starter: by}
	if before := c.stand.Load(); before != nil {
		at.path = before.path
	}
	c.stand.Store(&at)
}

// Abandon is Service.Abandon.
func (c *core) Abandon() {
	c.made()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case Pending:
		c.teller.Hurry()
		c.retire(nil)
	case Running:
		c.supervised = false // when Serve returns, the service will be down
	}
}

// CutOff is Service.CutOff.
func (c *core) CutOff(goOn bool) (running string) {
	c.mu.Lock()
	in := c.in.Load()
	c.mu.Unlock()
	if _, l := c.cutOff(in, !goOn); l != (where.Place{}) {
		return l.String()
	}
	return ""
}
