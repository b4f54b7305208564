package storm

import (
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

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
	r := u.single().service.Record(1 + u.intN(5))
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
	if i.Waits.Quantile(0.5) < 0 || i.Runs.Quantile(1) < 0 {
		u.t.Errorf("%s: %+v", i.Name, i)
	}
	to.service.History()
	to.service.Load()
	_ = to.service.Err()
	if u.rarely(8) {
		u.topic.Info()
		u.news.Info()
	}
}

// observe changes what a service keeps of its closures.
func (u *worker) observe() {
	u.single().service.Observe(actor.Instruments{Times: u.rarely(2), History: u.intN(4) - 1})
}

// look looks at the view that all look at, or makes one for a while.
func (u *worker) look() {
	if !u.rarely(4) {
		u.view.Load()
		u.view.Latest()
		return
	}
	of, views := u.single(), one(u, actor.NewView[state, int], actor.NewBurstView[state, int])
	v := views(of.ref, func(s *state) int { return s.sum })
	ctx, cancel := u.context()
	defer cancel()
	_, first := v.Latest()
	_ = of.service.Run(ctx, func(*state) error { return nil })
	if _, second := v.Latest(); second < first {
		u.t.Errorf("%s: the view goes back from version %d to %d", of.name, first, second)
	}
	v.Close()
}

// awaitDown waits for the end of an incarnation, for a while.
func (u *worker) awaitDown() {
	of := u.single()
	ctx, cancel := u.context()
	defer cancel()
	d, err := actor.AwaitDown(ctx, of.ref)
	if err == nil && !strings.Contains(d.Service, of.name) {
		u.t.Errorf("of %s the end is told of %+v", of.name, d)
	}
}

func (u *worker) snapshot() {
	n := u.root.Snapshot()
	if len(n.Children) != 8 {
		u.t.Errorf("the tree has %d children", len(n.Children))
	}
	n.Children[0].History()
	u.group.Children()
	u.chain.Child(around)
	u.root.Up()
	_ = u.dynamic.Err()
	if name := u.group.Name(); name != "storm/group" {
		u.t.Errorf("the group is %s", name)
	}
}

func (u *worker) lookup() {
	name := one(u, "plain", "group/first", "storm/chain/around", "no one")
	if found := u.root.Find(name); name == "no one" && found != nil {
		u.t.Errorf("it is %T", found)
	}
	s, err := supervisor.Lookup[*actor.Service[state]](u.root, name)
	if err == nil && !strings.HasSuffix(s.Name(), name) {
		u.t.Errorf("%s is %s", name, s.Name())
	}
}

func (u *worker) gather() {
	ctx, cancel := u.context()
	defer cancel()
	_, _ = pool.Gather(ctx, u.pool, func(s *state) (int, error) { return s.sum, nil })
}

func (u *worker) key() {
	k := &ticket{what: "Key", world: u.world}
	act := u.act()
	ctx, cancel := u.context()
	defer cancel()
	var of handle = u.pool.Key(one(u, "a", "b", "c", "d"))
	if u.rarely(16) {
		if u.pool.Add(ctx, supervisor.Child{Name: "x", Service: supervisor.Func(u.function)}) == nil || u.pool.Remove(ctx, "0") == nil {
			u.t.Error("the size of the pool has changed")
		}
	}
	if n := u.pool.KeyNumber(u.draw(4)); u.rarely(2) {
		of = n
	} else if !slices.Contains(u.pool.Members(), n) {
		u.t.Error("a key's member is not in the pool")
	}
	k.answered(of.Run(ctx, func(s *state) error {
		return k.run(s, func() error { return act(nil) })
	}))
}
