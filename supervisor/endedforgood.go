package supervisor

import (
	"context"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/tree"
)

// A child that waits to be started, for the first time or again, may end for good meanwhile: its
// service is stopped or killed by code that has the handle. The child's own goroutine, which has
// nothing else to do, looks out for that. Otherwise the supervisor would learn it only from the
// next start, which may be far away, and for which others may wait.

// serviceEnded: the service of a child has ended for good while the child waited to be started
// after that launch.
type serviceEnded struct {
	c   *child
	run uint64
}

// A child that is up, or starting, may be killed while its closure or its constructor does not
// return. Then Serve does not return, either, and the service itself says so (tree.Place.Left).

// serviceLeft: a service was ended for good while the Serve with that context is in code that
// does not return.
type serviceLeft struct {
	c     *child
	serve context.Context
	why   error
}

// exited returns what the supervisor would be told if Serve had returned, or nil if Serve did
// return, or a cut-off came first. The goroutine does not belong to the child any more.
func (m serviceLeft) exited() any {
	c := m.c
	if c.ctx == nil || m.serve != context.Context(c.ctx) {
		return nil
	}
	p := c.proc
	c.release()
	return exited{p, c.run, m.why, false}
}

// lookOut has the child's goroutine look out for the end for good of its service.
func (s *Supervisor) lookOut(c *child) {
	if done := s.doneOf(c); done != nil {
		s.goroutineOf(c).orders <- order{run: c.run, done: done}
	}
}

// lookOut is how a child's goroutine waits for its next order: it looks out for the end for good
// of the service, as the order o says. It reports false if the goroutine is to end.
func (p *process) lookOut(o order) (next order, ok bool) {
	for done := o.done; ; {
		select {
		case next, ok = <-p.orders:
			if !ok || next.ctx != nil {
				return next, ok
			}
			o, done = next, next.done
		case <-done:
			done = nil
			resume(&p.behalf)
			p.s.post(serviceEnded{p.c, o.run})
		}
	}
}

// lasting is a service that says when it has ended for good, and is told when it will not run again.
type lasting = interface {
	tree.Abandoner
	Done() <-chan struct{}
}

// doneOf returns a channel that is closed when the child's service has ended for good, and for a
// supervisor also when its tree is down. It is nil if the service has no such channel.
func (s *Supervisor) doneOf(c *child) (done <-chan struct{}) {
	if sub := supervisorOf(c.spec.Service); sub != nil {
		return sub.Done()
	}
	if svc, ok := c.spec.Service.(lasting); ok {
		if c.ours {
			return svc.Done()
		}
		done, _ = earlier(s, c, "Done", &c.methods.done, svc.Done)
	}
	return done
}

// endedForGood reports whether the service of a child was stopped for good.
func (s *Supervisor) endedForGood(c *child) bool {
	if sub := supervisorOf(c.spec.Service); sub != nil {
		return sub.stopped()
	}
	select {
	case <-s.doneOf(c):
		return true
	default: // also if that is nil
		return false
	}
}

// onServiceEnded decides what follows when the service of a child that waits has ended for good:
// the children that waited for it are started without it.
func (s *Supervisor) onServiceEnded(m serviceEnded) {
	c := m.c
	if m.run != c.run || c.info.State != Waiting && c.info.State != NotStarted || !s.endedForGood(c) {
		return
	}
	c.disarm()
	s.reporter.report(Event{Kind: Exited, Path: c.info.Path})
	if c.asked != nil {
		group := s.group(c)
		s.notStarted(c, actor.ErrStopped)
		s.passOn(group)
		return
	}
	s.letGo(c, decide(s.restartOf(c), deliberate, ByTable))
}
