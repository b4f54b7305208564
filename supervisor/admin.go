package supervisor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
)

// request is something that another goroutine asks of the supervisor's goroutine.
type request struct {
	from  *tree.Behalf // of the caller, or nil
	above *child       // if kept for later: the supervisor's child that the caller is, or is below; or nil
	ends  string       // for Terminate: the name of the child that it ends
	do    func(*Supervisor, *request) error
	reply chan error  // gets one answer
	begun atomic.Bool // or given up by the caller
}

// errDeferred is what do returns if the answer comes later.
var errDeferred = fmt.Errorf("deferred")

// ask has the supervisor's goroutine do something and waits for the answer.
func (s *Supervisor) ask(ctx context.Context, what string, do func(*Supervisor, *request) error) error {
	return s.asks(ctx, what, &request{do: do})
}

// asks is ask for a request that is made.
func (s *Supervisor) asks(ctx context.Context, what string, r *request) error {
	s.check(what, ctx)
	r.from, r.reply = tree.Behalves.Current(), make(chan error, 1)
	if s.processBelow(r.from) == &s.asking {
		return failed(s.Name(), what, ErrWouldDeadlock)
	}
	if err := s.submit(ctx, r); err != nil {
		return failed(s.Name(), what, err)
	}
	return nil
}

func (s *Supervisor) submit(ctx context.Context, r *request) error {
	if err := foreign.ErrOf(ctx); err != nil {
		return err
	}
	over := ctx.Done() // before it is posted: it may panic
	s.mu.Lock()
	state, final := s.state, s.final
	s.mu.Unlock()
	switch {
	case state == idle:
		return ErrNotRunning
	case state == stopping, final:
		return ErrStopping
	}
	s.post(r)
	defer resume(r.from)
	select {
	case err := <-r.reply:
		return err
	case <-over:
	}
	select {
	case err := <-r.reply: // was first
		return err
	default:
	}
	if r.begun.CompareAndSwap(false, true) {
		return foreign.Why(ctx) // it was not begun, and will not be
	}
	select {
	case err := <-r.reply:
		return err
	default:
		return fmt.Errorf("under way, and not waited for any longer: %w", foreign.Why(ctx))
	}
}

func (s *Supervisor) serve(r *request) {
	if !r.begun.CompareAndSwap(false, true) {
		return
	}
	if err := r.do(s, r); err != errDeferred {
		r.reply <- err
	}
}

// refuse answers a message that will not be handled, if a caller waits for it.
func refuse(m any, err error) {
	if r, ok := m.(*request); ok {
		r.reply <- err
	}
}

// Add adds a child at the end of the order, starts it and returns when it is up. If it can
// not be started it is not added, and the error is a *StartError. The other errors change
// nothing: a *SpecError (also for a service that is already elsewhere in the running tree),
// ErrExists, ErrNotRunning, ErrStopping, ErrWouldDeadlock, and the error of ctx; but if ctx
// ends while the child is starting, the start goes on. The child lives as long as this life
// of the supervisor: if the supervisor's parent restarts the supervisor, only the children
// of its Spec come back.
func (s *Supervisor) Add(ctx context.Context, c Child) error {
	s.check("Add", ctx)
	given, cs := c.Name != "", []Child{c}
	nameless := resolve(ctx.Done(), cs)[0]
	c = cs[0]
	return s.ask(ctx, "Add", func(s *Supervisor, r *request) error {
		c, err := s.complete(c, given, nameless)
		if err != nil {
			return err
		}
		s.mu.Lock()
		if s.byName[c.Name] != nil {
			s.mu.Unlock()
			return fmt.Errorf("%w: %s", ErrExists, c.Name)
		}
		path := s.path + "/" + c.Name
		if first := s.registry.enter(c.Service, path, s); first != "" { // since complete
			s.mu.Unlock()
			k := checker{}
			k.twice(path, first)
			return &SpecError{k.faults}
		}
		added := s.insert(c)
		s.mu.Unlock()
		s.take(&c)
		added.added, added.fresh = true, true
		added.asked = append(added.asked, r)
		s.launch(added)
		return errDeferred
	})
}

// complete fills in what the template says and checks the result. The child's name was given
// by the caller, or else it is what the service's Name returned, unless that gave no answer.
func (s *Supervisor) complete(c Child, given bool, nameless error) (Child, error) {
	if t := s.spec.Template; t != nil {
		if c.Restart == Permanent {
			c.Restart = t.Restart
		}
		if c.Shutdown == 0 {
			c.Shutdown = t.Shutdown
		}
		if c.StartTimeout == 0 {
			c.StartTimeout = t.StartTimeout
		}
		if c.Backoff == nil {
			c.Backoff = t.Backoff
		}
		c.Significant = c.Significant || t.Significant
		c.AwaitReady = c.AwaitReady || t.AwaitReady
		if !given && c.Name != "" {
			c.Name = s.numbered(c.Name)
		}
	}
	k := checker{seen: map[Service]string{}, tree: s.registry}
	if lack := lacks(c.Service); lack != "" {
		k.fault("%s: %s", named("the child", c.Name), lack)
	} else {
		k.childName(c.Name, "Name", nameless)
		k.service(s.path+"/"+c.Name, c.Service, nil)
	}
	k.child(named("the child", c.Name), &c, &s.spec)
	if k.faults != nil {
		return c, &SpecError{k.faults}
	}
	return c, nil
}

// numbered returns a name for an added child that has no other name than its service's: stem
// and the next number with which the name is free.
func (s *Supervisor) numbered(stem string) string {
	for {
		s.serial++
		if name := stem + "-" + strconv.Itoa(s.serial); s.byName[name] == nil {
			return name
		}
	}
}

// Terminate ends a child, within its Shutdown time, and returns when it has ended. The child
// stays down until Restart, or until the supervisor is restarted. A temporary child is
// removed. Terminating a child that is not running does nothing. Called from the child
// itself, Terminate does not wait. It returns ErrUnknown, ErrNotRunning, ErrStopping,
// ErrWouldDeadlock, or the error of ctx.
func (s *Supervisor) Terminate(ctx context.Context, name string) error {
	return s.asks(ctx, "Terminate", &request{ends: name, do: func(s *Supervisor, r *request) error {
		c, err := s.find(name)
		if err != nil {
			return err
		}
		if s.childAbove(r.from) == c {
			r.reply <- nil
			s.terminate(c)
			return errDeferred
		}
		if s.terminate(c); c.alive() { // the supervisor is to end, and c ends with all the others
			c.asked = append(c.asked, r)
			return errDeferred
		}
		return nil
	}})
}

func (s *Supervisor) terminate(c *child) {
	state, group := c.info.State, []*child(nil)
	if state == Waiting {
		group = s.group(c)
	}
	if s.stop(errTold, c); c.alive() {
		return
	}
	c.disarm()
	c.release()
	s.answer(c, &StartError{c.info.Path, errTerminated})
	if state != Terminated && state != Gone {
		s.reporter.report(Event{Kind: Stopped, Path: c.info.Path})
	}
	s.set(c, Terminated)
	if c.spec.Restart == Temporary || c.fresh {
		s.remove(c)
	}
	s.abandon(c)
	s.passOn(group)
}

// passOn is called when a child of a group is not restarted any more. It restarts those of
// the group that waited for that child, unless they also wait for the delay of another.
func (s *Supervisor) passOn(group []*child) {
	for _, x := range group {
		if x.info.State == Waiting && !s.delayed(x) {
			s.post(retry{x, true})
			return
		}
	}
}

// delayed reports whether x waits for a delay: its own, or that of a child with which it is
// restarted.
func (s *Supervisor) delayed(x *child) bool {
	for _, y := range s.all() {
		if y.info.State == Waiting && y.timer != nil && (y == x || slices.Contains(s.group(y), x)) {
			return true
		}
	}
	return false
}

// Restart starts a child again that was terminated or has ended by itself, and returns when
// it is up. If it can not be started it stays down, and the error is a *StartError. The other
// errors change nothing: ErrUnknown, ErrRunning (also for a child that waits to be
// restarted), ErrNotRunning, ErrStopping, ErrWouldDeadlock, and the error of ctx.
func (s *Supervisor) Restart(ctx context.Context, name string) error {
	return s.ask(ctx, "Restart", func(s *Supervisor, r *request) error {
		c, err := s.find(name)
		if err != nil {
			return err
		}
		if c.running() {
			return fmt.Errorf("%w: %s", ErrRunning, name)
		}
		c.asked = append(c.asked, r)
		s.launch(c)
		return errDeferred
	})
}

// isRetried reports whether the supervisor, while it boots, waits to start the child again.
func (c *child) isRetried() bool { return c.awaited && c.info.State == Waiting }

// running reports whether the child runs or is going to.
func (c *child) running() bool {
	return c.info.State != NotStarted && c.info.State != Terminated && c.info.State != Gone
}

// Remove forgets a child that is not running. It returns ErrUnknown, ErrRunning,
// ErrNotRunning, ErrStopping, ErrWouldDeadlock, or the error of ctx.
func (s *Supervisor) Remove(ctx context.Context, name string) error {
	return s.ask(ctx, "Remove", func(s *Supervisor, _ *request) error {
		c, err := s.find(name)
		if err != nil {
			return err
		}
		if c.running() {
			return fmt.Errorf("%w: %s", ErrRunning, name)
		}
		s.remove(c)
		s.concludeForgotten(c)
		return nil
	})
}

func (s *Supervisor) find(name string) (*child, error) {
	if e := s.byName[name]; e != nil {
		return e.Value.(*child), nil
	}
	return nil, fmt.Errorf("%w: %s", ErrUnknown, name)
}

// remove forgets a child.
func (s *Supervisor) remove(c *child) {
	c.disarm()
	c.release()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.byName[c.info.Name]; e != nil && e.Value == c {
		s.order.Remove(e)
		s.countSignificant(c, false)
		delete(s.byName, c.info.Name)
		s.registry.leave(c.spec.Service, s)
	}
}

// notStarted answers a request to start a child that could not be: one that was
// added is forgotten, another stays down.
func (s *Supervisor) notStarted(c *child, err error) {
	s.set(c, Gone)
	c.release()
	if c.fresh {
		s.remove(c)
	}
	// A service that is served elsewhere goes on there. So does one that is in the tree twice:
	// nothing else can be wrong with a spec here.
	if _, twice := foreign.As[*SpecError](err); !twice && !foreign.Is(err, ErrServed) {
		s.abandon(c)
	}
	s.answer(c, &StartError{c.info.Path, err})
}
