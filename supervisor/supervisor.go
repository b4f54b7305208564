package supervisor

import (
	"container/list"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/mailbox"
)

// Supervisor starts, watches, restarts and stops its children. It is made by New and must
// not be copied. Its methods may be called by any number of goroutines at once, also by
// those of its children.
//
// A supervisor is one goroutine, the one that called Serve. It owns everything and does one
// thing at a time. What happens is posted to its mailbox. While it waits for a child to be
// up or to end, it goes on reading its mailbox, answers what can be answered and keeps the
// rest for later, so that a stop is never kept waiting.
type Supervisor struct {
	// Do not change after New.
	name     string
	spec     Spec          // its children have their names
	nameless map[int]error // why the Name of a child's service gave no answer, by its index

	box mailbox.Mailbox[any] // messages to the supervisor's goroutine

	mu        sync.Mutex
	state     state         // written by the supervisor's goroutine
	life      uint64        // number of the present or latest life; likewise
	final     bool          // Stop was called
	restarted bool          // the context of Serve has ended, and another life is to follow
	done      chan struct{} // of the present or latest life
	ended     bool          // done is closed
	err       error         // of the latest life
	parts     chan struct{} // closed when a life begins to stop; nil: has not been asked for
	crashes   crashTimes
	path      string
	order     *list.List // of *child, in their order; elements change under mu
	byName    map[string]*list.Element
	registry  *registry           // of the tree
	above     tree.Directory      // the supervisor above, if there is one
	proc      *process            // this supervisor as a child of its parent; nil: it has none
	asking    process             // stands for the user's code that it asks itself, and waits for
	look      *alarm.Timer        // of lookAround; nil: never set
	looks     bool                // it will fire, rate.Patience from now at the latest
	until     time.Time           // when it gives up what it waits for; zero: not known
	startBy   time.Time           // the same, until it is up
	starter   tree.Starter        // the supervisor that starts it, if one does
	awaits    map[*child]struct{} // the children that it waits for

	hurried *alarm.Timer // closes over, lastMoment from when it was to cut off what does not end

	parting bool // in Abandon, to which a bad spec may lead back

	// Belong to the goroutine that has the turn, which is the supervisor's goroutine while it
	// serves, and at work; see inplace.go. cons is that goroutine's alone.
	turn         sync.Mutex
	resting      bool // in supervise, where the turn is given up while nothing is to be done
	cons         mailbox.Consumer[any]
	now          time.Time       // when the latest message was taken
	base         context.Context // of its children
	steps        seam.Scheduler  // nil: its steps are not decided on
	interceptors any             // of its children, from the root on: an []actor.FilteredInterceptor, or nil
	reporter     *reporter
	budget       budget
	deferred     []any    // messages that came while it waited for something else
	leaders      []*child // whose restart, with others, is due: a retry is on its way
	reason       error    // why this life is to end; nil: it is not
	hastened     bool     // all have been asked to be cut off
	cutOffNow    bool     // to cut off what does not end at once
	stops        int      // children that were told to end and have not
	stuck        []cutChild
	serial       int           // of names made for added children
	top          bool          // Serve was not called by a supervisor
	over         chan struct{} // closed when this life waits no longer for answers of the user's code

	significant int // significant children that run or will
}

type state uint8

// The states of a supervisor.
//
//	state     event                        next
//	idle      Serve, Start                 starting
//	starting  all children are up          up
//	starting  a restart of several begins  up; Ready, and Start returns, when that is over
//	starting  a child can not be started   stopping
//	starting, up  Stop, its context, giving up, AutoShutdown  stopping
//	stopping  all children have ended or are cut off  idle
const (
	idle state = iota
	starting
	up
	stopping
)

// Signals to the supervisor's goroutine.
const (
	sigStop   = 1 << iota // end; the cause says how
	sigCutOff             // and wait for no child
)

type reporterKey struct{}

// New declares a supervisor. Serve and Start say what is wrong with the spec, before any
// child is started. Later changes of spec.Children are not seen. A child without a name gets
// the one that its service has now.
func New(name string, spec Spec) *Supervisor {
	s := &Supervisor{name: name, spec: spec, path: name, done: make(chan struct{})}
	s.spec.Children = slices.Clone(spec.Children)
	s.nameless = resolve(nil, s.spec.Children)
	for i := range s.spec.Children {
		s.take(&s.spec.Children[i])
	}
	s.asking.s, s.asking.behalf.Of = s, &s.asking
	s.box.Init(mailbox.Options[any]{})
	return s
}

// Name returns the supervisor's path in its tree, which for the root is its name.
func (s *Supervisor) Name() string {
	s.made()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.path
}

func (s *Supervisor) ownName() string { return s.name }

// SignalsReady implements tree.Readier: a supervisor is up when its children are.
func (s *Supervisor) SignalsReady() bool { return true }

// Done returns a channel that is closed when the tree is down: it was stopped, its context
// has ended, it gave up, or it could not be started. If s is below another supervisor, the
// channel is closed by Stop of s, when the whole tree is down, and when s is removed or
// forgotten. It stays open when s is terminated, since Restart may follow, and when s has
// given up and its parent restarts it. A later Serve makes another channel.
func (s *Supervisor) Done() <-chan struct{} {
	s.made()
	if r := tellerHere(); r != nil {
		s.mayWait(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}

// Err returns what Serve returned the last time, and nil while it runs.
func (s *Supervisor) Err() error {
	s.made()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Serve starts the children in their order and supervises them on the calling goroutine. It
// returns nil if ctx ended, if Stop was called, or if the end of significant children ended
// the supervisor. Otherwise it returns a *SpecError or *StartError if it could not start, a
// *GaveUpError if it gave up, or a *StuckError if a child did not end in its time. It never
// ends the process. After it has returned, Serve may be called again, unless Stop was called.
func (s *Supervisor) Serve(ctx context.Context) error {
	s.check("Serve", ctx)
	err, _ := s.run(outsetOf(ctx), nil)
	return err
}

// made panics if s is nil or was not made by New.
func (s *Supervisor) made() {
	if s == nil {
		panic("supervisor: nil *Supervisor: a Supervisor is made by New")
	}
}

// check panics if the supervisor was not made, or if ctx is nil: here, and not later on
// another goroutine, where a panic would end the process.
func (s *Supervisor) check(what string, ctx context.Context) {
	if s == nil || !s.isMade() {
		panic("supervisor: " + what + ": a Supervisor is made by New")
	}
	if ctx == nil {
		panic("supervisor: " + what + " with a nil context")
	}
}

// isMade reports whether it was made by New. It takes no lock: a bad spec may lead back to the
// supervisor that looks at it.
func (s *Supervisor) isMade() bool { return s.asking.s != nil }

// Start starts the tree on a goroutine of its own and returns when all of it is up. From then
// on the tree lives until Stop, and not until ctx ends. If ctx ends before, what was started
// is cut off, as by a Stop whose context has ended. Start then returns a *StartError with the
// child that it waited for, the error of ctx, and how the child's last try ended, if there
// was one. The other errors are those of Serve, and one for a tree that ended before it was
// up, because it was stopped or because significant children have ended.
func (s *Supervisor) Start(ctx context.Context) error {
	s.check("Start", ctx)
	if err := foreign.ErrOf(ctx); err != nil {
		return failed(s.Name(), "Start", err)
	}
	// ctx is asked here, before anything is begun. It may be one of the user's, whose methods
	// panic, and on another goroutine nothing would recover.
	until, known := ctx.Deadline()
	over := ctx.Done()
	serve, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	from := outsetOf(serve)
	s.startWithin(until, known)
	isUp := make(chan struct{})
	result := make(chan error, 1)
	var reason error // comes with the result
	go func() {
		defer cancel(nil)
		err, why := s.run(from, func() { close(isUp) })
		reason = why
		result <- err
	}()
	defer seam.Wake()
	select {
	case <-isUp:
		return nil
	case err := <-result:
		select {
		case <-isUp: // was first: that it has ended since, Done and Err tell
			return nil
		default:
		}
		if err == nil {
			err = failed(s.Name(), "Start", reason)
		}
		return err
	case <-over:
	}
	select {
	case <-isUp: // was first
		return nil
	default:
	}
	defer cancel(nil) // also if ctx panics when it is asked why it has ended
	why := failed(s.Name(), "Start", foreign.Why(ctx))
	if c := s.startsNow(); c.Path != "" {
		why = &StartError{c.Path, lastTry(foreign.Why(ctx), c.Err)}
	}
	cancel(foreign.Keep(foreign.Cause(ctx)))
	return errors.Join(why, <-result)
}

// startsNow returns the first child that is being started and is not up yet. If that is a
// supervisor, it is the first such child below. Without one, the result has no path.
func (s *Supervisor) startsNow() ChildInfo {
	for _, c := range s.Children() {
		if c.State != Starting && c.State != Waiting {
			continue
		}
		if sub := supervisorOf(c.Service); sub != nil {
			if below := sub.startsNow(); below.Path != "" {
				return below
			}
		}
		return c
	}
	return ChildInfo{}
}

// Ready tells the supervisor that a child with Child.AwaitReady is up. ctx is the context of
// the child's Serve; with any other Ready does nothing, and with a nil one it panics. Ready
// may be called more than once.
func Ready(ctx context.Context) {
	if ctx == nil {
		panic("supervisor: Ready with a nil context")
	}
	if p, _ := tree.PlaceOf(ctx); p.Ready != nil {
		p.Ready()
	}
}

// Stop ends the tree for good. Children are stopped in the reverse of their order, and Stop
// returns when all have ended. It returns nil, or a *StuckError with those that did not end
// in their time and were cut off. If ctx ends first, everything that is left is cut off, and
// the error also wraps that of ctx. Stop may be called by several goroutines at once. If the
// end of the tree waits for its caller, which is so for children, OnEvent, Logger and
// Decider, Stop does not wait, and returns nil.
func (s *Supervisor) Stop(ctx context.Context) error {
	s.check("Stop", ctx)
	until, known := ctx.Deadline()
	over := ctx.Done()
	s.within(until, known)
	s.mu.Lock()
	s.final = true
	if s.state == idle {
		s.mu.Unlock()
		s.abandonChildren(over, false, false) // it can not begin any more
		s.conclude()
		return nil
	}
	done := s.done
	s.mu.Unlock()
	s.box.Signal(sigStop)
	waits, never := s.awaitedHere()
	if never {
		return nil
	}
	defer waits.over()
	defer seam.Wake()
	select {
	case <-done:
	case <-over:
		select {
		case <-done: // was first
			return s.stuckError()
		default:
		}
		s.hurryUp()
		<-done
		if err := s.Err(); err != nil {
			return errors.Join(err, failed(s.Name(), "Stop", foreign.Why(ctx)))
		}
		return nil
	}
	return s.stuckError()
}

// stuckError returns the StuckError of the latest life, if it had one.
func (s *Supervisor) stuckError() error {
	if stuck, ok := foreign.As[*StuckError](s.Err()); ok {
		return stuck
	}
	return nil
}

// Abandon implements tree.Abandoner. It is for supervisors. Restart may follow, so Done
// stays open: see conclude.
func (s *Supervisor) Abandon() {
	s.made()
	s.mu.Lock()
	if s.state != idle || s.parting {
		s.mu.Unlock()
		return
	}
	s.parting = true
	s.mu.Unlock()
	s.abandonChildren(nil, false, false)
	s.mu.Lock()
	s.parting = false
	s.mu.Unlock()
}
