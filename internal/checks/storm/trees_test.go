package storm

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func (u *worker) name() string { return one(u, "x", "y", "z") + one(u, "1", "2", "3") }

// add adds a child, or removes one.
func (u *worker) add() {
	ctx, cancel := u.context()
	defer cancel()
	if u.rarely(2) {
		_ = u.dynamic.Remove(ctx, u.name())
		return
	}
	to := u.service(u.name(), one(u, actor.WithCapacity(2), actor.WithCapacity(64)))
	u.join(to)
	_ = u.dynamic.Add(ctx, supervisor.Child{Name: to.name, Service: to.service})
}

// child is one of the tree, and its supervisor.
func (u *worker) child() (s *supervisor.Supervisor, name string) {
	switch u.intN(5) {
	case 0:
		return u.group, one(u, "first", "second", "function", "awaited")
	case 1:
		return u.chain, one(u, "batched", "oldest", "around")
	case 2:
		return u.root, one(u, "bounded", "seen", "group", "chain", "pool", "front")
	case 3:
		return u.front, "http"
	}
	return u.dynamic, u.name()
}

// terminate ends a child and has it begin again.
func (u *worker) terminate() {
	s, name := u.child()
	ctx, cancel := u.context()
	defer cancel()
	defer func() { _ = s.Restart(context.Background(), name) }()
	_ = s.Terminate(ctx, name)
}

func (u *worker) restart() {
	s, name := u.child()
	ctx, cancel := u.context()
	defer cancel()
	_ = s.Restart(ctx, name)
}

// stop ends a service for good, by its handle: one of those that are added.
func (u *worker) stop() {
	to := u.service(u.name())
	u.join(to)
	ctx, cancel := u.context()
	defer cancel()
	if u.rarely(4) {
		to.service.Kill() // before it is served
	}
	_ = u.dynamic.Add(ctx, supervisor.Child{Service: to.service})
	if u.rarely(2) {
		to.service.Kill()
		return
	}
	_ = to.service.Stop(ctx)
}

// standalone starts a service of no tree, and ends it.
func (u *worker) standalone() {
	if u.rarely(4) {
		u.pooled()
		return
	}
	to := &target{name: u.name()}
	to.service = actor.Start(&state{of: to}, u.options(to.name)...)
	to.ref = to.service
	u.join(to)
	ctx, cancel := u.context()
	defer cancel()
	_ = to.service.Run(context.Background(), func(*state) error { return nil })
	_ = to.service.Stop(ctx)
}

// pooled does so with a pool.
func (u *worker) pooled() {
	limit := u.moment()
	p := pool.New(2, func(context.Context) (*state, error) { return &state{of: &target{name: "alone"}}, nil }, u.options("pool")...)
	stop := func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		_ = p.Stop(ctx)
	}
	defer u.alone(stop) // also if a hook ends this goroutine
	ctx, cancel := u.context()
	defer cancel()
	if err := p.Start(ctx); err == nil {
		_, _ = pool.Gather(ctx, p, func(s *state) (int, error) { return s.sum, nil })
		p.Broadcast(u.again("Broadcast to a pool alone"))
	}
}

// supervised serves a service as a supervisor of another package does, and cuts it off or lets
// it end.
func (u *worker) supervised() {
	to := u.service(u.name())
	u.join(to)
	of, cancel := u.context()
	defer cancel()
	ctx, end := context.WithCancel(actor.Supervised(of, "by hand/"+to.name))
	defer end()
	served := make(chan struct{})
	go func() {
		defer close(served)
		defer u.excuse()
		_ = to.service.Serve(ctx)
	}()
	defer to.service.Kill() // also if a hook ends this goroutine
	act, patient, hard := u.act(), u.moment(), u.rarely(2)
	_ = to.service.Do(func(*state) { _ = act(nil) })
	end()
	select {
	case <-served:
	case <-time.After(patient):
		to.service.CutOff(hard)
	}
	to.service.Abandon()
}

// tree starts one of a random kind, sends something, and stops it. It may give up before.
func (u *worker) tree() {
	targets := []*target{u.service("a"), u.service("b", actor.WithCapacity(1)), u.service("c")}
	spec := supervisor.Spec{
		Strategy:     one(u, supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne),
		MaxRestarts:  one(u, supervisor.NoRestarts, 1, 3),
		AutoShutdown: one(u, supervisor.Never, supervisor.AnySignificant, supervisor.AllSignificant),
		Logger:       u.logger,
	}
	for _, to := range targets {
		u.join(to)
		c := supervisor.Child{Service: to.service, StartTimeout: time.Second, Shutdown: u.moment()}
		c.Restart = one(u, supervisor.Permanent, supervisor.Transient, supervisor.Temporary)
		c.Significant = c.Restart != supervisor.Permanent && spec.AutoShutdown != supervisor.Never && u.rarely(2)
		if u.rarely(3) {
			c.Backoff = &supervisor.Backoff{Min: one(u, time.Millisecond, time.Hour)}
		}
		spec.Children = append(spec.Children, c)
	}
	inner := supervisor.New("inner", spec)
	outer := supervisor.New("outer", supervisor.Spec{
		MaxRestarts: one(u, supervisor.NoRestarts, 2), Children: []supervisor.Child{{Service: inner}}, Logger: u.logger,
	})
	limit := u.moment()
	down := func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		_ = outer.Stop(ctx)
		for _, s := range []*supervisor.Supervisor{outer, inner} {
			select {
			case <-s.Done():
				u.atRest(s)
				select {
				case <-s.Stopping():
				default:
					u.t.Errorf("Stopping of %s is open, and Done is not", s.Name())
				}
			case <-time.After(patience / 2):
				u.t.Errorf("Done of %s is open, and its tree was stopped: %+v", s.Name(), outer.Snapshot())
				if c := outer.Snapshot().Children[0].Crash; c != nil {
					u.t.Errorf("%v\n%s", c.Message, c.Err.Stack())
				}
			}
		}
		for _, to := range targets {
			// It may be draining, if it was cut off from a logger that blocks; and that one which
			// was not served is down may be told when the context of Stop has ended.
			refuses := func() bool { _, accepts := to.service.Load(); return !accepts }
			if !soon(refuses) {
				u.t.Errorf("the tree of %s is down, and it is %v: %+v: %v, %v", to.name, to.service.Info().State,
					outer.Snapshot(), outer.Err(), inner.Err())
			}
		}
	}
	defer u.alone(down) // also if a hook ends this goroutine
	ctx, cancel := context.WithTimeout(context.Background(), one(u, u.moment(), 100*time.Millisecond))
	defer cancel()
	if u.rarely(4) {
		served := make(chan struct{})
		go func() { defer close(served); defer u.excuse(); _ = outer.Serve(ctx) }()
		defer func() { <-served }() // after down, as ctx
		defer cancel()
	} else {
		_ = outer.Start(ctx)
	}
	for range 4 {
		act, to := u.act(), one(u, targets...)
		_ = to.service.Do(func(*state) { _ = act(nil) })
	}
	if u.rarely(3) {
		targets[0].service.Kill()
	}
}
