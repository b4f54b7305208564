package actor

import (
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/where"
)

// letter is what the hook is told of a job that will not run. It is made before the job is
// answered, since the job may be in use again after that.
type letter struct {
	at    where.Place
	call  bool
	cause *hook.Call
}

func letterOf(j job) letter {
	_, call := j.(call)
	return letter{j.closure(), call, causeOf(j)}
}

// deadLetter reports a closure that was accepted and will not run.
func (c *core) deadLetter(j job, reason error) {
	c.dead.Add(1)
	c.report(letterOf(j), reason, false)
}

// lapse reports a closure that was accepted, did not come to the mailbox, and will
// not run.
func (c *core) lapse(j job, reason error) {
	c.undelivered.Add(1)
	c.deadLetter(j, reason)
}

// refuse counts and reports a closure that was not accepted. The hook is told after the log, also
// if the logger ends the goroutine.
func (c *core) refuse(j job, reason error) error {
	c.refused.Add(1)
	defer c.report(letterOf(j), reason, true)
	defer c.trouble(reason)
	c.logRefusal("closure refused", j.closure(), reason)
	return reason
}

// trouble tells the scheduler that something went wrong, if there is one.
func (c *core) trouble(err error) {
	if in := c.in.Load(); in != nil {
		in.steps.Trouble(err)
	}
}

// report tells the hook of a letter, unless the hook itself has caused it.
func (c *core) report(l letter, reason error, refused bool) {
	if c.deadLetters == nil {
		return
	}
	f := l.at.Frame()
	d := DeadLetter{c.Name(), f.Function, f.File, f.Line, reason, refused, l.call}
	if !c.guard(l.cause, d) && !refused { // a refusal was logged already
		c.logRefusal("dead letter that its hook has caused", l.at, reason)
	}
}

// guard calls the hook, which must not harm the service, unless the goroutine is in it already
// (see package hook). A panic is logged. A hook that ends the goroutine does so: it is called
// when nothing more has to be done on the goroutine, or by outside.
func (c *core) guard(cause *hook.Call, d DeadLetter) (called bool) {
	defer func() {
		if v := recover(); v != nil {
			called = true
			c.log(slog.LevelError, "dead-letter hook panicked", "value", foreign.Text(v), "stack", where.Panicked())
		}
	}()
	entry := func() where.Place { return where.Entry(c.deadLetters) }
	return courtesy.Run(hook.ID(c.deadLetters), entry, cause, func() { c.deadLetters(d) })
}

// outside releases mu, which is held, while f calls code that is not the library's, such as a
// hook that hears of a change of state. It waits for f only briefly after Kill, when the
// service is cut off because its time is over, when its supervisor has given it up, and when
// the context of a Stop without an incarnation has ended. See package courtesy.
func (c *core) outside(f func()) {
	outsideEach(c, []func(){f}, func(f func()) { f() })
}

// outsideEach calls f with each of all, outside.
func outsideEach[E any](c *core, all []E, f func(E)) {
	by := courtesy.Waiter{Of: c, StillTold: func(running where.Place, age time.Duration) { c.logWait(true, running, age) }}
	if in := c.in.Load(); in != nil {
		by.Above, by.GivenUp = in.place.Behalf, in.givenUp
	}
	courtesy.Each(&c.teller, &c.mu, &owners, by, all, f)
}

// givenUp returns when its end will be waited for no longer, as far as that is known.
func (in *incarnation) givenUp() (at time.Time, known bool) {
	if in.place.Until != nil {
		at, known = in.place.Until()
	}
	in.c.mu.Lock()
	defer in.c.mu.Unlock()
	if w := in.awaited; w != nil && known {
		w.GiveUp(at)
	}
	if in.awaited != nil {
		return in.awaited.Until()
	}
	return at, known
}

// reportAll reports several, outside; mu is held.
func (c *core) reportAll(lost []letter, reason error) {
	if c.deadLetters != nil {
		outsideEach(c, lost, func(l letter) { c.report(l, reason, false) })
	}
}

// dropAll has dropped what had to make room, and goes on if a hook ends the goroutine.
func (c *core) dropAll(jobs []job) {
	if len(jobs) > 0 {
		defer c.dropAll(jobs[1:])
		c.drop(jobs[0], ErrMailboxFull)
	}
}

// drop ends a job that was accepted and will not run: the caller that waits for it is
// answered first.
func (c *core) drop(j job, reason error) {
	if l, dead := c.loses(j, reason); dead {
		c.report(l, reason, false)
	}
}

// loses answers and counts a job that will not run. It reports whether the job is a dead letter:
// it is not if it was taken back, or if its caller no longer waited.
func (c *core) loses(j job, reason error) (l letter, dead bool) {
	l = letterOf(j)
	s, ok := j.(staged)
	switch {
	case !ok:
		c.dead.Add(1)
	case !s.withdrawn(c, reason):
		c.skipped.Add(1)
		return l, false
	}
	return l, true
}

// caused is a job that knows which hook has handed it over. An interceptor may refuse the job at
// its turn, and then it is a dead letter on a goroutine that is in no hook.
type caused interface {
	blame(*hook.Call)
	blamed() *hook.Call
}

// causeOf returns which hook has handed j over, if it is known.
func causeOf(j job) *hook.Call {
	if m, ok := j.(caused); ok {
		return m.blamed()
	}
	return nil
}

// mark is a part of jobs that can be marked.
type mark struct{ by *hook.Call }

func (m *mark) blame(t *hook.Call) { m.by = t }
func (m *mark) blamed() *hook.Call { return m.by }
