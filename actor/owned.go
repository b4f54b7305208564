package actor

import (
	"container/list"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// What an incarnation owns ends with it: callbacks, replies that are to be given, the
// batch that is open, and work on other goroutines. Most incarnations own nothing, so
// resources are made when first needed.
type resources struct {
	mu     sync.Mutex
	over   bool           // the incarnation runs nothing more
	ran    bool           // draining is at its end: there was nothing beside, and nothing is to come
	owned  list.List      // of owned, oldest first
	rests  []resting      // those of owned to be told when the service has nothing to do
	beside background     // nil: nothing yet
	clock  owned          // of Timers; nil: nothing yet; see timers.go
	next   []continuation // what the constructor has given to Continue, until it is begun
	timers atomic.Int64   // of Timers, how many are to come; written by the clock
	ticks  atomic.Uint64  // of Timers that had their turn; written by the goroutine

	// The goroutine's own.
	batch  []committable // whose closures have returned; see later.go
	bubble uint8         // of inBubble
}

// continuation is a function that was given to Continue.
type continuation struct {
	at where.Place
	f  func(state any)
}

// committable is a call that is answered when its batch has been committed; see later.go.
type committable interface {
	call
	committed(in *incarnation, err error)
}

// owned is something that ends with an incarnation.
type owned interface {
	// end is called once, under core.mu. So it does not block, and calls no code but the
	// library's.
	end(why error)
}

// background is what goes on beside the service, on goroutines of its own that the
// incarnation owns: see works.
type background interface {
	// drains is called when the service takes nothing new, under core.mu.
	drains()
	// linger waits for work when the queue has run; false: nothing is left.
	linger() bool
	// abandon is called instead of end. It returns the closures that will never run now, and
	// that nothing has reported.
	abandon(why error) (lost []job)
	// left returns what was going on then, and going what is going on.
	left() where.Place
	going() where.Place
}

// resting is told when the service has nothing to do.
type resting interface{ rested(taken, activity uint64) }

// endedResources are those of an incarnation that was over before it owned anything.
var endedResources = &resources{over: true}

func (in *incarnation) resources() *resources { return in.owns.Get() }

// own makes o end with the incarnation. It returns nil if the incarnation is over already; then
// the caller has to end o.
func (in *incarnation) own(o owned) *list.Element {
	h := in.resources()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return nil
	}
	return h.owned.PushBack(o)
}

// goesAlong has the running goroutine count as one of the service's, until it calls leave.
func (in *incarnation) goesAlong() (leave func()) {
	before := tree.Behalves.Enter(&tree.Behalf{Of: in.c, Also: [2]*tree.Behalf{in.place.Behalf}})
	return func() { tree.Behalves.Leave(before) }
}

// release takes back own. It reports false if the owned thing has been ended, or is being ended.
func (in *incarnation) release(e *list.Element) bool { return in.resources().release(e) }

func (h *resources) release(e *list.Element) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return false
	}
	h.owned.Remove(e)
	return true
}

// inBubble reports whether the service is in a bubble of testing/synctest, where the
// runtime's goroutines must not touch channels. It is called by the goroutine of the
// incarnation, which owns something.
func (in *incarnation) inBubble() bool {
	h := in.owns.Made()
	if h.bubble == 0 {
		h.bubble = 1
		if goid.InBubble() {
			h.bubble = 2
		}
	}
	return h.bubble == 2
}

// atRest has r told when the service has nothing to do, from now on.
func (in *incarnation) atRest(r resting) {
	h := in.resources()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rests = append(slices.Clip(h.rests), r)
}

// notAtRest takes back atRest.
func (in *incarnation) notAtRest(r resting) {
	h := in.resources()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rests = slices.DeleteFunc(slices.Clone(h.rests), func(o resting) bool { return o == r })
}

// activity is a number that grows with each closure which is not a tick. It is exact
// for the service's goroutine.
func (in *incarnation) activity() uint64 {
	return in.c.box.Counts().Taken - in.resources().ticks.Load()
}

// rested is called by the service when a burst of closures is over: the time that
// the service has nothing to do begins.
func (in *incarnation) rested() {
	h := in.owns.Made()
	if h == nil {
		return
	}
	taken := in.c.box.Counts().Taken
	h.mu.Lock()
	rests := h.rests
	h.mu.Unlock()
	for _, r := range rests {
		r.rested(taken, taken-h.ticks.Load())
	}
}

// drains is called when the service takes nothing new; core.mu is held.
func (in *incarnation) drains() {
	if b := in.background(); b != nil {
		b.drains()
	}
}

// background returns what goes on beside the service, or nil.
func (in *incarnation) background() background {
	h := in.owns.Made()
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.beside
}

// linger is called by the owner of a closed mailbox when it is empty. It reports
// whether there may be more to run. If not, it is not asked again.
func (in *incarnation) linger() bool {
	if in.owns.Preset(endedResources) {
		return false
	}
	h := in.owns.Made()
	h.mu.Lock()
	b := h.beside
	if b == nil && !h.over {
		h.ran = true
	}
	h.mu.Unlock()
	if b == nil || !b.linger() {
		return false
	}
	in.c.mu.Lock()
	in.enters()
	in.c.mu.Unlock()
	return true
}

// disown ends what the incarnation owns, and reports the closures that will not run
// any more; core.mu is held, and released while they are reported.
func (c *core) disown(in *incarnation) {
	why := ErrStopped
	if c.next() == Pending {
		why = ErrRestarted
	}
	lost := in.endOwned(why)
	in.cancelReach() // at last: who returns because of it finds all that it owns over
	if len(lost) > 0 {
		c.undeliver(lost, why)
	}
}

// undeliver reports closures that were never in the queue; core.mu is held as in disown.
func (c *core) undeliver(jobs []job, why error) {
	lost := make([]letter, len(jobs))
	for i, j := range jobs {
		c.undelivered.Add(1)
		c.dead.Add(1)
		lost[i] = letterOf(j)
	}
	c.reportAll(lost, why)
}

// endOwned ends what the incarnation owns, and returns the closures that will not run;
// core.mu is held.
func (in *incarnation) endOwned(why error) (lost []job) {
	if in.owns.Preset(endedResources) {
		return nil
	}
	h := in.owns.Made()
	h.mu.Lock()
	if h.over {
		h.mu.Unlock()
		return nil
	}
	h.over, h.rests = true, nil
	h.mu.Unlock()
	// Nothing is added or removed any more.
	if h.clock != nil {
		h.clock.end(why)
	}
	for e := h.owned.Front(); e != nil; e = e.Next() {
		e.Value.(owned).end(why)
	}
	h.owned.Init() // what was owned is not kept alive
	if h.beside != nil {
		lost = h.beside.abandon(why)
	}
	return lost
}

// leftBehind returns a work, or what is told of the end, that was going on when in was over.
func (in *incarnation) leftBehind() where.Place {
	if b := in.background(); b != nil && b.left() != (where.Place{}) {
		return b.left()
	}
	return in.c.teller.Still()
}

// callback is a function that a service calls when something happens: a time has come (Timer),
// another service has ended (Watch), work has come to its end (Pipe), or a value was sent
// (Recipient). What has happened waits in the mailbox as a staged job, and at its turn the
// callback decides. It belongs to an incarnation, which ends it, or to the service.
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
// A job that runs does so inside of the interceptors. They do not see one that is skipped, or a
// dead letter. Every transition is a compare-and-swap.
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

// ofItself says that the service has handed the job to itself.
func (b *callback) ofItself() bool { return true }

// host returns the incarnation that will own what the running goroutine asks for. If the
// goroutine serves an incarnation, it is that, even a lost one. Otherwise it is the present one,
// unless that is about to end.
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

// begin reports whether the callback is live. If it is called only once, it is over then.
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
