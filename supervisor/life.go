package supervisor

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/instrument"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/tree"
)

// A life of a supervisor is one call of Serve: it begins with the children of the
// spec, new, and at its end every waiting caller is answered.

// run is Serve if onUp is nil, and otherwise Start: then onUp is called when the tree is up,
// and when the context ends nothing is waited for. from is what was asked of the context.
// reason is why this life has ended, also if it ended normally.
func (s *Supervisor) run(from outset, onUp func()) (err, reason error) {
	defer from.forget()
	if err := s.begin(&from); err != nil {
		var bad *SpecError
		if errors.As(err, &bad) && from.top() {
			s.abandonChildren(from.told.Done(), false, false) // they will not be run
			s.conclude()
		}
		return err, err
	}
	life, told := s.life, uint32(sigStop)
	if life == 2 && from.placed && from.place.Direct {
		go s.reporter.write(slog.LevelWarn, "supervisor: queues below it are not kept through restarts: the supervisor above knows of "+
			"the child that serves it, and not of it; a child that is the supervisor, or a struct that embeds it, keeps them", "path", s.path)
	}
	if onUp != nil {
		told |= sigCutOff
	}
	unhook := context.AfterFunc(from.told, func() {
		s.contextEnded(life, told, foreign.Caused(from.told, actor.Restart))
	})
	defer unhook()
	if from.ended {
		s.contextEnded(life, told, from.restart)
	}
	s.turn.Lock() // late messages of an earlier life may try for it
	err = s.live(from.place.Ready, onUp)
	reason = s.reason
	s.finish(err)
	s.turn.Unlock()
	return err, reason
}

// outset is what comes with the context of Serve. That may be a context of the user's, whose
// methods panic or do not return. So it is asked on the goroutine of the caller, before
// anything is locked or begun, and only once, since it may begin to do so later.
type outset struct {
	base     context.Context // of the children's contexts: ctx, not asked again for values of the library
	place    tree.Place
	placed   bool
	reporter *reporter // of the parent; or nil
	registry *registry // of the tree; or nil
	dumps    *goid.Dumps
	steps    seam.Scheduler
	ended    bool            // the context has ended already
	restart  bool            // and another life is to follow
	told     context.Context // ends with the context, for the same cause, and can be asked anywhere
	forget   func()          // ends told before
}

func outsetOf(ctx context.Context) (from outset) {
	from.place, from.placed = tree.PlaceOf(ctx)
	from.reporter, _ = ctx.Value(reporterKey{}).(*reporter)
	from.registry, _ = ctx.Value(registryKey{}).(*registry)
	from.dumps, from.base = goid.DumpsOf(ctx), seam.Near(instrument.Near(context.WithoutCancel(ctx)))
	if from.steps = seam.Of(from.base); from.steps == nil {
		if here, _ := seam.Here(); here != nil { // a service of a simulation starts a tree with another context
			from.steps, from.base = here, seam.With(from.base, here)
		}
	}
	if from.ended = ctx.Err() != nil; from.ended {
		from.restart = foreign.Caused(ctx, actor.Restart)
	}
	from.told, from.forget = context.WithCancel(foreign.Sound(ctx))
	return from
}

// top reports whether Serve is called by something else than a supervisor.
func (from *outset) top() bool { return !from.placed || from.place.Direct }

// contextEnded tells a life, with signals, that its context has ended, and whether another
// life is to follow.
func (s *Supervisor) contextEnded(life uint64, told uint32, restart bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == life {
		s.restarted = s.restarted || restart
		s.told(told)
	}
}

// signal signals a life, unless the next one has begun. The call may come late: stopping a
// timer, or a watch on a context, does not wait for its function.
func (s *Supervisor) signal(life uint64, bits uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == life {
		s.told(bits)
	}
}

// told tells the supervisor to end, or to cut off what does not end; mu is held.
func (s *Supervisor) told(bits uint32) {
	s.box.Signal(bits)
	if bits&sigCutOff != 0 && s.hurried == nil && s.state != idle {
		over := s.over
		s.hurried = alarm.Func(lastMoment, func() { close(over) })
	}
}

func (s *Supervisor) begin(from *outset) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.final {
		return failed(s.path, "Serve", ErrStopped)
	}
	if s.state != idle {
		return failed(s.path, "Serve", ErrServed)
	}
	if err := s.validate(); err != nil {
		return err
	}
	cons, ok := s.box.Acquire()
	if !ok {
		return failed(s.path, "Serve", ErrServed)
	}
	place := &from.place
	s.top = from.top()
	if place.Path != "" {
		s.path = place.Path
	}
	s.registry = s.registryFor(from.registry)
	if err := s.enterAll(); err != nil {
		cons.Release()
		return err
	}
	s.cons = cons
	s.box.Open()
	s.box.Clear(sigStop | sigCutOff)
	s.interceptors = s.spec.inside(place.Interceptors)
	s.above = place.Directory
	s.proc = processOf(tree.Beside(tree.Behalves.Current(), place.Behalf))
	s.state, s.err, s.restarted = starting, nil, false
	s.life++
	s.over = make(chan struct{})
	if s.ended {
		s.done, s.ended = make(chan struct{}), false
	}
	s.reporter = s.reporterFor(from.reporter)
	s.base = context.WithValue(from.base, reporterKey{}, s.reporter)
	s.base = context.WithValue(s.base, registryKey{}, s.registry)
	if from.dumps == nil {
		s.base = goid.WithDumps(s.base, new(goid.Dumps))
	}
	if s.steps = from.steps; s.steps != nil && s.top {
		s.path = s.steps.Root(s.path, s, s.Stop)
	}
	s.budget = newBudget(&s.spec)
	s.populate()
	return nil
}

// reporterFor returns the reporter of the parent, or one of its own.
func (s *Supervisor) reporterFor(parent *reporter) *reporter {
	if parent != nil && s.spec.OnEvent == nil && s.spec.Logger == nil {
		return parent
	}
	r := &reporter{hook: s.spec.OnEvent, logger: s.spec.Logger}
	r.behalf.Of = r
	if parent == nil {
		r.tree = new(deliveries)
		return r
	}
	r.tree = parent.tree
	if r.hook == nil {
		r.hook = parent.hook
	}
	if r.logger == nil {
		r.logger = parent.logger
	}
	return r
}

// populate makes the children of the spec. As in OTP, a restart of the supervisor does not
// bring back children that were added at run time.
func (s *Supervisor) populate() {
	s.order, s.byName = list.New(), map[string]*list.Element{}
	s.significant, s.awaits = 0, map[*child]struct{}{}
	for i := range s.spec.Children {
		s.insert(s.spec.Children[i])
	}
}

// insert adds a child at the end; mu is held.
func (s *Supervisor) insert(spec Child) *child {
	c := &child{spec: spec, ours: isLibrary(reflect.TypeOf(spec.Service))}
	c.info = ChildInfo{
		Name: spec.Name, Path: s.path + "/" + spec.Name, Since: time.Now(),
		Service: spec.Service, Restart: spec.Restart, Shutdown: c.limit(), Significant: spec.Significant,
	}
	s.byName[spec.Name] = s.order.PushBack(c)
	s.countSignificant(c, true)
	return c
}

// finish is the end of a life.
func (s *Supervisor) finish(err error) {
	s.mu.Lock()
	final := s.final
	root := s.top
	s.mu.Unlock()
	s.abandonChildren(s.over, s.beside(), !root && !final)
	s.concludeChildren(!root && !final)
	if root { // of another, its parent reports the end
		s.reporter.report(Event{Kind: Stopped, Path: s.path, Err: err})
		s.flush()
	}
	s.box.Close()
	for { // requests posted meanwhile are answered
		m, ok := s.cons.Discard()
		if ok {
			refuse(m, ErrStopping)
		} else if s.cons.Empty() {
			break
		} else {
			s.box.Clear(sigStop | sigCutOff)
			s.cons.Wait()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.err = idle, err
	s.deferred, s.leaders, s.stuck, s.reason, s.cutOffNow, s.hastened, s.stops = nil, nil, nil, nil, false, false, 0
	s.hurried.Stop()
	s.hurried = nil
	s.leaveAll()
	s.lookNoMore()
	s.cons.Release()
	if root || s.final {
		s.end()
	}
}

// inside returns the interceptors of a supervisor after those of the supervisors above it,
// which are outer: see tree.Place.
func (s *Spec) inside(outer any) any {
	if len(s.Interceptors)+len(s.FilteredInterceptors) == 0 {
		return outer
	}
	all, _ := outer.([]actor.FilteredInterceptor)
	all = slices.Clip(all)
	for _, f := range s.Interceptors {
		all = append(all, actor.FilteredInterceptor{Run: f})
	}
	return append(all, s.FilteredInterceptors...)
}
