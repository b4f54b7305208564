package supervisor

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/tree"
)

// ChildState is what a child is doing.
type ChildState uint8

// The states of a child. All is done by the supervisor's goroutine.
//
//	state       event                              next
//	NotStarted  start                              Starting
//	NotStarted  its service is stopped for good    Gone or forgotten
//	NotStarted  one before it is restarted with it Waiting
//	Starting    is up                              Up
//	Starting    ends                               Waiting, Starting or Gone, as decided
//	Starting    its StartTimeout is over           Stopping, and then as if it had ended
//	Up          ends by itself                     Waiting, Starting, Gone or forgotten, as decided
//	Up          ends while the supervisor does     Gone
//	Starting, Up  is told to end                   Stopping
//	Stopping    ends, or is cut off                Waiting (a restart), Terminated or forgotten
//	Waiting     its delay is over, or its turn     Starting
//	Waiting     Terminate, or the supervisor ends  Terminated
//	Waiting     its service is stopped for good    Gone or forgotten
//	Terminated  Restart                            Starting
//	Gone        Restart                            Starting
//
// One with AwaitReady that ends while it is Starting has failed, also if Serve returned nil.
// A supervisor that is down, or gave up and waits for its parent, lists no child as
// Starting, Up, Stopping or Waiting.
const (
	NotStarted ChildState = iota // not started yet
	Starting                     // launched, not up yet
	Up                           // is up
	Stopping                     // was told to end
	Waiting                      // will be restarted after a delay, or when its siblings have ended
	Terminated                   // ended on request; Restart opens it again
	Gone                         // ended by itself and is not restarted; Restart opens it again
)

var childStateNames = [...]string{"new", "starting", "up", "stopping", "waiting", "terminated", "exited"}

// String returns the state in a word.
func (s ChildState) String() string { return childStateNames[s] }

// ChildInfo is what can be seen of a child from outside.
type ChildInfo struct {
	Name     string     // among its siblings
	Path     string     // from the root of the tree
	State    ChildState // what it is doing
	Since    time.Time  // of this state
	Restarts int        // so far, of its own; not those of siblings that took it along
	Err      error      // how it ended the last time

	// As in its Child; Shutdown is never 0: the default is put in.
	Service     Service
	Restart     Restart
	Shutdown    time.Duration
	Significant bool
}

// child is a child of a supervisor. Its fields belong to the supervisor's
// goroutine; info is written under the supervisor's mu as well.
type child struct {
	spec Child
	info ChildInfo

	proc    *process        // its goroutine; nil if it has none
	base    context.Context // of all launches' contexts
	leftBy  func(context.Context, error)
	run     uint64        // number of the present launch
	ctx     *tree.Serving // of the present launch; nil when it has ended
	timer   *alarm.Timer  // for the start or the end that is being waited for, or the delay
	armed   uint64        // number of the present timer
	expired bool          // that timer fired while the supervisor waited
	upSince time.Time     // zero unless it is up
	tries   int           // restarts since it was healthy

	restartLogs rate.Limit // of its restarts
	patience    patience
	methods     manners // of the service, besides Serve
	ours        bool    // the service is the library's: its answers need not be guarded

	counted bool       // in Supervisor.significant
	kept    int        // requests in Supervisor.deferred that come from it, or from below it
	awaited bool       // the supervisor waits for it to be up, or to end; written under mu as well
	cause   error      // with which it was told to end
	late    bool       // and that was since its start took too long, and stop does not wait for it
	added   bool       // at run time
	fresh   bool       // added, and was not up yet
	asked   []*request // who waits for it to be up, or for its end if that is the end of all
}

// alive reports whether a Serve of the child is under way.
func (c *child) alive() bool { return c.ctx != nil }

// process is the goroutine of a child, or without one, the code that a supervisor asks. It calls
// Serve as often as it is told to: a restart needs a new one only if the old is stuck or ended.
type process struct {
	s      *Supervisor
	c      *child
	steps  seam.Scheduler // of the life that made it; nil: its steps are not decided on
	orders chan order
	id     atomic.Value // string: its number, as runtime.Stack prints it

	// Immutable.
	behalf    tree.Behalf              // of its goroutine
	beside    *tree.Behalf             // of others that belong to the child
	takesName func() (leave func())    // adopt, for all launches
	until     func() (time.Time, bool) // givenUp, for all launches
}

// order tells a process to serve, with ctx; or, without a ctx, to wait for the end of done.
type order struct {
	ctx  context.Context
	run  uint64
	done <-chan struct{}
}

func (p *process) main() {
	defer tree.Behalves.Leave(tree.Behalves.Enter(&p.behalf))
	p.id.Store(goid.ID())
	var run uint64
	finished := false
	defer func() {
		if !finished { // by runtime.Goexit, in Serve
			p.s.post(exited{p, run, p.panicError(nil), true})
		}
	}()
	for o, ok := <-p.orders; ok; o, ok = <-p.orders {
		if o.ctx == nil {
			if o, ok = p.lookOut(o); !ok {
				break
			}
		}
		run = o.run
		p.s.exit(exited{p, run, p.serve(o.ctx), false})
	}
	finished = true
}

func (p *process) serve(ctx context.Context) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil { // nil for runtime.Goexit, which goes on
			err = p.panicError(v)
		}
	}()
	if err = p.c.spec.Service.Serve(ctx); !p.c.ours { // whose errors are kept already
		err = foreign.Keep(err) // here, where what that asks can be cut off
	}
	returned = true
	return err
}

// panicError is called by a deferred function.
func (p *process) panicError(v any) error {
	return actor.NewPanicError(v, p.c.info.Path, p.c.entry())
}

// entry returns the function of a Func, and the method Serve of anything else.
func (c *child) entry() (serve any) {
	if f, ok := c.spec.Service.(Func); ok {
		return f
	}
	if m, ok := reflect.TypeOf(c.spec.Service).MethodByName("Serve"); ok {
		return m.Func.Interface()
	}
	return nil
}

// launch starts a Serve of the child, which has its StartTimeout to be up.
func (s *Supervisor) launch(c *child) { s.launchWithin(c, c.spec.StartTimeout) }

// launchWithin is launch with another time; 0 is no limit.
func (s *Supervisor) launchWithin(c *child, limit time.Duration) {
	c.run++
	c.upSince, c.late = time.Time{}, false
	run := c.run
	if c.base == nil {
		c.base = seam.Near(context.WithValue(s.base, limitKey{}, c))
		c.leftBy = func(serve context.Context, why error) { s.post(serviceLeft{c, serve, why}) }
	}
	_, followed := c.spec.Service.(tree.Abandoner)
	p := s.goroutineOf(c)
	place := tree.Place{
		Path: c.info.Path, Direct: !followed, Ready: func() { s.isUp(ready{c, run}) },
		Left: c.leftBy, Adopt: p.takesName, Behalf: p.beside, Until: p.until, Interceptors: s.interceptors, Directory: s,
	}
	c.ctx = tree.NewServing(c.base, place)
	s.set(c, Starting)
	if limit > 0 {
		s.arm(c, limit)
	}
	p.orders <- order{ctx: c.ctx, run: run}
	if !s.awaitsReady(c) {
		s.up(c)
	}
}

// goroutineOf returns the child's goroutine, and makes one if there is none. At most two
// orders are given to it before it takes one.
func (s *Supervisor) goroutineOf(c *child) *process {
	if c.proc == nil {
		p := &process{s: s, c: c, steps: s.steps, orders: make(chan order, 2)}
		p.behalf.Of = p
		p.beside, p.takesName, p.until = tree.Beside(&p.behalf, nil), p.adopt, p.givenUp
		c.proc = p
		go p.main()
	}
	return c.proc
}

func (s *Supervisor) awaitsReady(c *child) (awaits bool) {
	if c.spec.AwaitReady {
		return true
	}
	if r, ok := c.spec.Service.(tree.Readier); ok {
		if c.ours {
			return r.SignalsReady()
		}
		awaits, _ = earlier(s, c, "SignalsReady", &c.methods.ready, r.SignalsReady)
	}
	return awaits
}

// adopt has the calling goroutine count as the child's for as long as it serves in place of
// the child's own.
func (p *process) adopt() (leave func()) {
	before, id := tree.Behalves.Enter(&p.behalf), p.id.Load()
	p.id.Store(goid.ID())
	return func() {
		p.id.Store(id)
		tree.Behalves.Leave(before)
	}
}

// arm sets the child's timer. One timer is enough, since a child waits for one thing at a
// time.
func (s *Supervisor) arm(c *child, d time.Duration) {
	c.disarm()
	s.mu.Lock()
	c.patience.GiveUp(s.now.Add(d)) // if that is what the timer is for
	s.mu.Unlock()
	c.armed++
	n, steps, path := c.armed, s.steps, c.info.Path
	c.timer = alarm.Func(d, func() {
		stepTimer(steps, path)
		s.post(timeout{c, n})
	})
}

// rings reports whether the timer with that number is the present one.
func (c *child) rings(n uint64) bool { return c.timer != nil && c.armed == n }

func (c *child) disarm() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	c.expired = false
}

// release lets the child's goroutine end when it has come back from the user's code.
func (c *child) release() {
	if c.proc != nil {
		close(c.proc.orders)
		c.proc = nil
	}
}

// affordable is the number of goroutines up to which the stack of one is looked for, since
// that needs a dump of all of them, which stops the world.
const affordable = 1000

// stack returns the stack of the process's goroutine, or of one beside it that is in what still
// runs; or "".
func (p *process) stack(running string) string {
	if p == nil || runtime.NumGoroutine() > affordable {
		return ""
	}
	id, _ := p.id.Load().(string)
	function, _, _ := strings.Cut(running, " ")
	return goid.StackIn(id, function)
}
