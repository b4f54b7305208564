package storm

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
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
		{"Wait", (*worker).wait},
		{"Run", (*worker).run},
		{"RunContext", (*worker).runContext},
		{"Async", (*worker).async},
		{"AsyncContext", (*worker).asyncContext},
		{"AsyncBatched", (*worker).asyncBatched},
		{"CallLater", (*worker).callLater},
		{"CallBatched", (*worker).callBatched},
		{"Retry", (*worker).retry},

		{"After", (*worker).after},
		{"Every", (*worker).every},
		{"WhenIdle", (*worker).whenIdle},
		{"Watch", (*worker).watch},
		{"AwaitDown", (*worker).awaitDown},
		{"Pipe", (*worker).pipe},
		{"Go", (*worker).goes},
		{"Send", (*worker).send},
		{"Publish", (*worker).publish},
		{"Subscribe", (*worker).subscribe},
		{"owned", (*worker).owned},

		{"Pause", (*worker).pause},
		{"Inspect", (*worker).inspect},
		{"Show", (*worker).show},
		{"Record", (*worker).record},
		{"Info", (*worker).info},
		{"Observe", (*worker).observe},
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
		{"served by hand", (*worker).supervised},
		{"tree", (*worker).tree},

		{"request", (*worker).request},
		{"server", (*worker).server},
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
	if t.Err() != nil && t.Cancel() {
		u.t.Error("a timer that was not set is taken back")
	}
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
	d, err, how, bad := u.moment(), u.failure(), u.intN(20), u.manner()
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

func (u *worker) subscribe() {
	if u.rarely(4) {
		events, cancel := topic.Chan(&u.topic, 2)
		u.topic.Publish(5)
		<-events
		cancel()
		return
	}
	f := u.again("an event of the topic")
	cancel, err := topic.Subscribe(&u.topic, u.target().ref, func(s *state, _ int) { f(s) }, topic.Replay(1+u.intN(3)))
	if err == nil {
		u.keep(cancel)
	}
}

// owned has a service set, in a closure, what belongs to its incarnation.
func (u *worker) owned() {
	to, other, f := u.single(), u.single(), u.again("what a closure has set")
	set := one(u,
		func() { to.service.After(time.Millisecond, f) },
		func() { to.service.Every(time.Millisecond, f) },
		func() { to.service.WhenIdle(time.Millisecond, f) },
		func() { actor.Watch(other.ref, to.ref, func(s *state, _ actor.DownNotice) { f(s) }) },
		func() { _, _ = topic.Subscribe(&u.topic, to.ref, func(s *state, _ int) { f(s) }, topic.Replay(1)) },
		func() {
			if r, err := actor.NewRecipient(to.ref, func(s *state, _ int) { f(s) }); err == nil {
				_ = r.Send(1)
				r.Ended()
				r.Close()
			}
		})
	k := &ticket{what: "to set something", world: u.world}
	ctx, cancel := u.context()
	defer cancel()
	k.answered(to.ref.Run(ctx, func(s *state) error { return k.run(s, func() error { set(); return nil }) }))
}
