package actor

import (
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
//	between   the user's code runs beside        core.cut, under mu: lost
//	          closures, see between.go;
//	          serving afterwards
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
	retries  bool  // it is in a Retry, and what that calls may call services
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

// The table says which states of a service, phases of its incarnation, turns of the
// consumer's part of its mailbox and states of the call that runs there are together,
// whenever core.mu is free. "Taken" is held by who has cut the service off.
//
//	state              phase     turn    reply      when
//	pending            -         vacant  -          declared, or between two incarnations
//	pending            -         held    -          Stop, Kill or Abandon answers the queue
//	running, draining  building  held    -          the constructor runs, or is about to
//	running, draining  serving   held    -          between two closures, or asleep
//	running, draining  serving   busy    -          a closure runs for which no caller waits
//	running, draining  serving   busy    queued     it is a call's turn, and it has not begun
//	running, draining  serving   busy    running    a call runs, or one that is answered later has run
//	running, draining  serving   busy    settled    a call is answered, and its turn not over
//	running, draining  serving   busy    abandoned  the caller of the call has gone
//	running, draining  between   held    -          the user's code looks at T beside closures
//	running, draining  ending    held    -          the owner answers the queue, and tells who watches
//	running, draining  ending    taken   -          who has cut the service off does so
//	running, draining  closing   held    -          Close runs, or is about to
//	down               -         vacant  -          until it is served again
//	down               -         held    -          Stop or Kill of it reports what is to be reported yet
//	ended              -         vacant  -          for good
//
// A call that is answered is used again at once, so that its turn may end as queued.
type phase uint8

const (
	building phase = iota
	serving
	ending
	closing
	between
)

var phaseNames = [...]string{"building", "serving", "ending", "closing", "between"}

// enter is called by the owner when a phase begins, unless the service was cut off from
// it: a lost incarnation is in the hands of who has cut it off. core.mu is held.
func (in *incarnation) enter(p phase) {
	if !in.lost.Load() {
		in.phase = p
	}
}

// owners says which goroutine serves which incarnation.
var owners goid.Registry[incarnation]

// verdict is why an incarnation ended, and what came of its Close.
type verdict struct {
	reason error // nil: normally, or because it was told to
	closed error
	left   bool // sigCut: the service went on before T was closed
}

// at returns the function that the goroutine of in is in, or was until it crashed,
// while it is busy with j.
func (in *incarnation) at(j job) location {
	if pc := in.aside.Load(); pc != 0 {
		return location{pc: pc}
	}
	return j.closure()
}
