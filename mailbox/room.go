package mailbox

import (
	"container/list"
	"context"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Room in a bounded mailbox is given out in order. A sender that finds none
// stands in line, under mu, and sets the crowded flag in the tail word, which
// sends every other sender to the back of the line (Put) or away (TryPut).
// The goroutine that takes a value admits the first in line on the sender's behalf: the
// value is pushed before the sender wakes, so no other can step in between.
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

// sender is a value in line for room. ready gets the outcome, once, from the goroutine that
// takes it out of the line, under mu.
type sender[T any] struct {
	v     T
	ready chan error
}

// Put appends v, and waits for room if there is none, until ctx ends: then it
// returns the context's error and v was not accepted. Those who wait are served
// in the order in which they came.
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

// Place is a sender's place in the line for room.
type Place[T any] struct {
	m *Mailbox[T]
	s *sender[T]
	e *list.Element
}

// Line appends v, or stands in line with it if there is no room, and returns the
// place, for Wait. The place is nil if it does not have to wait: v was accepted
// then, or the error is ErrClosed.
func (m *Mailbox[T]) Line(v T) (*Place[T], error) {
	if m.line == nil || m.oldest != nil { // never full
		return nil, m.TryPut(v)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if before := m.q.tail.Or(tailCrowded); before&tailParked != 0 {
		m.rouse() // before a ticket is taken whose value is not handed over
	}
	if m.line.Len() == 0 {
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
	s := &sender[T]{v, make(chan error, 1)}
	return &Place[T]{m, s, m.line.PushBack(s)}, nil
}

// Wait waits for room until ctx ends: then it returns the context's error, or
// context.Canceled if it has none, and the value was not accepted. It is called once. If
// ctx panics when it is asked for its Done channel, the place is given up.
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
	select {
	case err := <-p.s.ready:
		return err
	case <-over:
	}
	if p.Leave() {
		return foreign.Why(ctx)
	}
	return <-p.s.ready
}

// Leave gives the place up. It reports false if it has been served already: then
// Wait returns at once.
func (p *Place[T]) Leave() bool {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if len(p.s.ready) > 0 {
		return false
	}
	p.m.line.Remove(p.e)
	p.m.uncrowd()
	return true
}

// admit gives room that has become free to those in line. The one that took a
// value calls it, after head has been advanced. It may be the owner no more by
// then, and the next owner asleep already: hence the wake-up.
func (m *Mailbox[T]) admit() {
	if m.q.tail.Load()&tailCrowded == 0 {
		return
	}
	defer m.rouse()
	m.mu.Lock()
	defer m.mu.Unlock()
	for e := m.line.Front(); e != nil; e = m.line.Front() {
		s := e.Value.(*sender[T])
		if m.q.push(s.v, tailClosed, m.bound) != accepted {
			return
		}
		m.serve(e, nil)
	}
	m.uncrowd()
}

// serve takes a sender out of the line and tells it the outcome. Under mu.
func (m *Mailbox[T]) serve(e *list.Element, outcome error) {
	s := m.line.Remove(e).(*sender[T])
	if m.served != nil {
		m.served(s.v, outcome == nil)
	}
	s.ready <- outcome
}

// uncrowd opens the mailbox to all senders again if none is in line. Under mu.
func (m *Mailbox[T]) uncrowd() {
	if m.line.Len() == 0 {
		m.q.tail.And(^uint64(tailCrowded))
	}
}

// Close makes every later send fail with ErrClosed, and those in line too. What
// was accepted stays. Once Close has returned nothing more is accepted.
func (m *Mailbox[T]) Close() {
	m.q.tail.Or(tailClosed)
	m.mu.Lock()
	if m.line != nil {
		for e := m.line.Front(); e != nil; e = m.line.Front() {
			m.serve(e, ErrClosed)
		}
		m.uncrowd()
	}
	m.mu.Unlock()
	m.rouse()
}

// Open makes a closed mailbox accept again.
func (m *Mailbox[T]) Open() { m.q.tail.And(^uint64(tailClosed)) }

// Closed reports whether the mailbox is closed.
func (m *Mailbox[T]) Closed() bool { return m.q.tail.Load()&tailClosed != 0 }
