package supervisor

import (
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// Long waits for a child to be up, or to end, are logged: see rate.Wait. A service reports
// what it runs, with its own logger. A supervisor below reports what it waits for itself. For
// any other child, this supervisor logs that it waits for the child's Serve. One timer looks at
// all children: most are up, or have ended, before a report is due.

// patience is how a child is waited for. Guarded by the supervisor's mu.
type patience struct {
	rate.Wait
	serving *tree.Serving // of the launch that is waited for; nil: none is
}

// overdue is a child to be reported.
type overdue struct {
	c       *child
	serving *tree.Serving
	state   ChildState
	age     time.Duration
}

// patient notes that c is waited for from now on, or not, according to its state; mu is held.
func (s *Supervisor) patient(c *child) {
	if c.info.State != Starting && c.info.State != Stopping {
		c.patience.serving = nil
		return
	}
	c.patience = patience{rate.Since(c.info.Since), c.ctx}
	if !s.looks {
		s.lookIn(rate.Patience)
	}
}

// lookIn sets the timer; mu is held.
func (s *Supervisor) lookIn(d time.Duration) {
	if s.looks = true; s.look == nil {
		s.look = alarm.Func(d, s.lookAround)
		return
	}
	s.look.Reset(d)
}

// lookNoMore is the end of a life; mu is held.
func (s *Supervisor) lookNoMore() {
	if s.look != nil {
		s.look.Stop()
	}
	s.looks, s.until, s.startBy = false, time.Time{}, time.Time{}
}

// lookAround is called by the timer.
func (s *Supervisor) lookAround() {
	until, known := s.hurriesAt()
	var late []overdue
	s.mu.Lock()
	now, next := time.Now(), rate.Patience
	s.looks = false
	for e := s.order.Front(); e != nil && s.state != idle; e = e.Next() {
		c := e.Value.(*child)
		p := &c.patience
		if p.serving == nil {
			continue
		}
		if known {
			p.GiveUp(until)
		}
		if age, due := p.Report(now); due {
			late = append(late, overdue{c, p.serving, c.info.State, age})
		}
		if at, ok := p.Next(); ok {
			s.looks, next = true, min(next, at.Sub(now))
		}
	}
	if s.looks {
		s.lookIn(next)
	}
	reporter := s.reporter
	s.mu.Unlock()
	for _, o := range late {
		o.report(reporter)
	}
}

// report writes the report, unless the child that is waited for writes one.
func (o *overdue) report(r *reporter) {
	if o.serving.Overdue(o.age) {
		return
	}
	// A supervisor that has just ceased to serve returns. A type that embeds one may be in its
	// own Serve, so only then the report is needed.
	svc := o.c.spec.Service
	if sub := supervisorOf(svc); sub != nil && (svc == Service(sub) || sub.serves()) {
		return
	}
	what := "supervisor: has not ended yet"
	if o.state == Starting {
		what = "supervisor: is not up yet"
	}
	r.write(slog.LevelWarn, what,
		"path", o.c.info.Path, "running", where.Entry(o.c.entry()).String(), "for", o.age)
}

// serves reports whether the supervisor runs.
func (s *Supervisor) serves() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != idle
}

// within notes that the supervisor will give up what it waits for at that time, if not before.
func (s *Supervisor) within(at time.Time, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known && (s.until.IsZero() || at.Before(s.until)) {
		s.until = at
	}
}

// startWithin is within for the start that is about to begin.
func (s *Supervisor) startWithin(at time.Time, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known && s.state == idle {
		s.startBy = at
	}
}

// hurriesAt returns when the supervisor will give up what it waits for, as far as this
// supervisor and those above it know.
func (s *Supervisor) hurriesAt() (at time.Time, known bool) {
	for s != nil {
		s.mu.Lock()
		at, known = sooner(at, known, s.until, !s.until.IsZero())
		at, known = sooner(at, known, s.startBy, !s.startBy.IsZero() && s.state == starting)
		p := s.proc
		s.mu.Unlock()
		s = nil
		if p != nil {
			s = p.s
			until, is := p.patience()
			at, known = sooner(at, known, until, is)
		}
	}
	return at, known
}

// patience returns when the child alone will be given up, if it is waited for.
func (p *process) patience() (until time.Time, known bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	until, known = p.c.patience.Until()
	return until, known && p.c.patience.serving != nil
}

// givenUp returns when the child will be given up, as far as all supervisors above it know.
func (p *process) givenUp() (at time.Time, known bool) {
	at, known = p.s.hurriesAt()
	until, is := p.patience()
	return sooner(at, known, until, is)
}

func sooner(a time.Time, isA bool, b time.Time, isB bool) (time.Time, bool) {
	if !isA || isB && b.Before(a) {
		return b, isB
	}
	return a, isA
}
