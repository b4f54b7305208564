package actor

import (
	"context"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// around is what is done around the closures of a service besides running them.
// core.around is nil for a service that asked for none of it: that costs a closure
// one load and one branch. An around is immutable; it is replaced as a whole, by
// changeAround.
type around struct {
	observer observer       // what looks at closures; nil: nothing
	steps    seam.Scheduler // of the latest incarnation; nil: none
	// Called instead of the closure, with what runs it; the first is the outermost. See
	// interceptor.go.
	intercept []FilteredInterceptor // without a Want: of all closures
	// Called at the end of a burst: when a closure has returned and none waits or the
	// incarnation is told to end, and after most closures in a row.
	burst []func(in *incarnation)
	// How long a burst may be; 0: maxBurst.
	most int
	// Renewed after each closure that has returned, before its caller is answered, or at
	// the end of each burst.
	views []viewer
	// There may be a WhenIdle, which is told when a burst ends.
	idle bool
}

// observer looks at the closures of a service. It is immutable, and replaced as a whole.
type observer interface {
	// stamp is called by the sender of a job that is about to be queued. It may return
	// another job to be queued instead.
	stamp(ctx context.Context, j job, from where.Origin) job
	// The owner calls begin before a closure; end when it has returned, before its caller is
	// answered; crashed when it has crashed; and left after it. For a call that did not run,
	// neither end nor crashed comes between begin and left.
	begin(in *incarnation, j job)
	end(in *incarnation)
	crashed(in *incarnation, at time.Time)
	left(in *incarnation)
}

// maxBurst is the number of closures after which a burst counts as ended.
const maxBurst = 1024

// changeAround replaces what is done around closures by a copy that change has changed. It
// holds from the next closure on.
func (c *core) changeAround(change func(*around)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changeAroundLocked(change)
}

// changeAroundLocked is changeAround while mu is held.
func (c *core) changeAroundLocked(change func(*around)) {
	var a around
	if old := c.around.Load(); old != nil {
		a = *old
		a.intercept, a.burst, a.views = slices.Clone(a.intercept), slices.Clone(a.burst), slices.Clone(a.views)
	}
	change(&a)
	if a.observer == nil && len(a.intercept)+len(a.burst)+len(a.views) == 0 && !a.idle {
		c.around.Store(nil)
		return
	}
	c.around.Store(&a)
}

// run runs a closure, and what is to be done around it, while the owner of the
// mailbox is busy with it.
func (a *around) run(in *incarnation, j job) {
	if a.observer != nil {
		a.observer.begin(in, j)
	}
	if len(a.intercept) == 0 {
		j.run(in)
	} else {
		a.runSeen(in, j)
	}
	if _, ok := j.(call); !ok { // a call does it itself, before it answers
		a.returned(in)
	} else if a.observer != nil {
		a.observer.left(in)
	}
	if len(a.burst)+len(a.views) == 0 && !a.idle || in.lost.Load() { // another incarnation may be at work
		return
	}
	last := in.c.box.Len() == 0 || in.c.box.Signals()&sigEnd != 0
	if in.burst++; last || int(in.burst) >= a.longest() {
		in.burst = 0
		a.endBurst(in)
	}
	in.batchOpen = in.burst > 0 && len(a.burst) > 0
	if a.idle && last {
		in.rested()
	}
}

func (a *around) endBurst(in *incarnation) {
	in.breaksOff()
	for _, f := range a.burst {
		f(in)
	}
	for _, v := range a.views {
		if v.atBurst() {
			v.renew(in)
		}
	}
}

func (a *around) longest() int {
	if a.most > 0 {
		return a.most
	}
	return maxBurst
}

// returned is called when a closure has returned. It does nothing for an incarnation that was
// cut off meanwhile.
func (a *around) returned(in *incarnation) {
	if in.lost.Load() {
		return
	}
	if a.observer != nil {
		a.observer.end(in)
	}
	for _, v := range a.views {
		if !v.atBurst() {
			in.breaksOff()
			v.renew(in)
		}
	}
}

// returned is called when the closure of a call has returned, before the answer.
func (in *incarnation) returned() {
	if a := in.c.around.Load(); a != nil {
		a.returned(in)
	}
}

// interceptAll has the interceptors of the tree, and the service's own inside of
// them, called from now on; mu is held, or the service is not known yet.
func (c *core) interceptAll(tree []FilteredInterceptor) {
	a := c.around.Load()
	if len(tree)+len(c.intercept) == 0 && (a == nil || len(a.intercept) == 0) {
		return
	}
	c.changeAroundLocked(func(a *around) { a.intercept = slices.Concat(tree, c.intercept) })
}

// runSeen runs a job inside of the interceptors that want to see it. If one refuses the job, it
// is answered, or becomes a dead letter.
func (a *around) runSeen(in *incarnation, j job) {
	s, ok := j.(staged)
	if ok && !s.claim(in, j) {
		return
	}
	sender := senderOf(j)
	switch list := wanting(a.intercept, in, sender); {
	case !ok && len(list) == 0:
		j.run(in)
	case !ok:
		if why := intercepted(list, in, j, sender, func() error { j.run(in); return nil }); why != nil {
			in.c.deadLetter(j, why)
		}
	case len(list) == 0:
		_ = s.call(in)
		s.answer(in)
	default:
		if why := intercepted(list, in, j, sender, func() error { return s.call(in) }); why != nil {
			s.refuse(in, j, why)
			return
		}
		s.answer(in)
	}
}

// viewer is a View without its type.
type viewer interface {
	renew(in *incarnation)
	atBurst() bool
}

// breaksOff is called by the owner when it is about to do something else than run closures.
func (in *incarnation) breaksOff() { in.rec.Rest() }

// What the scheduler of a simulation has to be told of closures: see package seam. An
// incarnation that is not scheduled has no Steps, and its mailbox has sigSteps clear.

// The seam asks package actor which service the running goroutine is of.
var _ = seam.Tell(func() (seam.Scheduler, string) {
	in := owners.Current()
	if in == nil || in.steps == nil || in.lost.Load() {
		return nil, ""
	}
	return in.steps.By, in.c.Name()
})

// Path, Life and Lost implement seam.Stepper.
func (in *incarnation) Path() string { return in.c.Name() }
func (in *incarnation) Life() uint64 { return in.number }
func (in *incarnation) Lost() bool   { return in.lost.Load() }

// scheduled has the incarnation take its steps as the scheduler says, if there is one, and
// be looked into by the probe. core.mu is held.
func (in *incarnation) scheduled(s seam.Scheduler, probe seam.Probe) {
	if probe != nil {
		probe(in.c.Name(), in)
	}
	if s != nil {
		in.steps = seam.StepsOf(s, in)
		in.c.box.Signal(sigSteps)
		in.c.changeAroundLocked(func(a *around) {
			a.steps = s
			a.intercept = append(a.intercept, FilteredInterceptor{Run: in.insideSeam, hidden: true})
		})
		s.Enter(in.c.Name(), in)
	} else if in.c.box.Signals()&sigSteps != 0 { // an earlier one was
		in.c.box.Clear(sigSteps)
		in.c.changeAroundLocked(func(a *around) { a.steps = nil })
	}
}

// insideSeam is the innermost interceptor of a service that is scheduled.
func (in *incarnation) insideSeam(c Closure, run func() error) error {
	return in.steps.By.Around(in.c.Name(), c, run)
}

// sends is called before something is handed over, if anything is around closures. For a
// goroutine that is of no service, handing over is a step of the simulation.
func (a *around) sends(ctx context.Context) {
	if a.steps == nil {
		return
	}
	if path := stranger(ctx); path != "" {
		_ = a.steps.Step(path, seam.Send)
	}
}

// refuses is called for a sender that does not wait for room. It reports whether the service is
// to refuse as if there were no room.
func (a *around) refuses(c *core) bool {
	return a.steps != nil && c.capacity > 0 && a.steps.Refuses(c.Name())
}

// stranger returns a name for the running goroutine if it is of no service, and otherwise "".
// The name has the path of the child whose context ctx is, or else where it was created.
func stranger(ctx context.Context) string {
	if owners.Current() != nil {
		return ""
	}
	if place, ok := tree.PlaceOf(ctx); ok && place.Path != "" {
		return "go " + place.Path
	}
	return "go " + goid.Creation()
}
