package actor

import (
	"container/list"
	"context"
	"slices"
	"sync"
)

// What an incarnation owns ends with it: timers, watches, replies that are to be
// given, and work on other goroutines. Draining waits for work, whose outcome comes
// from another goroutine as a closure. This is what becomes of it:
//
//	service                  event                  outcome
//	running                  it is delivered        queued, in its order, waiting for room
//	draining                 it is delivered        kept; runs when the queue has run
//	draining, queue has run  work goes on           waited for
//	draining, queue has run  all work has ended     (the incarnation is over)
//	over                     work goes on           a dead letter, at once
//
// Most incarnations own nothing, so holdings are made when first needed.
type holdings struct {
	mu    sync.Mutex
	over  bool          // the incarnation runs nothing more
	ran   bool          // draining is at its end: no work any more
	owned list.List     // of owned, oldest first
	idle  []*Timer      // of WhenIdle
	work  int           // that has not come to its end, for which draining waits
	busy  int           // of it, what has a goroutine
	wait  list.List     // of *work: what has none, for want of room
	batch []batchedCall // whose closures have returned, and that wait for the commit
	late  []job         // outcomes that came when the mailbox was closed
	left  location      // a work that was going on when the incarnation was over
	why   error         // it was over, as end gets it

	bubble uint8 // of inBubble; the goroutine's own
}

// owned is something that ends with an incarnation.
type owned interface {
	// end is called once, under core.mu: it does not block, and calls no code but
	// the library's. It returns the closure that will never run now and of which
	// nobody has heard, or nil.
	end(why error) (lost job)
}

// endedHoldings are those of an incarnation that was over before it owned anything.
var endedHoldings = &holdings{over: true}

func (in *incarnation) holdings() *holdings {
	if h := in.owns.Load(); h != nil {
		return h
	}
	in.owns.CompareAndSwap(nil, new(holdings))
	return in.owns.Load()
}

// own makes o end with the incarnation. It returns nil if that is over already, and
// then o is not ended by anybody else.
func (in *incarnation) own(o owned) *list.Element {
	h := in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return nil
	}
	return h.owned.PushBack(o)
}

// release takes back own. It reports false if the thing has been ended, or is being
// ended.
func (in *incarnation) release(e *list.Element) bool { return in.holdings().release(e) }

func (h *holdings) release(e *list.Element) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return false
	}
	h.owned.Remove(e)
	return true
}

// undertake owns a work, and begins it when there is room. It reports false if the
// incarnation is over.
func (in *incarnation) undertake(w *work) bool {
	h := in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over || h.ran || w.cancel != nil && in.c.box.Closed() { // see drains, which comes after Close
		return false
	}
	w.element, w.step = h.owned.PushBack(w), in.numbered()
	h.work++
	if w.cancel != nil || h.busy < in.c.works {
		h.begin(w)
	} else {
		h.wait.PushBack(w)
	}
	return true
}

// begin gives a work its goroutine; mu is held.
func (h *holdings) begin(w *work) {
	if w.cancel == nil {
		h.busy++
	}
	w.begun = true
	go w.do()
}

// worked says that a work has come to its end, and begins the next one that waits.
func (in *incarnation) worked(w *work) {
	if w.cancel != nil {
		w.cancel(context.Canceled)
		in.release(w.element)
	}
	h := in.holdings()
	h.mu.Lock()
	h.work--
	if w.cancel == nil {
		h.busy--
	}
	if !h.over && h.busy < in.c.works && h.wait.Len() > 0 {
		h.begin(h.wait.Remove(h.wait.Front()).(*work))
	}
	h.mu.Unlock()
	// Who lingers found the mailbox closed before it found the work going on.
	if in.c.box.Closed() {
		in.c.box.Signal(sigLate)
	}
}

// deliver hands over the outcome of a work. It waits for room, until the
// incarnation is over.
func (in *incarnation) deliver(w *work, j job) {
	in.stepBeside(stepOutcome, w.step)
	if !in.release(w.element) {
		return // its end has reported j
	}
	place, err := in.c.box.Line(j)
	if place != nil {
		err = place.Wait(in.reachContext())
	}
	if err == nil {
		return
	}
	h := in.holdings()
	h.mu.Lock()
	over, why := h.over, h.why
	if !over {
		h.late = append(h.late, j)
	}
	h.mu.Unlock()
	if over {
		in.c.lapse(j, why)
	}
}

// linger is called by the owner of a closed mailbox when it is empty. It reports
// whether there may be more to run. If not, it is not asked again.
func (in *incarnation) linger() bool {
	if in.owns.CompareAndSwap(nil, endedHoldings) {
		return false
	}
	h := in.owns.Load()
	in.c.box.Clear(sigLate) // before looking
	h.mu.Lock()
	work := h.work
	var j job
	if len(h.late) > 0 {
		j = h.late[0]
		h.late = slices.Delete(h.late, 0, 1)
	}
	if h != endedHoldings { // which belongs to all, and takes nothing anyway
		h.ran = j == nil && work == 0
	}
	h.mu.Unlock()
	switch {
	case j != nil:
		in.cons.Feed(j)
	case work > 0:
		in.c.idle()
		in.rest()
		in.cons.WaitSignal()
		in.c.watch()
	default:
		return false
	}
	return true
}

// disown ends what the incarnation owns, and reports the closures that will not run
// any more; core.mu is held, and released while they are reported.
func (c *core) disown(in *incarnation) {
	why := ErrStopped
	if c.next() == Pending {
		why = ErrRestarted
	}
	if lost := in.over(why); len(lost) > 0 {
		c.lapseAll(lost, why)
	}
}

// lapseAll goes on if a hook ends its goroutine half-way.
func (c *core) lapseAll(lost []job, why error) {
	for len(lost) > 0 {
		c.outside(func() {
			for len(lost) > 0 {
				j := lost[0]
				lost = lost[1:]
				c.lapse(j, why)
			}
		})
	}
}

// over ends what the incarnation owns, and returns the closures that will not run;
// core.mu is held.
func (in *incarnation) over(why error) (lost []job) {
	in.cancelReach()
	if in.owns.CompareAndSwap(nil, endedHoldings) {
		return nil
	}
	h := in.owns.Load()
	h.mu.Lock()
	if h.over {
		h.mu.Unlock()
		return nil
	}
	h.over, h.why = true, why
	lost, h.late = h.late, nil
	batch := h.batch
	h.batch = nil
	h.mu.Unlock()
	for _, k := range batch {
		k.replied().settle(running, Unknown, unanswered(why))
	}
	// Nothing is added or removed any more.
	for e := h.owned.Front(); e != nil; e = e.Next() {
		if w, ok := e.Value.(*work); ok && w.begun && h.left == (location{}) {
			h.left = w.at
		}
		if j := e.Value.(owned).end(why); j != nil {
			lost = append(lost, j)
		}
	}
	h.owned.Init() // what was owned is not kept alive
	h.wait.Init()
	h.idle = nil
	return lost
}

// leftBehind returns a work that was going on when the incarnation was over.
func (in *incarnation) leftBehind() location {
	h := in.owns.Load()
	if h == nil || h == endedHoldings {
		return location{}
	}
	return h.left // written under core.mu, before the incarnation was left
}

// lapse reports a closure that was accepted, did not come to the mailbox, and will
// not run.
func (c *core) lapse(j job, reason error) {
	c.lapsed.Add(1)
	c.deadLetter(j, reason)
}
