package actor

import (
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/where"
)

// A service that does not run waits for its supervisor to start it, and so for what the
// supervisor waits for first: while a tree starts, that is the constructor of the child
// before. So a constructor that calls a service which is started after it would wait for ever.

// mayWait reports whether the service waits for anything, as far as can be told at once.
func (c *core) mayWait() bool {
	if in := c.in.Load(); in != nil {
		return in.waits.seq.Load()&1 == 1 || in.waits.more.Load() != 0
	}
	return c.starter() != nil
}

// heldUp returns what has to be up, or to end, before the service is started: nothing if
// it runs, or accepts nothing.
func (c *core) heldUp() (before []*core) {
	by := c.starter()
	if by == nil || c.in.Load() != nil || c.box.Closed() {
		return nil
	}
	for _, svc := range by.Before() {
		if x, ok := svc.(interface{ itself() *core }); ok {
			before = append(before, x.itself())
		}
	}
	return before
}

// itself is promoted to types that embed a service.
func (c *core) itself() *core { return c }

// Waiting for the user's code is not silent: see rate.Wait. A service is waited for by Stop, by
// Serve when its context has ended, and by the supervisor that calls Serve. There is one report,
// of the service, however many wait.

// endAwaited notes that the end of the incarnation is waited for, at most until that time if it
// is known. mu is held.
func (in *incarnation) endAwaited(until time.Time, known bool) {
	if in.awaited == nil && !known && in.idles() {
		in.expected = (*incarnation).watchEnd
		return
	}
	in.watchEnd()
	if known {
		in.awaited.GiveUp(until)
	}
}

func (in *incarnation) watchEnd() {
	if in.awaited == nil {
		in.awaited = &longWait{Wait: rate.Since(time.Now())}
		in.awaited.timer = alarm.Func(rate.Patience, in.stillAwaited)
	}
}

// idles reports whether a draining incarnation runs no user code, and will not unless the owner
// enters it, which then says so (see enters). Most services that are stopped are like that. The
// wait for their end needs no timer, which would be a quarter of what such a Stop allocates. mu
// is held.
func (in *incarnation) idles() bool {
	c := in.c
	if in.phase != serving || c.around.Load() != nil || c.box.Signals()&sigAsked != 0 || in.background() != nil {
		return false
	}
	n := c.box.Counts()
	return !n.Busy && n.Waiting == 0
}

// stillAwaited is called by the timer.
func (in *incarnation) stillAwaited() {
	c := in.c
	in.givenUp()
	c.mu.Lock()
	a := in.awaited
	if in.lost.Load() {
		c.mu.Unlock()
		return
	}
	age, due := a.Report(time.Now())
	if next, ok := a.Next(); ok {
		a.timer.Reset(time.Until(next))
	}
	up, still := in.runs()
	c.mu.Unlock()
	if due {
		c.logWait(up, still, age)
	}
}

// Overdue implements tree.Listener: it is called by a supervisor that has waited so long
// for the service to be up, or to end.
func (in *incarnation) Overdue(age time.Duration) (serves bool) {
	c := in.c
	c.mu.Lock()
	if in.lost.Load() {
		c.mu.Unlock()
		return false
	}
	known := in.awaited != nil || in.expected != nil // and reported for who waits besides
	up, still := in.runs()
	c.mu.Unlock()
	if !known {
		c.logWait(up, still, age)
	}
	return true
}

// runs returns the user's code that the incarnation is in, and whether it is up; mu is held.
func (in *incarnation) runs() (up bool, still where.Place) {
	c := in.c
	switch in.phase {
	case building:
		return false, where.Entry(c.build)
	case between:
		return true, where.Place{PC: in.userFunc.Load()}
	case closing:
		return true, where.Close(in.state)
	case serving:
		if j, busy := c.box.Peek(); busy {
			return true, in.at(j)
		}
		if b := in.background(); b != nil {
			return true, b.going()
		}
	}
	return true, where.Place{}
}
