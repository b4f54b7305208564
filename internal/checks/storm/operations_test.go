package storm

import (
	"context"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// operations are what a worker does, each as often as any other.
var operations []struct {
	name string
	do   func(*worker)
}

func init() {
	operations = append(operations, []struct {
		name string
		do   func(*worker)
	}{
		{"Do", (*worker).do},
		{"DoContext", (*worker).doContext},
		{"Call", (*worker).call},
		{"CallContext", (*worker).callContext},
		{"Get", (*worker).get},
		{"Run", (*worker).run},
		{"RunContext", (*worker).runContext},
		{"Async", (*worker).async},
		{"CallLater", (*worker).callLater},
		{"CallBatched", (*worker).callBatched},
		{"Retry", (*worker).retry},

		{"After", (*worker).after},
		{"Every", (*worker).every},
		{"WhenIdle", (*worker).whenIdle},
		{"Watch", (*worker).watch},
		{"Pipe", (*worker).pipe},
		{"Go", (*worker).goes},
		{"Send", (*worker).send},
		{"Publish", (*worker).publish},
		{"Subscribe", (*worker).subscribe},

		{"Pause", (*worker).pause},
		{"Inspect", (*worker).inspect},
		{"Show", (*worker).show},
		{"Record", (*worker).record},
		{"Info", (*worker).info},
		{"view", (*worker).look},

		{"Gather", (*worker).gather},
		{"Broadcast", (*worker).broadcast},
		{"Key", (*worker).key},

		{"Snapshot", (*worker).snapshot},
		{"Lookup", (*worker).lookup},
		{"Add", (*worker).add},
		{"Terminate", (*worker).terminate},
		{"Restart", (*worker).restart},
		{"Stop or Kill", (*worker).stop},
		{"alone", (*worker).standalone},
		{"tree", (*worker).tree},
	}...)
}

// --- called back ---------------------------------------------------------------

// called is what is called back: some of it crashes.
func (u *worker) called(what string) func(s *state) {
	k := &ticket{what: what, world: u.world}
	act := u.act()
	return func(s *state) { _ = k.run(s, func() error { return act(nil) }) }
}

// again is what is called back several times.
func (u *worker) again(what string) func(s *state) {
	return func(s *state) {
		k := ticket{what: what, world: u.world}
		_ = k.run(s, func() error { return nil })
	}
}

func (u *worker) after() {
	t := u.single().service.After(one(u, -1, 0, u.moment(), time.Hour), u.called("After"))
	if u.rarely(2) {
		u.keep(func() { t.Cancel() })
	}
}

func (u *worker) every() {
	t := u.single().service.Every(u.moment()+1, u.again("Every"))
	u.keep(func() { t.Cancel() })
}

func (u *worker) whenIdle() {
	t := u.single().service.WhenIdle(u.moment()+1, u.again("WhenIdle"))
	u.keep(func() { t.Cancel() })
}

func (u *worker) watch() {
	f := u.again("Watch")
	u.keep(actor.Watch(u.single().ref, u.target().ref, func(s *state, _ actor.DownNotice) { f(s) }))
}

// working is what work does on its own goroutine.
func (u *worker) working() func(context.Context) error {
	d, err, how, bad := u.moment(), u.failure(), u.rand.IntN(20), u.manner()
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
		switch how {
		case 0:
			return err
		case 1:
			bad()
		}
		return nil
	}
}

func (u *worker) pipe() {
	work, then := u.working(), u.called("Pipe")
	_ = actor.Pipe(u.target().ref,
		func(ctx context.Context) (int, error) { return 1, work(ctx) },
		func(s *state, _ int, _ error) { then(s) })
}

func (u *worker) goes() { _ = actor.Go(u.target().ref, u.working()) }

func (u *worker) send() { _ = u.events.Send(3) }

func (u *worker) publish() { u.topic.Publish(4) }

func (u *worker) subscribe() {
	if u.rarely(4) {
		events, cancel := topic.Chan(&u.topic, 2)
		u.topic.Publish(5)
		<-events
		cancel()
		return
	}
	f := u.again("an event of the topic")
	cancel, err := topic.Subscribe(&u.topic, u.target().ref, func(s *state, _ int) { f(s) }, topic.Replay(1+u.rand.IntN(3)))
	if err == nil {
		u.keep(cancel)
	}
}

// --- looked at -----------------------------------------------------------------

func (u *worker) pause() {
	to := u.single()
	ctx, cancel := u.context()
	defer cancel()
	defer to.service.Resume() // also if the context ends the goroutine
	_ = to.service.Pause(ctx)
}

func (u *worker) inspect() {
	ctx, cancel := u.context()
	defer cancel()
	_, _ = actor.Inspect(ctx, u.single().ref, func(s *state) int { return s.sum })
}

func (u *worker) show() {
	ctx, cancel := u.context()
	defer cancel()
	_, _ = u.single().service.Show(ctx)
}

func (u *worker) record() {
	r := u.single().service.Record(1 + u.rand.IntN(5))
	defer r.Stop()
	ctx, cancel := u.context()
	defer cancel()
	_, _ = r.Wait(ctx)
}

func (u *worker) info() {
	to := u.single()
	i := to.service.Info()
	if !strings.Contains(i.Name, to.name) {
		u.t.Errorf("the name of %s is %s", to.name, i.Name)
	}
	to.service.History()
	to.service.Load()
}

func (u *worker) look() { u.view.Load(); u.view.Latest() }

func (u *worker) snapshot() {
	if n := u.root.Snapshot(); len(n.Children) != 7 {
		u.t.Errorf("the tree has %d children", len(n.Children))
	}
	u.group.Children()
}

func (u *worker) lookup() {
	name := one(u, "plain", "group/first", "storm/chain/around", "no one")
	s, err := supervisor.Lookup[*actor.Service[state]](u.root, name)
	if err == nil && !strings.HasSuffix(s.Name(), name) {
		u.t.Errorf("%s is %s", name, s.Name())
	}
}

// --- pools -----------------------------------------------------------------------

func (u *worker) gather() {
	ctx, cancel := u.context()
	defer cancel()
	_, _ = pool.Gather(ctx, u.pool, func(s *state) (int, error) { return s.sum, nil })
}

func (u *worker) broadcast() { u.pool.Broadcast(u.again("Broadcast")) }

func (u *worker) key() {
	k := &ticket{what: "Key", world: u.world}
	act := u.act()
	ctx, cancel := u.context()
	defer cancel()
	k.answered(u.pool.Key(one(u, "a", "b", "c", "d")).Run(ctx, func(s *state) error {
		return k.run(s, func() error { return act(nil) })
	}))
}

// --- trees -------------------------------------------------------------------------

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
	switch u.rand.IntN(4) {
	case 0:
		return u.group, one(u, "first", "second", "function")
	case 1:
		return u.chain, one(u, "batched", "oldest", "around")
	case 2:
		return u.root, one(u, "bounded", "seen", "group", "chain", "pool")
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
	to := &target{name: u.name()}
	to.service = actor.Start(&state{of: to}, u.options(to.name)...)
	to.ref = to.service
	u.join(to)
	ctx, cancel := u.context()
	defer cancel()
	_ = to.service.Run(context.Background(), func(*state) error { return nil })
	_ = to.service.Stop(ctx)
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
	down := func() {
		ctx, cancel := context.WithTimeout(context.Background(), u.moment())
		defer cancel()
		_ = outer.Stop(ctx)
		for _, s := range []*supervisor.Supervisor{outer, inner} {
			select {
			case <-s.Done():
				u.atRest(s)
			case <-time.After(patience / 2):
				u.t.Errorf("Done of %s is open, and its tree was stopped: %+v", s.Name(), outer.Snapshot())
				if c := outer.Snapshot().Children[0].Crash; c != nil {
					u.t.Errorf("%v\n%s", c.Message, c.Err.Stack())
				}
			}
		}
		for _, to := range targets {
			// It may be draining, if it was cut off from a logger that blocks.
			if _, accepts := to.service.Load(); accepts {
				u.t.Errorf("the tree of %s is down, and it is %v", to.name, to.service.Info().State)
			}
		}
	}
	defer u.alone(down) // also if a hook ends this goroutine
	ctx, cancel := context.WithTimeout(context.Background(), one(u, u.moment(), 100*time.Millisecond))
	defer cancel()
	_ = outer.Start(ctx)
	for range 4 {
		act, to := u.act(), one(u, targets...)
		_ = to.service.Do(func(*state) { _ = act(nil) })
	}
	if u.rarely(3) {
		targets[0].service.Kill()
	}
}
