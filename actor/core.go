package actor

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/mailbox"
)

// State is what a service is doing as a whole.
type State uint8

// The states of a service, in the order in which it can come to them; from Down a
// supervisor, or Serve, brings it back to Running.
const (
	Pending  State = iota // declared, or between two incarnations: queues
	Running               // an incarnation serves
	Draining              // takes nothing new, runs what it accepted
	Down                  // nobody intends to run it now: refuses
	Ended                 // for good: refuses
)

// The table says who moves a service from one state to another; everything happens
// under core.mu. "Owner" is the goroutine that serves, in settle.
//
//	state     event                                      next      queue
//	pending   Serve                                      running   kept
//	pending   Abandon                                    down      answered
//	pending   Stop, Kill                                 ended     answered
//	running   incarnation over; a supervisor serves      pending   kept, or failed if so chosen
//	running   incarnation over; Serve called directly    down      answered
//	running   incarnation over; Start                    ended     answered
//	running   the context of Serve ends with Restart     (running; over after the current closure)
//	running   the context of Serve ends otherwise        draining  runs
//	running   Stop                                       draining  runs; ended afterwards
//	running   CutOff to go on                            pending   kept, or failed if so chosen
//	running   CutOff, Abandon                            down      answered
//	running   Kill                                       ended     answered
//	draining  all has run, or a crash                    down      answered; ended if Stop was called
//	draining  Stop                                       draining  runs; ended afterwards
//	draining  time over, CutOff, Abandon                 down      answered; ended if Stop was called
//	draining  Kill                                       ended     answered
//	down      Serve                                      running   (empty)
//	down      Stop, Kill                                 ended     (empty)
//	ended     anything                                   ended     (empty)
//
// An incarnation is over when a closure, the constructor or Close crashed, when
// Exit was called, or when the constructor failed. "Answered" means that queued
// closures become dead letters, and that queued calls end with ErrStopped. In
// draining, down and ended the mailbox is closed.

var stateNames = [...]string{"pending", "running", "draining", "down", "ended"}

// String returns the state in a word.
func (s State) String() string { return stateNames[s] }

// core is a service without its type.
type core struct {
	box mailbox.Mailbox[job]

	// What the path of every closure reads besides the mailbox: together, because a
	// service that is seldom called finds each line of the cache cold.
	*options                        // immutable
	around   atomic.Pointer[around] // what is done around closures; nil: nothing; written under mu
	slowly   *slowWatch             // nil: not to be watched; has its own lock; immutable
	mark     atomic.Uint64          // the depth at which the next warning is due

	// Immutable after creation.
	name  string
	self  any // the *Service[T]
	build any // the constructor, for its name
	make  func(context.Context) (any, error)

	// Atomic counters. All that ran is derived from them and the mailbox's.
	dead    atomic.Uint64 // accepted, and not run
	lapsed  atomic.Uint64 // of these, those that were never in the queue
	skipped atomic.Uint64 // accepted calls whose context ended before their turn
	refused atomic.Uint64 // not accepted
	adrift  atomic.Int64  // closures still running on goroutines that were cut off
	high    atomic.Int64  // the largest depth that was seen

	path  atomic.Pointer[string]      // in the tree; written by Serve
	in    atomic.Pointer[incarnation] // nil unless running or draining; written under mu
	calls [4]atomic.Pointer[reply]    // to be used again; see newCall

	notes atomic.Pointer[notes]    // what else is known; nil until needed
	label atomic.Pointer[labelled] // nil until needed

	mu           sync.Mutex
	state        State         // under mu
	final        bool          // Stop or Kill was called: ends in Ended; under mu
	supervised   bool          // by the present or latest Serve; under mu
	unsupervised bool          // made by Start; immutable
	number       uint64        // of incarnations so far; under mu
	err          error         // of the latest incarnation; under mu
	done         chan struct{} // made when somebody asks; under mu
	unserved     *watchdog     // under mu

	ends     atomic.Pointer[ends]    // who watches; nil: nobody ever did
	refusals atomic.Pointer[silence] // of refusals in the log; made by the first
}

// Name returns the name of the service: its path in the tree once a supervisor
// has served it, and what WithName gave it otherwise.
func (c *core) Name() string {
	if p := c.path.Load(); p != nil {
		return *p
	}
	return c.name
}

// Done returns a channel that is closed when the service has ended for good:
// nothing of it will run any more, or what still runs was cut off. It is not
// closed while a later Serve may run the service again.
func (c *core) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doneLocked()
}

func (c *core) doneLocked() chan struct{} {
	if c.done == nil {
		c.done = make(chan struct{})
		if c.state == Ended {
			close(c.done)
		}
	}
	return c.done
}

// Err returns why the latest incarnation ended: nil while it runs, and if it
// ended normally or was stopped without trouble.
func (c *core) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
