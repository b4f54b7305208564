package actor

import (
	"context"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/where"
)

// Info is what can be seen of a service from outside. It is plain data.
type Info struct {
	Name        string // as Name returns it
	State       State
	Incarnation uint64 // 1 for the first; 0 if there was none yet
	Paused      bool   // see Pause; never of a service that drains or has ended

	// Closures, calls included, since the service was made. While nothing is being
	// sent, Accepted = Executed + Dead + Skipped + Queued + Running. A caller who has the
	// answer finds the call counted, though its turn may go on.
	Accepted uint64
	Executed uint64 // ran to their end, or crashed
	Crashed  uint64 // of those executed, the ones in whose turn the service crashed (a constructor is no closure)
	Dead     uint64 // will not run: dead letters
	Skipped  uint64 // at their turn, calls whose caller had left, and ticks, notices and events that were cancelled
	Queued   int    // wait for their turn
	Running  int    // are running, those that the service was cut off from included
	Refused  uint64 // were not accepted, and are in none of the numbers above

	// Timers of After that were pending when their incarnation ended, and had not been
	// accepted. They are in none of the numbers above.
	Untimely uint64

	// The largest Queued that was seen. It is looked at when the queue grows (at 5, 21, 85,
	// 341 and then at every 1024), when Info is called, and with each closure that is
	// measured. With WithHistory it is the largest that there was when a closure began.
	High int

	Capacity  int    // how many may wait; 0: any number
	Overflow  string // what is done without room, "reject" or "drop oldest"; "" without a capacity
	OnRestart string // what becomes of the queue, "keep" or "fail"
	Timers    int    // of After, Every and WhenIdle that are to come, of this incarnation
	Watchers  int    // how many hear of its ends, by Watch, AwaitDown or a subscription

	Closure  *RunningClosure // what runs; nil if nothing does
	WaitsFor []WaitsFor      // what the service waits for, in a closure or in a goroutine of one

	Waits Histogram // of times in the queue; see Instruments.Times
	Runs  Histogram // of run times

	Crash *Crash // the latest; nil if there was none
}

// RunningClosure is a closure that is running. It is plain data.
type RunningClosure struct {
	Func string // name of the function, as Go spells it
	File string // where it begins
	Line int

	// Age is how long the closure has been running: to a microsecond, and Exact, if closures
	// are timed (Instruments). Otherwise it has run at least that long: since it was first
	// seen, by Info or by a report of a slow closure.
	Age   time.Duration
	Exact bool
}

// Info is Service.Info.
func (c *core) Info() Info {
	c.made()
	c.mu.Lock()
	i := Info{Name: c.Name(), State: c.state, Incarnation: c.number}
	c.mu.Unlock()
	for range 4 {
		// The number that a closure leaves is read before the one that it enters, so that none
		// counts as executed too early. One that moves meanwhile may count twice: hence the loop.
		n := c.box.Counts()
		counted := c.counted(n.Taken)
		i.Accepted, i.Queued = n.Accepted, n.Waiting
		i.Running = int(c.orphaned.Load())
		if n.Busy && !counted {
			i.Running++
		}
		i.Dead, i.Skipped, i.Refused = c.dead.Load(), c.skipped.Load(), c.refused.Load()
		i.Accepted += c.undelivered.Load() // after dead
		i.Executed = 0
		if gone := i.Dead + i.Skipped + uint64(i.Queued) + uint64(i.Running); gone < i.Accepted {
			i.Executed = i.Accepted - gone
		}
		if c.box.Counts() == n && c.counted(n.Taken) == counted {
			break
		}
	}
	c.maxQueued.Note(int64(i.Queued))
	i.High = int(c.maxQueued.Load())
	i.Paused = i.State != Draining && c.box.Signals()&sigPause != 0 // what drains is not kept waiting
	i.Capacity, i.Overflow, i.OnRestart = c.policies()
	i.Timers, i.Watchers = c.timersSet(), c.ends.Made().count()
	i.Closure = c.activity()
	i.WaitsFor = c.waitsFor()
	if n := c.diagnostics.Made(); n != nil {
		i.Crashed, i.Untimely = n.crashed.Load(), n.untimely.Load()
		i.Waits, i.Runs, i.Crash = histogramOf(n.waits.Made()), histogramOf(n.runs.Made()), n.lastCrash()
	}
	return i
}

// policies returns the bound of the queue, and what is done with it, in words.
func (c *core) policies() (capacity int, overflow, onRestart string) {
	switch {
	case c.capacity == 0:
	case c.overflow == DropOldest:
		overflow = "drop oldest"
	default:
		overflow = "reject"
	}
	if c.queue == FailQueue {
		return c.capacity, overflow, "fail"
	}
	return c.capacity, overflow, "keep"
}

// timersSet returns how many timers are to come.
func (c *core) timersSet() int {
	if in := c.in.Load(); in != nil {
		if h := in.owns.Made(); h != nil {
			return int(h.timers.Load())
		}
	}
	return 0
}

func (n *diagnostics) lastCrash() *Crash {
	p, count := n.crashes.Latest()
	if p == nil {
		return nil
	}
	return &Crash{p.when, p.Error(), p.Func, p.File, p.Line, count, p}
}

// activity returns what the owner is busy with.
func (c *core) activity() *RunningClosure {
	j, taken, busy := c.running()
	if !busy {
		return nil
	}
	f := j.closure().Frame()
	a := &RunningClosure{Func: f.Function, File: f.File, Line: f.Line}
	a.Age, a.Exact = c.age(taken)
	return a
}

// running returns what the owner is busy with, and how many had been taken from the mailbox
// when it had been, itself included.
func (c *core) running() (j job, taken uint64, busy bool) {
	taken = c.box.Counts().Taken
	j, busy = c.box.Peek()
	if again := c.box.Counts().Taken; again != taken { // another closure began in between
		return nil, again, false
	}
	return j, taken, busy
}

// age returns how long the owner has been busy with the job that it took as number taken;
// if that is not exact, it has been busy for at least so long.
func (c *core) age(taken uint64) (age time.Duration, exact bool) {
	n := c.diagnostics.Get()
	at := clock.Now()
	if r := n.recorder.Load(); r != nil {
		if age, ok := r.Age(taken, at); ok {
			return age, true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sighted.Age(taken, at), false
}

// waitsFor returns whom the service waits for.
func (c *core) waitsFor() (ws []WaitsFor) {
	in := c.in.Load()
	if in == nil {
		return nil
	}
	for _, e := range in.waitsNow() {
		ws = append(ws, e.inWords())
	}
	return ws
}

// WaitOutside notes that the caller waits for something that is no service of this process:
// what says in words for what, such as a database. Until done is called, Info.WaitsFor shows
// it, and so do the page and the report of a slow closure. It is only shown: no deadlock is
// found through it. The wait is that of the service whose closure or constructor calls, or
// gave ctx; without one nothing is noted. It does not block; done may be called twice.
func WaitOutside(ctx context.Context, what string) (done func()) {
	misuse.Unless(ctx != nil, "actor: WaitOutside with a nil context")
	k := callerOf(ctx)
	if k.in == nil {
		return func() {}
	}
	return k.waitOutside(ctx, what, where.Direct)
}

func (k *caller) waitOutside(ctx context.Context, what string, from where.Origin) (done func()) {
	e := &wait{out: what, on: &event{}, site: where.SiteAt(outside(ctx, from))}
	graph.Lock()
	defer graph.Unlock()
	k.add(e)
	return sync.OnceFunc(func() {
		graph.Lock()
		defer graph.Unlock()
		k.remove()
	})
}

// waitsNow returns the waits that go on.
func (in *incarnation) waitsNow() (es []wait) {
	if in.waits.seq.Load()&1 == 0 && in.waits.more.Load() == 0 {
		return nil // nearly always, and without the lock
	}
	graph.Lock()
	defer graph.Unlock()
	for _, e := range in.edges() {
		if e.there() {
			es = append(es, e)
		}
	}
	return es
}

// Inside implements seam.Insider, for tests that compare what a service is doing with the
// table above phase. All four are of one instant.
func (in *incarnation) Inside() seam.Inside {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	now := seam.Inside{State: c.state.String(), Phase: "-"}
	at := c.in.Load()
	if at != nil {
		now.Phase = phaseNames[at.phase]
	}
	now.Turn, now.Reply = c.turn(at)
	return now
}

// State implements seam.Insider.
func (in *incarnation) State() (state any, between bool) {
	_, busy := in.c.box.Peek()
	return in.state, !busy
}

// Queue implements seam.Insider.
func (in *incarnation) Queue() (accepted, taken uint64) {
	n := in.c.box.Counts()
	return n.Accepted, n.Taken
}

// turn returns the turn of the consumer's part, and the state of the call that the owner is
// busy with. mu is held, so only the owner takes anything meanwhile: if it is busy with the
// same job before and after the look, it was busy with that job all the time.
func (c *core) turn(at *incarnation) (turn, reply string) {
	for {
		taken := c.box.Counts().Taken
		j, busy := c.box.Peek()
		reply = "-"
		if k, ok := j.(call); ok {
			reply = replyNames[k.replied().state.Load()]
		}
		if n := c.box.Counts(); n.Taken != taken || n.Busy != busy {
			continue
		}
		switch {
		case busy:
			return "busy", reply
		case at != nil && at.lost.Load():
			return "taken", reply
		case at != nil || !c.vacant():
			return "held", reply
		}
		return "vacant", reply
	}
}

// vacant reports whether the mailbox has no owner. If so, vacant owns it for an instant. None
// sees that: the mailbox is acquired only under mu, which is held.
func (c *core) vacant() bool {
	cons, ok := c.box.Acquire()
	if ok {
		cons.Release()
	}
	return ok
}
