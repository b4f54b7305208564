package actor

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/instrument"
	"github.com/bruskajp/nano_services/internal/lazy"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/slow"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// The order of locks. While one is held, only those that stand lower are taken. No two of the
// same line, or of two services, are held together.
//
//	instrument.Collections.mu
//	core.mu
//	agenda.Clock, Recipient.mu
//	resources.mu
//	works.mu, ends.mu, diagnostics.mu, tree.Serving.mu, slow.Watch.mu, rate.Log.mu
//	goid.Stack.mu, Mailbox.mu, rate.Limit.mu
//
// graph is beside these. watch.mu and the locks of package topic are only held alone. While a
// lock is held the library calls no code but its own. Code that calls a hook, a logger or a
// watcher releases core.mu meanwhile: see outside.

// core is a service without its type.
type core struct {
	box mailbox.Mailbox[job]

	// What the path of every closure reads besides the mailbox: together, because a
	// service that is seldom called finds each line of the cache cold.
	*options                        // immutable
	around   atomic.Pointer[around] // what is done around closures; nil: nothing; written under mu
	slowly   *slow.Watch            // nil: not to be watched; has its own lock; immutable
	depth    rate.Depth             // at which depth of the queue the next warning is due

	// Immutable after creation.
	name  string
	self  any // the *Service[T]
	build any // the constructor, for its name
	make  func(context.Context) (any, error)

	// Atomic counters. All that ran is derived from them and the mailbox's.
	dead        atomic.Uint64  // accepted, and not run
	undelivered atomic.Uint64  // of these, those that were never in the queue
	skipped     atomic.Uint64  // accepted calls whose context ended before their turn
	refused     atomic.Uint64  // not accepted
	maxQueued   instrument.Max // the largest depth that was seen

	stand atomic.Pointer[stand]       // in the tree; written under mu
	in    atomic.Pointer[incarnation] // nil unless running or draining; written under mu
	calls [4]atomic.Pointer[reply]    // to be used again; see newCall

	diagnostics lazy.Value[diagnostics] // what else is known
	label       instrument.Label

	mu           sync.Mutex
	state        State         // under mu
	final        bool          // Stop or Kill was called: ends in Ended; under mu
	supervised   bool          // by the present or latest Serve; under mu
	unsupervised bool          // made by Start; immutable
	orphaned     atomic.Int32  // closures still running on goroutines that were cut off
	number       uint64        // of incarnations so far; under mu
	err          error         // of the latest incarnation; under mu
	done         chan struct{} // made when first asked for; under mu

	teller courtesy.Teller // calls code that is not the library's; under mu; see outside

	declared uintptr                     // where New was called; 0: it is not watched; immutable
	unserved atomic.Pointer[alarm.Timer] // see watchDeclared

	ends     lazy.Value[ends]       // the watchers
	refusals lazy.Value[rate.Limit] // of refusals in the log
}

// Name is Service.Name.
func (c *core) Name() string {
	if at := c.stand.Load(); at != nil && at.path != "" {
		return at.path
	}
	return c.name
}

// stand is where a service stands in a tree. It is immutable.
type stand struct {
	path    string       // "" until it was served there
	starter tree.Starter // nil if the one that starts it does not say what it waits for
}

// starter returns what starts the service, or nil.
func (c *core) starter() tree.Starter {
	if at := c.stand.Load(); at != nil {
		return at.starter
	}
	return nil
}

// incarnation is one life of a service, from its constructor to its Close, on one
// goroutine, which owns the consumer's part of the mailbox meanwhile.
//
// While that goroutine is in user code, from where it may never come back, the service can be
// cut off from it. Then the incarnation is lost, its part of the mailbox belongs to the
// goroutine that cut it off, and its own goroutine only closes T. After a closure, the mailbox
// says whether that has happened (Consumer.Done); after the constructor and Close, lost says
// so, under core.mu.
//
//	phase     entered                          may be cut off by
//	starting  Serve, Start                     none; the owner looks before it constructs
//	building  the constructor is called        core.cut, under mu: lost
//	serving   it has returned; Start: at once  core.cut, through Mailbox.Take while in a closure: lost
//	ending    the loop is over                 none; the owner looks for sigCut before it closes T
//	closing   Close is about to be called,     core.cut, under mu: lost
//	          if there is one
//	between   the user's code runs beside        core.cut, under mu: lost
//	          closures, see loop.go;
//	          serving afterwards
//
// An owner in the library's code can not be cut off. sigCut asks it to settle before it
// enters user code again. Then the service goes on before T is closed, as if it had been cut
// off from Close: see closesLater.
type incarnation struct {
	c      *core
	number uint64
	place  *tree.Place           // immutable once it has begun
	cons   mailbox.Consumer[job] // the goroutine's, until lost
	lost   atomic.Bool           // written once, under core.mu

	state any         // the *T; the goroutine's own
	fault *PanicError // of the user's code beside closures; the goroutine's own

	// Flags, in one place because each would take a word. Guarded by core.mu.
	phase            phase
	asked            bool // cut could not take it, and has asked it to settle
	cleared          bool // the queue was emptied, for whatever reason
	answered         bool // the mailbox was closed and emptied
	cancelledAtStart bool // Serve's context had ended before it began
	early            bool // it was told of that end before it began
	again            bool // and that another incarnation is to follow
	announced        bool // those who watch have been told that it is over
	// The goroutine's own.
	batchOpen  bool  // a batch has begun, and is not committed
	committing bool  // it is being committed
	traced     bool  // runtime/trace was on
	labelled   bool  // the goroutine carries its label
	retries    bool  // it is in a Retry, and what that calls may call services
	kept       uint8 // closures since an alarm that were not yet subtracted from it
	burst      int32 // closures since the burst began

	given *context.Context // what an interceptor has set for the closure; nil: nothing; the goroutine's own

	// Guarded by core.mu.
	exit    *error    // what Exit was called with; nil: it was not
	awaited *longWait // nil: Stop or Serve do not wait for its end, or nothing of the user's runs
	// Called when user code is about to run, or to be waited for, while Stop waits and expected
	// none to run; nil otherwise. See endAwaited.
	expected func(*incarnation)
	settled  chan struct{} // closed by leave; made by the first that waits for it
	unhook   func() bool   // takes back the watch on Serve's context; immutable

	waits    waits // what this incarnation waits for
	contexts contexts
	inside   atomic.Pointer[closureContext] // of the closure that runs, if it has one
	speaks   atomic.Pointer[closureContext] // for the constructor; see lifeContext.Value
	owns     lazy.Value[resources]
	userFunc atomic.Uintptr       // entry of what runs around a closure, such as a view's function; 0: nothing
	turn     atomic.Uint64        // the turn whose closure has been counted; see job.go
	rec      *instrument.Recorder // nil: not yet; the goroutine's own
	steps    *seam.Steps          // nil: they are not decided on; immutable
}

// longWait is a wait for the end of an incarnation, by Stop, or by Serve without a supervisor.
// Guarded by core.mu.
type longWait struct {
	rate.Wait
	timer *alarm.Timer
	drain *alarm.Timer // bounds draining; nil if the one that waits does
}

// enter is called by the owner when a phase begins. It does nothing for a lost incarnation,
// which is in the hands of the goroutine that cut it off. core.mu is held.
func (in *incarnation) enter(p phase) {
	if !in.lost.Load() {
		in.phase = p
		in.enters()
	}
}

func (in *incarnation) enters() {
	if in.expected != nil {
		in.expected(in)
	}
}

// at returns the user's function in which the goroutine of in, busy with j, is or was.
func (in *incarnation) at(j job) where.Place {
	if pc := in.userFunc.Load(); pc != 0 {
		return where.Place{PC: pc}
	}
	return j.closure()
}

// owners says which goroutine serves which incarnation.
var owners goid.Registry[incarnation]

// closureLoop is what the stacks of panics in closures end with.
var closureLoop = where.Loop{Name: reflect.TypeFor[core]().PkgPath() + ".(*core).loop"}

// verdict is why an incarnation ended, and what came of its Close.
type verdict struct {
	reason error // nil: normally, or because it was told to
	closed error
	left   bool // the service went on before T was closed: see closesLater
}

// diagnostics are what is known of a service beyond its numbers, and the requests to it. No
// closure needs them unless an instrument is switched on, and most services never do, so
// they are made when first needed.
type diagnostics struct {
	// Atomic. The owner and senders.
	alarm      atomic.Int64  // closures for which the interest of an alarm goes on
	silent     atomic.Bool   // nothing is to be kept even then
	crashed    atomic.Uint64 // closures
	untimely   atomic.Uint64 // timers of After that were pending when their incarnation ended
	waits      lazy.Value[instrument.Histogram]
	runs       lazy.Value[instrument.Histogram]
	recorder   atomic.Pointer[instrument.Recorder] // of the present or latest incarnation
	owed       atomic.Uint64                       // how many are to be taken before a pause takes hold; see Resume
	recordings instrument.Collections[ClosureRecord]

	mu       sync.Mutex // never held while anything else is waited for or called
	sighted  instrument.Sighting
	crashes  rate.Log[*PanicError]
	requests []request
}

// job is what a mailbox holds: a closure, and for a call also its answer. It is one
// interface for all kinds, so that a mailbox does not depend on T.
type job interface {
	// run runs the closure on the goroutine of in.
	run(in *incarnation)
	// closure returns where the user's function is.
	closure() where.Place
}

// call is a job that a caller waits for.
type call interface {
	job
	replied() *reply
}

// staged is a job whose turn has stages, between which other code may intervene: the job is
// claimed, the user's function is called, inside of the interceptors, and the job answers.
// Calls and callbacks are staged; a closure of Do is nothing but its function.
type staged interface {
	job
	// claim reports whether the function is to be called. If not, the job has been accounted
	// for. j is the job itself.
	claim(in *incarnation, j job) bool
	// call calls the function, and returns the function's own error.
	call(in *incarnation) error
	// answer is called when the function has returned. refuse is called instead of call and
	// answer when an interceptor did not let the function run.
	answer(in *incarnation)
	refuse(in *incarnation, j job, why error)
	// withdrawn tells the job that it has left the queue without its turn. It reports whether
	// the job is lost by that, and has been counted as dead. It is not if it was taken back
	// before.
	withdrawn(c *core, why error) (lost bool)
	// ofItself reports whether the service has handed the job to itself.
	ofItself() bool
}

// perform is the turn of a staged job without anything around it.
func perform(in *incarnation, j staged) {
	if j.claim(in, j) {
		_ = j.call(in)
		j.answer(in)
	}
}

// request is something that the owner is asked for. It is the owner's while it is served.
type request interface {
	// serve is called by the owner. It reports false if it is too early, or too late: then
	// the request stays in the list.
	serve(in *incarnation) (done bool)
	// vacated is called when the service has come to a state without an incarnation. It
	// reports whether the request is kept for the next one. core.mu is held.
	vacated(s State) (kept bool)
	// gone reports whether the caller has given up, and taken the request from the list. Such
	// a request is not put back.
	gone() bool
}

// Signals to the owner of a mailbox.
const (
	sigCut   = 1 << iota // settle, and run nothing more
	sigOver              // the incarnation is over: a restart, or Exit
	sigLate              // work that draining waits for has an outcome, or has ended; see work.go
	sigAsked             // something is to be done between two closures; see loop.go

	sigEnd = sigCut | sigOver
)

// Standing signals: how the owner is to work from now on.
const (
	sigPause = 1 << (16 + iota) // run no closures
	sigSteps                    // ask the scheduler of the seam before each step

	sigAttention = sigEnd | sigPause | sigSteps | sigAsked
)

// next returns the state that follows the present incarnation; mu is held.
func (c *core) next() State {
	switch {
	case c.final || c.unsupervised:
		return Ended
	case c.state == Draining || !c.supervised:
		return Down
	}
	return Pending
}

// check panics if the service was not made, or if ctx is nil.
func (c *core) check(what string, ctx context.Context) {
	c.made()
	if ctx == nil {
		panic("actor: " + what + " with a nil context")
	}
}

// made panics if the service is a zero Service.
func (c *core) made() { misuse.Unless(c.options != nil, "actor: a Service is made by Start or New") }

// A service that waits, for an answer, a future, room or a Stop, is an edge in a graph, from the waiting incarnation
// to the service that it waits for. The wait that would close a cycle is refused before anything is queued.
//
// The goroutine of an incarnation waits for one service at a time, so its edge is some words, written without a lock:
//
//	seq is even: not waiting. seq is odd: waiting for target.
//
// target, event and the fields of own change only while seq is even. They stay until the owner has nothing to do,
// and are mostly the same for the next wait, so a wait is two writes. (A record behind one pointer, which others
// may still read, would cost an allocation besides.) Goroutines to which a closure has passed its context wait on
// the service's behalf. Their edges, and a second edge of an incarnation (that of a hook which calls while its
// service is in a call), are in a list, under graph.
//
// A waiter learns a moment later than others that its wait is over: the service that has answered it may be
// in its next closure by then. So an edge has the event that it waits for, and counts only until that comes.
//
// A service does not wait for the works that it has begun with Pipe, but others may: a Stop waits for all of
// them, and a CallLater for those that owe its answer. So the waits of works, in the same list, count for a
// path that comes to the service by such a wait, and for no other. A work may wait for its own service.
//
// No cycle is overlooked: a caller first makes its edge and then looks whether its target has one. Of the
// waits of a cycle, the last one to make its edge sees all the others. And no cycle is made up: edges are
// collected into a path and then read again. If each is still the same wait, there was an instant at which all
// of them existed. If two waits would close the same cycle at once, graph puts them in order: the first is
// refused, and takes its edge back before the second looks.
type waits struct {
	seq    atomic.Uint64 // written by the goroutine of the incarnation
	target atomic.Pointer[core]
	event  atomic.Pointer[event]
	own    lazy.Value[ownWait]

	more   atomic.Int32 // how many are in others, written under graph
	others *wait        // linked by next; under graph
}

// ownWait is made with the first wait.
type ownWait struct {
	site where.Sites // of the call that waits
	room event       // of a wait for room: ends when come is set
	come atomic.Bool
}

// contexts are the two ends of an incarnation that contexts can see. life, the constructor's,
// ends after Close. reach ends when no more closures will run, or when the service is cut off
// from the one that does.
type contexts struct {
	base        context.Context // of Serve, for its values
	life, reach tree.Ending
}
