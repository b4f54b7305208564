package supervisor

import (
	"errors"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
)

// lastMoment is how long a supervisor that was told to hurry waits for the user's code, all of it
// together: for a type that embeds it and is in its own code, and for what children are asked.
const lastMoment = 100 * time.Millisecond

// errTold is the cause with which a child's context ends when it is to end.
var errTold = errors.New("supervisor: stop")

// stop tells children to end, all at once, and waits until they have ended or are cut off. If the
// supervisor, up or starting, is itself told to end meanwhile, stop returns and they are still
// alive: they end with all the others. The cause says whether their queues are kept.
func (s *Supervisor) stop(cause error, cs ...*child) {
	s.hasten(cause)
	for _, c := range cs {
		if !c.alive() {
			continue
		}
		s.await(c)
		c.late = false
		s.stops++
		if c.info.State == Stopping { // it was told before
			continue
		}
		s.tell(c, cause)
	}
	leaves := func() bool { return s.reason != nil && s.state != stopping }
	s.wait(func(*child) bool { return s.stops == 0 || s.cutOffNow || leaves() })
	if s.stops > 0 && !leaves() {
		s.hasten(cause)
		for _, c := range cs {
			if c.alive() {
				s.cutOff(c)
			}
		}
		s.wait(func(*child) bool { return s.stops == 0 })
	}
	for _, c := range cs {
		s.setAwaited(c, false)
	}
	s.stops = 0
}

// tell tells a child to end, and does not wait for that.
func (s *Supervisor) tell(c *child, cause error) {
	c.cause = cause
	c.disarm()
	s.set(c, Stopping)
	c.ctx.End(cause)
	switch limit := c.limit(); {
	case limit == AtOnce:
		s.cutOff(c)
	case limit != Forever:
		s.arm(c, limit)
	}
}

// cutChild is a child that was cut off in this life of the supervisor. p is its goroutine, or
// that of the supervisor below which it is. A cutChild is forgotten if the child ends before the
// supervisor is stopped.
type cutChild struct {
	Stuck
	p *process
}

// cutOff parts the supervisor from a child that did not end in its time.
func (s *Supervisor) cutOff(c *child) {
	if sub := supervisorOf(c.spec.Service); sub != nil {
		// The goroutine of sub is never in user code: it cuts off what is stuck below it, and
		// ends. A type that embeds sub may be in its own Serve before and afterwards.
		served := sub.hurryUp()
		if c.spec.Service == Service(sub) {
			return
		}
		if served {
			last := DefaultShutdown
			if s.cutOffNow {
				last = lastMoment
			}
			s.arm(c, last) // to look again
			return
		}
	}
	c.ctx.Revoke()
	stuck := Stuck{Path: c.info.Path}
	listed := c.limit() != AtOnce
	if o, ok := c.spec.Service.(tree.CutOffer); ok {
		goOn, said := c.cause == actor.Restart, false
		stuck.Running, said = earlier(s, c, "CutOff", &c.methods.cutOff, func() string { return o.CutOff(goOn) })
		listed = listed && (stuck.Running != "" || !said)
	}
	if listed {
		stuck.Stack = c.proc.stack(stuck.Running)
		s.stuck = append(s.stuck, cutChild{stuck, c.proc})
		s.reporter.report(Event{Kind: CutOff, Path: c.info.Path, Stuck: stuck})
	}
	c.release()
	s.dead(c, errors.New("supervisor: cut off: did not end in its time"))
}

// hasten cuts off all children that have not ended, when nothing is waited for any more: all at
// once, so that one that does not answer holds up no other. cutOff takes each answer in its turn.
func (s *Supervisor) hasten(cause error) {
	if !s.cutOffNow || s.state != stopping || s.hastened {
		return
	}
	s.hastened = true
	all := slices.DeleteFunc(s.all(), func(c *child) bool {
		_, ok := c.spec.Service.(tree.CutOffer)
		return !ok || !c.alive() || supervisorOf(c.spec.Service) != nil || slices.Contains(c.methods.faulty, "CutOff")
	})
	slices.Reverse(all)
	for _, c := range all {
		if c.info.State != Stopping {
			c.cause = cause
			c.ctx.End(cause)
		}
		c.ctx.Revoke()
	}
	// Another question may have used up the last moment, and services take as long for hooks.
	over := make(chan struct{})
	defer alarm.Func(2*lastMoment, func() { close(over) }).Stop()
	foreign.InTurn(over, len(all), func(i int) foreign.Asked {
		c, goOn := all[i], all[i].cause == actor.Restart
		c.methods.cutOff = question(s, c, "CutOff", func() string { return c.spec.Service.(tree.CutOffer).CutOff(goOn) })
		return c.methods.cutOff
	})
}

// hurryUp has a supervisor cut off what is below it, and end. It reports whether it is
// served.
func (s *Supervisor) hurryUp() (served bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told(sigStop | sigCutOff)
	return s.state != idle
}

// stopAll stops all children in the reverse of their order; with a Template or with Together, all
// at once. It does not wait for children that wait to be started again. A child that ends before
// its turn has ended by itself.
func (s *Supervisor) stopAll() {
	for _, m := range s.deferred {
		refuse(m, ErrStopping)
	}
	s.deferred = nil
	if s.spec.Shutdown > 0 {
		life, steps, path := s.life, s.steps, s.path
		s.within(s.now.Add(s.spec.Shutdown), true)
		defer alarm.Func(s.spec.Shutdown, func() {
			stepTimer(steps, path)
			s.signal(life, sigCutOff)
		}).Stop()
	}
	cause, keep := errTold, s.keeps()
	if keep {
		cause = actor.Restart
	}
	all := s.all()
	var waited []*child
	for _, c := range all {
		if c.info.State == Waiting { // also if its queue is kept: this life is over
			c.disarm()
			s.set(c, Terminated)
			s.answer(c, ErrStopping)
			waited = append(waited, c)
		}
	}
	if !keep {
		s.abandon(waited...)
	}
	if s.spec.Template != nil || s.spec.Together {
		s.stop(cause, all...)
	}
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i]
		s.stop(cause, c)
		if c.info.State == Stopping {
			s.isDown(c)
		}
		c.disarm()
		c.release()
		s.answer(c, ErrStopping)
	}
	for _, m := range s.deferred {
		refuse(m, ErrStopping)
	}
	s.deferred = nil
}

// isDown notes that a child has ended which was told to end with all the others.
func (s *Supervisor) isDown(c *child) {
	s.set(c, Terminated)
	s.reporter.report(Event{Kind: Stopped, Path: c.info.Path})
	s.answer(c, ErrStopping)
}

// stopped reports whether Stop was called.
func (s *Supervisor) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.final
}
