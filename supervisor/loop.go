package supervisor

import (
	"errors"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Messages to the supervisor's goroutine. Each that is about a launch or a timer
// says which one, so that what comes too late is recognised.
type (
	// exited: a Serve has returned, or its goroutine has ended.
	exited struct {
		p    *process
		run  uint64
		err  error
		gone bool
	}
	// ended: a child that ended while the supervisor waited for another; it has
	// been noted, and what follows has yet to be decided, unless it was told to end
	// meanwhile.
	ended struct {
		c   *child
		run uint64
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
	// retry: start again c, and whom the strategy names with it. The supervisor
	// posts it to itself, so that what came before it, a stop above all, goes first.
	retry struct{ c *child }
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

// receive waits for the next message. It returns nil if it was told to stop, or
// to hurry, instead; that is noted.
func (s *Supervisor) receive() any {
	for {
		s.step()
		if told := s.box.Signals(); told != 0 {
			s.box.Clear(told)
			s.told = s.told || told&sigStop != 0
			s.hurry = s.hurry || told&sigHurry != 0
			s.now = time.Now()
			return nil
		}
		if m, ok := s.cons.Discard(); ok {
			s.now = time.Now()
			if l, ok := m.(left); ok {
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
	err := s.boot()
	if err == nil {
		s.setState(up)
		if ready != nil {
			ready()
		}
		if onUp != nil {
			onUp()
		}
		err = s.supervise()
	}
	// A supervisor that gives up, is restarted, or can not be started while its
	// parent may try again, leaves the queues of its services to those who come next.
	_, gaveUp := foreign.As[*GaveUpError](err)
	_, noStart := foreign.As[*StartError](err)
	keep := gaveUp || noStart && !s.top || s.isRestarted()
	s.setState(stopping)
	if err != errInterrupted && err != errShutdown {
		s.reporter.report(Event{Kind: GaveUp, Path: s.path, Err: err})
	} else {
		err = nil
	}
	s.stopAll(keep)
	if len(s.stuck) > 0 {
		stuck := new(StuckError)
		for _, c := range s.stuck {
			stuck.Children = append(stuck.Children, c.Stuck)
		}
		err = errors.Join(err, stuck)
	}
	return err
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
	s.mu.Unlock()
}

// supervise is the loop of a supervisor that is up.
func (s *Supervisor) supervise() error {
	for {
		var m any
		switch {
		case s.told:
			return errInterrupted
		case len(s.later) > 0 && s.box.Signals() == 0:
			m, s.later = s.later[0], s.later[1:]
			if r, ok := m.(*request); ok && r.above != nil {
				r.above.kept--
			}
		default:
			s.resting = true
			m = s.receive()
			s.resting = false
		}
		if err := s.handle(m); err != nil {
			return err
		}
	}
}

// handle does what a message asks for. An error ends this life.
func (s *Supervisor) handle(m any) error {
	switch m := m.(type) {
	case exited:
		if s.note(m) {
			return s.onExit(m.p.c)
		}
	case ended:
		if m.run == m.c.run && (m.c.info.State == Up || m.c.info.State == Starting) {
			return s.onExit(m.c)
		}
	case ready:
		s.onReady(m)
	case timeout:
		if m.c.rings(m.n) {
			m.c.timer = nil
			return s.onTimeout(m.c)
		}
	case over:
		return s.onOver(m)
	case retry:
		if m.c.info.State == Waiting && m.c.timer == nil {
			return s.restart(m.c)
		}
	case *request:
		return s.serve(m)
	}
	return nil
}

// wait reads messages until something is the case, which is asked after each of them, with
// the child that it was about, or nil. What the supervisor waits for is noted; what must
// be decided is kept for later.
func (s *Supervisor) wait(until func(about *child) bool) {
	for about := (*child)(nil); !until(about); {
		about = nil
		switch m := s.receive().(type) {
		case exited:
			if s.note(m) {
				about = m.p.c
				if !about.awaited {
					s.later = append(s.later, ended{about, m.run})
				}
			}
		case ready:
			about = m.c
			s.onReady(m)
		case over:
			about = m.c
			s.later = append(s.later, m)
		case timeout:
			about = m.c
			switch {
			case !m.c.rings(m.n):
			case m.c.awaited:
				m.c.timer, m.c.expired = nil, true
				if m.c.info.State == Stopping {
					s.cutOff(m.c)
				}
			default:
				s.later = append(s.later, m)
			}
		case *request:
			if e := s.byName[m.ends]; e != nil && e.Value.(*child).isRetried() {
				about = e.Value.(*child)
				_ = s.serve(m) // or it would wait for its own end
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
			s.later = append(s.later, m)
		case nil:
		default:
			s.later = append(s.later, m)
		}
	}
}

// await marks the child as waited for: its exits and time-outs are not decided
// on, and requests that it made before, and would wait for, are refused.
func (s *Supervisor) await(c *child) {
	s.setAwaited(c, true)
	if c.kept == 0 { // as a rule; with many messages, the search takes long
		return
	}
	c.kept = 0
	kept := s.later[:0]
	for _, m := range s.later {
		if r, ok := m.(*request); ok && r.above == c {
			refuse(r, ErrWouldDeadlock)
		} else {
			kept = append(kept, m)
		}
	}
	s.later = kept
}

// note enters the end of a Serve into the child's record. It reports false if
// that was not the present one: of a goroutine that was cut off.
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
	s.dead(c, m.err)
	return true
}

// neverReady reports whether a child that has returned nil has failed, since it has not
// said that it is up and was to say so. A supervisor below knows by itself what its end
// means, and who stops a service for good does not mean a failure.
func (s *Supervisor) neverReady(c *child) bool {
	return c.spec.AwaitReady && c.info.State == Starting &&
		supervisorOf(c.spec.Service) == nil && s.endingOf(c, nil) == normal
}

// noteStuck notes what a supervisor below has left behind.
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

// dead enters that the present Serve of c is over or out of reach.
func (s *Supervisor) dead(c *child, err error) {
	c.ctx.End(nil)
	c.ctx = nil
	c.disarm()
	if c.info.State == Stopping {
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
