package actor

import (
	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// letter is what the hook is told of a job that will not run. It is made before the job is
// answered: from then on that may be in use again.
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

// refuse counts and reports a closure that was not accepted.
func (c *core) refuse(j job, reason error) error {
	c.refused.Add(1)
	c.logRefusal("closure refused", j.closure(), reason)
	c.trouble(reason)
	c.report(letterOf(j), reason, true)
	return reason
}

// trouble tells the scheduler that something went wrong, if there is one.
func (c *core) trouble(err error) {
	if in := c.in.Load(); in != nil {
		in.steps.Trouble(err)
	}
}

// report tells the hook, unless that has caused what it would be told of.
func (c *core) report(l letter, reason error, refused bool) {
	if c.deadLetters == nil {
		return
	}
	f := l.at.Frame()
	if !c.guard("dead-letter hook", hook.ID(c.deadLetters), l.cause, func() {
		c.deadLetters(DeadLetter{c.Name(), f.Function, f.File, f.Line, reason, refused, l.call})
	}) && !refused { // a refusal was logged already
		c.logRefusal("dead letter that its hook has caused", l.at, reason)
	}
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
	courtesy.Each(&c.teller, &c.mu, &owners, c.telling(), all, f)
}

// telling is on whose behalf c's end is told, by another goroutine than the running one: c's, that
// of what waits for c's end, and the running goroutine's. mu is held.
func (c *core) telling() *tree.Behalf {
	as := tree.Behalves.Current()
	if in := c.in.Load(); in != nil {
		as = tree.Beside(as, in.place.Behalf)
	}
	return &tree.Behalf{Of: c, Also: [2]*tree.Behalf{as}}
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

// loses answers and counts such a job. It reports whether it is a dead letter: not if it
// was taken back, or if no caller waited any more.
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

// caused is a job that knows which hook has handed it over. An interceptor may refuse it
// when its turn comes, and then it is a dead letter on a goroutine that is in no hook.
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
