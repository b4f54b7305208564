package actor

import (
	"container/list"
	"sync"
)

// What an incarnation owns, such as timers and work on other goroutines, ends with
// it. Of the outcome of work, which comes from another goroutine, this is what
// becomes:
//
//	service                  event                  outcome
//	running                  it is delivered        queued, in its order, waiting for room
//	draining                 it is delivered        kept; runs when the queue has run
//	draining, queue has run  work goes on           waited for
//	draining, queue has run  all work has ended     (the incarnation is over)
//	over                     it is delivered        refused
//
// Most incarnations own nothing, so holdings are made when first needed.
type holdings struct {
	mu    sync.Mutex
	over  bool      // the incarnation runs nothing more
	owned list.List // of owned, oldest first
	work  int       // outcomes to come, for which draining waits
	late  []job     // outcomes that came when the mailbox was closed
}

// owned is something that ends with an incarnation.
type owned interface {
	// end is called once, under core.mu: it does not block, and calls no code but
	// the library's.
	end()
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
func (in *incarnation) release(e *list.Element) bool {
	h := in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return false
	}
	h.owned.Remove(e)
	return true
}

// expect announces an outcome: until it is delivered, or given up with unexpect,
// draining is not at its end. It reports false if the incarnation is over.
func (in *incarnation) expect() bool {
	h := in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return false
	}
	h.work++
	return true
}

// unexpect says that an outcome which was announced has been delivered, or will
// not come.
func (in *incarnation) unexpect() {
	h := in.holdings()
	h.mu.Lock()
	h.work--
	h.mu.Unlock()
	in.c.box.Signal(sigLate)
}

// deliver hands over an outcome that was announced. It waits for room, until the
// incarnation is over. With an error the job was not accepted, and will not run.
func (in *incarnation) deliver(j job) error {
	place, err := in.c.box.Line(j)
	if place != nil {
		err = place.Wait(in.reachContext())
	}
	if err == nil {
		return nil
	}
	h := in.holdings()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return ErrStopped
	}
	h.late = append(h.late, j)
	in.c.box.Signal(sigLate)
	return nil
}

// linger is called by the owner of a closed mailbox when it is empty. It reports
// whether there may be more to run.
func (in *incarnation) linger() bool {
	h := in.owns.Load()
	if h == nil {
		return false
	}
	in.c.box.Clear(sigLate) // before looking
	h.mu.Lock()
	work := h.work
	var j job
	if len(h.late) > 0 {
		j, h.late = h.late[0], h.late[1:]
	}
	h.mu.Unlock()
	switch {
	case j != nil:
		in.cons.Feed(j)
	case work > 0:
		in.cons.WaitSignal()
	default:
		return false
	}
	return true
}

// disown ends what the incarnation owns, and reports the outcomes that will not run
// any more; core.mu is held, and released while they are reported.
func (c *core) disown(in *incarnation) {
	if late := in.over(); len(late) > 0 {
		c.refuseLate(late)
	}
}

// refuseLate goes on if a hook ends its goroutine half-way.
func (c *core) refuseLate(late []job) {
	for len(late) > 0 {
		c.outside(func() {
			for len(late) > 0 {
				j := late[0]
				late = late[1:]
				_ = c.refuse(j, ErrStopped)
			}
		})
	}
}

// over ends what the incarnation owns, and returns the outcomes that will not run;
// core.mu is held.
func (in *incarnation) over() (late []job) {
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
	h.over = true
	late, h.late = h.late, nil
	h.mu.Unlock()
	// Nothing is added or removed any more.
	for e := h.owned.Front(); e != nil; e = e.Next() {
		e.Value.(owned).end()
	}
	return late
}
