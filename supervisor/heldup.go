package supervisor

import (
	"log/slog"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
)

// While a supervisor waits for a child to be up, or to end, it starts no other child; and if it
// gives up, it does not begin its next life. So a child that does not run waits for the awaited
// one, whatever calls it meanwhile. A service learns this from the supervisors above it, and
// refuses a call that would close a circle.

// seat is the place of a child in its supervisor, a tree.Starter: it says what the child waits for.
type seat struct {
	s    *Supervisor
	name string
}

// take tells the child's service which supervisor starts it.
func (s *Supervisor) take(c *Child) {
	if svc, ok := c.Service.(tree.Startable); ok && !isNil(c.Service) {
		_, _ = foreign.Try(func() struct{} { svc.StartedBy(&seat{s, c.Name}); return struct{}{} })
	}
}

// StartedBy implements tree.Startable. It is for supervisors.
func (s *Supervisor) StartedBy(by tree.Starter) {
	s.made()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starter = by
}

// Name implements tree.Starter.
func (at *seat) Name() string { return at.s.Name() }

// Logger implements tree.Starter. It looks in the specs, so that what is logged before the tree
// runs goes to the same logger.
func (at *seat) Logger() *slog.Logger {
	if own := at.s.spec.Logger; own != nil {
		return own
	}
	at.s.mu.Lock()
	above := at.s.starter
	at.s.mu.Unlock()
	if above == nil {
		return nil
	}
	return above.Logger()
}

// Before implements tree.Starter.
func (at *seat) Before() []any {
	s := at.s
	s.mu.Lock()
	if s.state == idle {
		above := s.starter
		s.mu.Unlock()
		if above == nil {
			return nil
		}
		return above.Before()
	}
	held := false
	if e := s.byName[at.name]; e != nil {
		c := e.Value.(*child)
		switch c.info.State {
		case NotStarted, Waiting:
			held = !c.awaited
		case Terminated, Gone: // the next life, if any, begins when this one is over
			held = s.state == stopping
		}
	}
	s.mu.Unlock()
	if !held {
		return nil
	}
	return s.waitsFor()
}

// waitsFor returns the services that the supervisor waits for. In place of a child that is a
// supervisor itself, there are the services that the child waits for.
func (s *Supervisor) waitsFor() (all []any) {
	s.mu.Lock()
	var below []*Supervisor
	for c := range s.awaits {
		if sub := supervisorOf(c.spec.Service); sub != nil {
			below = append(below, sub)
		} else {
			all = append(all, c.spec.Service)
		}
	}
	s.mu.Unlock()
	for _, sub := range below {
		all = append(all, sub.waitsFor()...)
	}
	return all
}

// setAwaited notes whether the supervisor waits for the child to be up, or to end.
func (s *Supervisor) setAwaited(c *child, awaited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.awaited = awaited
	if awaited {
		s.awaits[c] = struct{}{}
	} else {
		delete(s.awaits, c)
	}
}
