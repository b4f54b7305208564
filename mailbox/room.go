package mailbox

import (
	"context"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Room in a bounded mailbox is given out in order. A sender that finds none joins the line,
// under mu, and sets the crowded flag in the tail word, which sends every other sender to the
// back of the line (Put) or away (TryPut). The goroutine that takes a value admits the first
// in line: it pushes that sender's value before the sender wakes, so no other sender can step
// in between.
//
//	crowded  event                          next     who
//	clear    Line                           set      the sender, under mu
//	set      Line: room after all, no line  clear    the sender, under mu
//	set      a value taken: line now empty  clear    the owner, under mu
//	set      the last in line gives up      clear    the sender, under mu
//	set      Close                          clear    the closer, under mu
//
// No room is lost: the owner advances head and then reads the tail word; a
// sender sets crowded in the tail word and then reads head. One sees the other.

// Put appends v, and waits for room if there is none. If ctx ends first, it returns the error
// of ctx, and v was not accepted. Senders that wait are served in the order in which they came.
func (m *Mailbox[T]) Put(ctx context.Context, v T) error {
	err := m.TryPut(v)
	if err != ErrFull {
		return err
	}
	if err := foreign.ErrOf(ctx); err != nil {
		return err
	}
	over := ctx.Done() // before it stands in line: it may panic
	p, err := m.Line(v)
	if p == nil {
		return err
	}
	return p.wait(ctx, over)
}

// Line appends v, or, if there is no room, stands in line with v and returns the place, for
// Wait. The place is nil if there is nothing to wait for: either v was accepted, or the error
// is ErrClosed.
func (m *Mailbox[T]) Line(v T) (*Place[T], error) {
	if m.line == nil || m.oldest != nil { // never full
		return nil, m.TryPut(v)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.line.first == nil {
		if before := m.q.tail.Or(tailCrowded); before&tailParked != 0 {
			m.rouse() // before a ticket is taken whose value is not handed over
		}
		if verdict := m.q.push(v, tailClosed, m.bound); verdict != full {
			m.q.tail.And(^uint64(tailCrowded))
			if verdict == closed {
				return nil, ErrClosed
			}
			m.nudge()
			return nil, nil
		}
	} else if m.Closed() {
		return nil, ErrClosed
	}
	p := m.line.place(m)
	p.v, p.waits = v, true
	m.line.add(p)
	return p, nil
}

// Wait waits for room. If ctx ends first, Wait returns the error of ctx, or context.Canceled if
// ctx has none, and the value was not accepted. Call Wait once, and do not use the place
// afterwards: it may be another sender's. If ctx panics when it is asked for its Done channel,
// the place is given up.
func (p *Place[T]) Wait(ctx context.Context) error {
	asked := false
	defer func() {
		if !asked {
			p.Leave()
		}
	}()
	over := ctx.Done()
	asked = true
	return p.wait(ctx, over)
}

func (p *Place[T]) wait(ctx context.Context, over <-chan struct{}) error {
	if over != nil {
		select {
		case <-p.token:
			return p.served()
		case <-over:
		}
		if p.Leave() {
			p.free()
			return foreign.Why(ctx)
		}
	}
	<-p.token
	return p.served()
}

// served returns the result for the sender, which has the token, and lets go of the place.
func (p *Place[T]) served() (err error) {
	if p.refused {
		err = ErrClosed
	}
	p.free()
	return err
}

// Leave gives the place up. It reports false if it has been served already: then
// Wait returns at once.
func (p *Place[T]) Leave() bool {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if !p.waits {
		return false
	}
	p.waits = false
	p.m.line.remove(p)
	p.m.uncrowd()
	return true
}

// Tell has over set when the place waits no longer, before Wait returns. If it does not wait
// any more, over is set at once. Tell is called once, before Wait.
func (p *Place[T]) Tell(over *atomic.Bool) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if p.told = over; !p.waits {
		over.Store(true)
	}
}

// admit gives room that has become free to the senders in line. The goroutine that took a value
// calls it, after head has been advanced. By then it may no longer be the owner, and the next
// owner may be asleep already: hence the wake-up. The senders are woken when mu is free, since
// they soon take it.
func (m *Mailbox[T]) admit() {
	if m.q.tail.Load()&tailCrowded == 0 {
		return
	}
	var served places[T]
	m.mu.Lock()
	for p := m.line.first; p != nil && m.q.push(p.v, tailClosed, m.bound) == accepted; p = m.line.first {
		m.serve(p, &served)
	}
	m.uncrowd()
	m.mu.Unlock()
	m.rouse()
	served.wake()
}

// serve moves the first in line to the list of served ones. Under mu.
func (m *Mailbox[T]) serve(p *Place[T], served *places[T]) {
	m.line.remove(p)
	p.waits = false
	if p.told != nil {
		p.told.Store(true)
	}
	served.add(p)
}

// uncrowd opens the mailbox to all senders again if none is in line. Under mu.
func (m *Mailbox[T]) uncrowd() {
	if m.line.first == nil {
		m.q.tail.And(^uint64(tailCrowded))
	}
}

// Close makes every later send fail with ErrClosed, and those in line too. Values that were
// accepted stay. Once Close has returned nothing more is accepted.
func (m *Mailbox[T]) Close() {
	m.q.tail.Or(tailClosed)
	var refused places[T]
	m.mu.Lock()
	if m.line != nil {
		for p := m.line.first; p != nil; p = m.line.first {
			m.serve(p, &refused)
			p.refused = true
			if m.refused != nil {
				m.refused(p.v)
			}
		}
		m.uncrowd()
	}
	m.mu.Unlock()
	m.rouse()
	refused.wake()
}

// Open makes a closed mailbox accept again.
func (m *Mailbox[T]) Open() { m.q.tail.And(^uint64(tailClosed)) }

// Closed reports whether the mailbox is closed.
func (m *Mailbox[T]) Closed() bool { return m.q.tail.Load()&tailClosed != 0 }
