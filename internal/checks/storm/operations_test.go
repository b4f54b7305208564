package storm

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/supervisor"
)

// operation is a kind of operation.
type operation struct {
	name   string
	do     func(*worker)
	within time.Duration // how long it may take, besides the margin
}

// How long an operation may take that waits for something: as long as its context lives, and if it
// has others, or waits for the end of a child, as long as all of these do.
const (
	atOnce    = 0
	inContext = 50 * time.Millisecond
	inSome    = time.Second
	inEnds    = supervisor.DefaultShutdown
)

// operations are what a worker does, each as often as any other.
var operations []operation

func init() {
	operations = append(operations, []operation{
		{"Do", (*worker).do, atOnce},
		{"DoContext", (*worker).doContext, inContext},
		{"Call", (*worker).call, inContext},
		{"CallContext", (*worker).callContext, inContext},
		{"Get", (*worker).get, inContext},
		{"Wait", (*worker).wait, inContext},
		{"Run", (*worker).run, inContext},
		{"RunContext", (*worker).runContext, inContext},
		{"Async", (*worker).async, inContext},
		{"AsyncContext", (*worker).asyncContext, inContext},
		{"AsyncBatched", (*worker).asyncBatched, inContext},
		{"CallLater", (*worker).callLater, inContext},
		{"CallBatched", (*worker).callBatched, inContext},
		{"Retry", (*worker).retry, inContext},

		{"After", (*worker).after, atOnce},
		{"Every", (*worker).every, atOnce},
		{"WhenIdle", (*worker).whenIdle, atOnce},
		{"Watch", (*worker).watch, atOnce},
		{"AwaitDown", (*worker).awaitDown, inContext},
		{"Pipe", (*worker).pipe, inContext},
		{"Go", (*worker).goes, atOnce},
		{"Send", (*worker).send, inContext},
		{"Publish", (*worker).publish, inContext},
		{"Subscribe", (*worker).subscribe, atOnce},
		{"owned", (*worker).owned, inContext},

		{"Pause", (*worker).pause, inContext},
		{"Inspect", (*worker).inspect, inContext},
		{"Show", (*worker).show, inContext},
		{"Record", (*worker).record, inContext},
		{"Info", (*worker).info, atOnce},
		{"Observe", (*worker).observe, atOnce},
		{"view", (*worker).look, inContext},

		{"Gather", (*worker).gather, inContext},
		{"Broadcast", (*worker).broadcast, atOnce},
		{"Key", (*worker).key, inContext},

		{"Snapshot", (*worker).snapshot, inSome},
		{"Lookup", (*worker).lookup, inSome},
		{"Add", (*worker).add, inContext},
		{"Terminate", (*worker).terminate, inEnds},
		{"Restart", (*worker).restart, inContext},
		{"Stop or Kill", (*worker).stop, inContext},
		{"alone", (*worker).standalone, inSome},
		{"served by hand", (*worker).supervised, inSome},
		{"tree", (*worker).tree, inEnds},

		{"request", (*worker).request, inSome},
		{"server", (*worker).server, inEnds},
	}...)
	stubborn = append(stubborn, operation{"stubborn service", (*worker).stubbornService, inSome},
		operation{"stubborn tree", (*worker).stubbornTree, inSome})
	strange = append(strange, operation{"strange child", (*worker).strangeChild, inSome})
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
