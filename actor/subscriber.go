package actor

import (
	"errors"
	"sync"
	"sync/atomic"
	"weak"
)

// errGone says that a subscriber will get nothing any more.
var errGone = errors.New("actor: subscriber gone")

// subscriber is one subscription. It holds its service weakly: one that runs is held
// by its goroutine, one that will run by whoever will serve it, and one that nobody else
// knows of will never run. A Router may be known to nobody else, and is held.
type subscriber[E any] struct {
	// Immutable. Of a service or function:
	c     weak.Pointer[core]
	f     func(state any, e E)
	where location
	route func() *core // of a Router, instead of c: picks a service

	cancelled atomic.Bool // written by cancel; read at the turn of each event
	lapsed    atomic.Bool // with its incarnation; set before cancelled
	unheard   atomic.Bool // of a Router: the service that was picked accepted nothing any more

	mu    sync.Mutex
	ch    chan E       // of a channel, closed by cancel; under mu
	free  *delivery[E] // to be used again, linked by next; under mu
	spare int          // how many; under mu
}

// delivery is one event on its way to a service: a job. It is used again after its
// turn, so that a subscriber which keeps up costs no allocation for an event. Until
// the owner of the mailbox takes its next job it may be asked where its function is,
// by those who watch, so what that needs never changes.
type delivery[E any] struct {
	to    *subscriber[E]
	event *E
	next  *delivery[E]
}

const (
	slab      = 8  // deliveries are allocated by so many
	keepSpare = 64 // and at most so many are kept, as many as a mailbox keeps of its slots
)

// take hands the event to the subscriber: nil, ErrMailboxFull, ErrStopped if it is
// passed over, or errGone.
func (s *subscriber[E]) take(event *E) error {
	if s.cancelled.Load() {
		return errGone
	}
	if s.f == nil {
		return s.send(*event)
	}
	to := s.target()
	if to == nil {
		return errGone
	}
	d := s.delivery(event)
	err := to.tryPut(d, origin{}.in())
	if err == nil {
		return nil
	}
	if err == ErrMailboxFull {
		_ = to.refuse(d, err)
	} else if s.route == nil && to.over() || s.route != nil && to.refuses() {
		s.unheard.Store(true)
		err = errGone
	}
	s.recycle(d)
	return err
}

func (s *subscriber[E]) send(e E) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancelled.Load() {
		return errGone
	}
	select {
	case s.ch <- e:
		return nil
	default:
		return ErrMailboxFull
	}
}

// gone reports whether the subscriber will get nothing any more.
func (s *subscriber[E]) gone() bool {
	if s.cancelled.Load() || s.f == nil {
		return s.cancelled.Load()
	}
	if s.route != nil {
		return s.unheard.Load()
	}
	to := s.target()
	return to == nil || to.over()
}

// target returns the service that gets the next event, or nil if nobody knows it any more.
func (s *subscriber[E]) target() *core {
	if s.route != nil {
		return s.route()
	}
	return s.c.Value()
}

// refuses reports whether the service is stopped, and takes nothing.
func (c *core) refuses() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state >= Draining
}

// over reports whether the service has ended for good, or is about to.
func (c *core) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Ended || c.final
}

// cancel ends the subscription. An event whose turn has come already is not held
// back.
func (s *subscriber[E]) cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cancelled.Swap(true) && s.ch != nil {
		close(s.ch)
	}
}

// lapse is what an incarnation owns of a subscription of its own.
type lapse[E any] struct{ s weak.Pointer[subscriber[E]] }

func (l lapse[E]) end(error) job {
	if s := l.s.Value(); s != nil {
		s.lapsed.Store(true)
		s.cancel()
	}
	return nil
}

func (s *subscriber[E]) delivery(event *E) *delivery[E] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == nil {
		ds := make([]delivery[E], slab)
		for i := range ds {
			ds[i].to = s
			ds[i].next = s.free
			s.free = &ds[i]
		}
		s.spare = slab
	}
	d := s.free
	s.free = d.next
	s.spare--
	d.event, d.next = event, nil
	return d
}

func (s *subscriber[E]) recycle(d *delivery[E]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.event = nil // not kept alive
	if s.spare < keepSpare {
		d.next = s.free
		s.free = d
		s.spare++
	}
}

func (d *delivery[E]) run(in *incarnation) {
	s, event := d.to, d.event
	s.recycle(d)
	if s.cancelled.Load() {
		if s.lapsed.Load() {
			in.c.deadLetter(d, ErrRestarted)
		} else {
			in.c.skipped.Add(1)
		}
		return
	}
	if a := in.interceptors(); a != nil {
		a.seen(in, d, func() { s.f(in.state, *event) })
		return
	}
	s.f(in.state, *event)
}

func (d *delivery[E]) closure() location { return d.to.where }
