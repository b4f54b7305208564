package supervisor

import (
	"errors"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Messages to the supervisor's goroutine. A message about a launch or a timer has its number,
// so that one that comes too late is recognised.
type (
	// exited: a Serve has returned, or its goroutine has ended.
	exited struct {
		p    *process
		run  uint64
		err  error
		gone bool
	}
	// ready: a child says that it is up.
	ready struct {
		c   *child
		run uint64
	}
	// timeout: the child's timer.
	timeout struct {
		c *child
		n uint64
	}
	// retry: restart c, with the siblings that the strategy names. The supervisor posts it
	// to itself, so that messages that came before, above all a stop, go first.
	retry struct {
		c    *child
		left bool // c waited for a child that is not restarted any more
	}
)

// How a life ends besides with an error.
var (
	errInterrupted = errors.New("stopped while starting")
	errShutdown    = errors.New("significant children have ended")
)

func (s *Supervisor) post(m any) {
	if s.box.TryPut(m) != nil {
		refuse(m, ErrStopping)
	}
}

// receive waits for the next message, or notes that it is told to stop or hurry: then it is nil.
func (s *Supervisor) receive() any {
	for {
		s.step()
		if set := s.box.Signals(); set != 0 {
			s.box.Clear(set)
			if set&sigStop != 0 {
				s.endWith(errInterrupted)
			}
			s.cutOffNow = s.cutOffNow || set&sigCutOff != 0
			s.now = time.Now()
			return nil
		}
		if m, ok := s.cons.Discard(); ok {
			s.now = time.Now()
			if l, ok := m.(serviceLeft); ok {
				return l.exited()
			}
			return m
		}
		s.rest()
	}
}

// live starts the children, supervises them and stops them.
func (s *Supervisor) live(ready, onUp func()) error {
	s.now = time.Now()
	s.boot()
	if s.reason == nil {
		s.setState(up)
		s.supervise(s.isBooted)
	}
	if s.reason == nil {
		if ready != nil {
			ready()
		}
		if onUp != nil {
			onUp()
		}
		s.supervise(never)
	}
	err := s.reason
	s.setState(stopping)
	if err != errInterrupted && err != errShutdown {
		s.reporter.report(Event{Kind: GaveUp, Path: s.path, Err: err})
	} else {
		err = nil
	}
	s.stopAll()
	if len(s.stuck) > 0 {
		stuck := new(StuckError)
		for _, c := range s.stuck {
			stuck.Children = append(stuck.Children, c.Stuck)
		}
		err = errors.Join(err, stuck)
	}
	return err
}

// endWith has this life end, unless it is ending already. From then on the supervisor waits
// for nothing but the end of children.
func (s *Supervisor) endWith(why error) {
	if s.reason == nil {
		s.reason = why
	}
}

// keeps reports whether a life that ends keeps the queues of its services for a next life:
// because it gives up, is restarted, or can not be started and its parent may try again.
func (s *Supervisor) keeps() bool {
	_, gaveUp := foreign.As[*GaveUpError](s.reason)
	_, noStart := foreign.As[*StartError](s.reason)
	return gaveUp || noStart && !s.top || s.isRestarted()
}

// isRestarted reports whether the context of Serve has ended for another life to follow.
func (s *Supervisor) isRestarted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarted
}

func (s *Supervisor) setState(to state) {
	s.mu.Lock()
	s.state = to
	if to == stopping {
		s.part()
	}
	s.mu.Unlock()
}

func never() bool { return false }

// supervise is the loop of a supervisor that is up. It ends with the life, or when until
// returns true.
func (s *Supervisor) supervise(until func() bool) {
	for s.reason == nil && !until() {
		var m any
		switch {
		case len(s.deferred) > 0 && s.box.Signals() == 0:
			m, s.deferred = s.deferred[0], s.deferred[1:]
			if r, ok := m.(*request); ok && r.above != nil {
				r.above.kept--
			}
		default:
			s.resting = true
			m = s.receive()
			s.resting = false
		}
		s.handle(m)
	}
}

// handle does what a message asks for.
func (s *Supervisor) handle(m any) {
	switch m := m.(type) {
	case exited:
		if s.note(m) {
			s.onEnd(m.p.c)
		}
	case ready:
		s.onReady(m)
	case timeout:
		if m.c.rings(m.n) {
			m.c.timer = nil
			s.onTimeout(m.c)
		}
	case serviceEnded:
		s.onServiceEnded(m)
	case retry:
		s.onRetry(m.c, m.left)
	case *request:
		s.serve(m)
	}
}

// wait reads messages until the function until returns true. It is called after each message,
// with the child that the message was about, or nil. The end of a child is handled as usual,
// unless that child is awaited: then the caller of wait decides what follows. Messages whose
// handling would wait itself are kept for later.
func (s *Supervisor) wait(until func(about *child) bool) {
	for about := (*child)(nil); !until(about); {
		about = nil
		switch m := s.receive().(type) {
		case exited:
			if s.note(m) {
				about = m.p.c
				s.onEnd(about)
			}
		case ready:
			about = m.c
			s.onReady(m)
		case serviceEnded:
			about = m.c
			s.onServiceEnded(m)
		case timeout:
			about = m.c
			switch {
			case !m.c.rings(m.n):
			case m.c.info.State == Stopping:
				s.handle(m)
			case m.c.awaited:
				m.c.timer, m.c.expired = nil, true
			case m.c.info.State == Starting && s.reason == nil:
				s.handle(m)
			case m.c.info.State == Waiting && s.spec.Strategy == OneForOne:
				s.handle(m) // its siblings need not wait for it, nor it for them
			default:
				s.deferred = append(s.deferred, m)
			}
		case *request:
			if e := s.byName[m.ends]; e != nil && e.Value.(*child).isRetried() {
				about = e.Value.(*child)
				s.serve(m) // or it would wait for its own end
				s.setAwaited(about, true)
				continue
			}
			m.above = s.childAbove(m.from)
			if m.above != nil && m.above.awaited {
				refuse(m, ErrWouldDeadlock)
				continue
			}
			if m.above != nil {
				m.above.kept++
			}
			s.deferred = append(s.deferred, m)
		case nil:
		default:
			s.deferred = append(s.deferred, m)
		}
	}
}

// await marks the child as awaited: its exits and time-outs are left to the code that waits.
// Requests that came from the child before, and for which it would wait, are refused.
func (s *Supervisor) await(c *child) {
	s.setAwaited(c, true)
	if c.kept == 0 { // as a rule; with many messages, the search takes long
		return
	}
	c.kept = 0
	kept := s.deferred[:0]
	for _, m := range s.deferred {
		if r, ok := m.(*request); ok && r.above == c {
			refuse(r, ErrWouldDeadlock)
		} else {
			kept = append(kept, m)
		}
	}
	s.deferred = kept
}

// note enters the end of a Serve into the child's record. It reports false if that was not
// the present Serve, but one on a goroutine that was cut off.
func (s *Supervisor) note(m exited) bool {
	c := m.p.c
	if m.gone && c.proc == m.p {
		c.proc = nil
	}
	if m.run != c.run || !c.alive() {
		if s.state != stopping {
			s.stuck = slices.DeleteFunc(s.stuck, func(cut cutChild) bool { return cut.p == m.p })
		}
		return false
	}
	if s.state == stopping {
		s.noteStuck(m)
	}
	if m.err == nil && s.neverReady(c) {
		m.err = errNotReady
	}
	if m.err != nil && c.info.State != Stopping || c.late {
		s.crashed()
	}
	s.dead(c, m.err)
	return true
}

// neverReady reports whether a child that has returned nil has failed all the same, because
// it should have said that it is up and has not. It has not failed if it is a supervisor,
// whose own error says so, nor if it is a service that was stopped for good.
func (s *Supervisor) neverReady(c *child) bool {
	return c.spec.AwaitReady && c.info.State == Starting &&
		supervisorOf(c.spec.Service) == nil && s.endingOf(c, nil) == normal
}

// noteStuck notes the children that a supervisor below has left behind.
func (s *Supervisor) noteStuck(m exited) {
	if supervisorOf(m.p.c.spec.Service) == nil {
		return
	}
	if below, ok := foreign.As[*StuckError](m.err); ok {
		for _, stuck := range below.Children {
			s.stuck = append(s.stuck, cutChild{stuck, m.p})
		}
	}
}

// dead notes that the present Serve of c has returned, or was cut off.
func (s *Supervisor) dead(c *child, err error) {
	c.ctx.End(nil)
	c.ctx = nil
	c.disarm()
	if c.info.State == Stopping && c.awaited && !c.late {
		s.stops--
	}
	if b := c.spec.Backoff; b != nil && !c.upSince.IsZero() && s.now.Sub(c.upSince) >= b.withDefaults().Healthy {
		c.tries = 0
	}
	c.upSince = time.Time{}
	s.mu.Lock()
	c.info.Err = err
	c.patience.serving = nil
	s.mu.Unlock()
}

// set moves a child to a state.
func (s *Supervisor) set(c *child, to ChildState) {
	s.mu.Lock()
	c.info.State, c.info.Since = to, s.now
	s.patient(c)
	s.mu.Unlock()
	s.countSignificant(c, to != Gone && to != Terminated)
}

// all returns the children in their order.
func (s *Supervisor) all() []*child {
	cs := make([]*child, 0, s.order.Len())
	for e := s.order.Front(); e != nil; e = e.Next() {
		cs = append(cs, e.Value.(*child))
	}
	return cs
}
