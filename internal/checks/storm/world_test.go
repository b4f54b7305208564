package storm

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// world is what the workers meet in: a tree, a pool, a topic, and services of no tree.
type world struct {
	accounts
	t       *testing.T
	noted   bool // what the workers do
	values  *values
	workers [workers + 2]*worker
	logger  *slog.Logger
	told    func(actor.DeadLetter) // the hook of all services: one value, so one hook

	root, group, chain, dynamic, front *supervisor.Supervisor

	pool   *pool.Pool[state]
	topic  topic.Topic[int]
	news   topic.Topic[*entry] // of which nothing is cancelled: what comes of it is counted
	view   *actor.View[int]
	events *actor.Recipient[int]      // of a service that takes any number
	echoes *actor.Recipient[int]      // of one that refuses some
	mails  []*actor.Recipient[*entry] // those that workers send to, and hooks do not
	web    web

	batched *target

	numbers atomic.Int64 // of services that are added
	lock    sync.Mutex
	targets []*target // to be sent to; some have ended
	singles []*target // of those that last, the services; immutable once the workers begin
	all     []*target // that there ever were
}

// The supervisors' budget is for ever: what gives up is a case of its own, see operation tree.
func newWorld(t *testing.T) *world {
	w := &world{t: t, values: newValues()}
	w.logger = slog.New(badHandler{w.values})
	w.told = w.letter
	backoff := &supervisor.Backoff{Min: time.Millisecond, Max: 5 * time.Millisecond, Jitter: 0.5, Rand: func() float64 {
		if n := w.numbers.Add(1); n%4 == 0 {
			w.values.manner(uint64(n / 4))()
		}
		return 0.5
	}}

	w.open()
	plain := w.fixed(plain).service
	w.view = actor.NewView(plain, func(s *state) int { return s.sum })
	bounded := w.fixed("bounded", actor.WithCapacity(4)).service
	w.events, w.echoes = w.recipient(plain), w.recipient(bounded)
	w.pool = pool.NewWith(members, func(context.Context) (*state, error) {
		return &state{of: &target{name: "member"}}, nil
	}, supervisor.Spec{MaxRestarts: supervisor.Unlimited}, w.options("pool")...)
	w.join(&target{name: "pool", ref: w.pool})

	w.batched = w.fixed("batched", actor.WithBatch(8, func(s *state) error {
		if s.sum%97 == 0 {
			return w.values.failure(uint64(s.sum))
		}
		return nil
	}))
	w.group = supervisor.New("group", supervisor.Spec{
		Strategy: supervisor.OneForAll, MaxRestarts: supervisor.Unlimited,
		Children: []supervisor.Child{
			{Service: w.fixed("first").service},
			{Service: w.fixed("second", actor.WithQueuePolicy(actor.FailQueue)).service, Backoff: backoff},
			{Name: "function", Service: supervisor.Func(w.function)},
			{Name: "awaited", Service: supervisor.Func(w.awaited), AwaitReady: true, Backoff: backoff},
		},
	})
	oldest := w.fixed("oldest", actor.WithCapacity(4), actor.WithOverflow(actor.DropOldest), actor.WithOSThread()).service
	w.chain = supervisor.New("chain", supervisor.Spec{
		Strategy: supervisor.RestForOne, MaxRestarts: supervisor.Unlimited,
		Children: []supervisor.Child{
			{Service: w.batched.service},
			{Service: oldest, Backoff: backoff},
			{Service: w.fixed(around, actor.WithInterceptor(w.interceptor), actor.WithFilteredInterceptor(actor.FilteredInterceptor{
				Want: w.wants, Run: w.interceptor,
			})).service},
		},
	})
	w.dynamic = supervisor.New("dynamic", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited,
		Template:    &supervisor.Child{Restart: supervisor.Transient, Shutdown: 100 * time.Millisecond, Backoff: backoff},
	})
	w.front = w.newWeb(backoff)
	w.root = supervisor.New("storm", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited,
		Logger:      w.logger,
		OnEvent:     func(e supervisor.Event) { w.hook(uint64(e.Kind)) },
		Shutdown:    20 * time.Second,
		Children: []supervisor.Child{
			{Service: plain},
			{Service: bounded},
			{Service: w.fixed("seen", actor.WithHistory(16), actor.WithTimes(),
				actor.WithSlowClosure(time.Millisecond), actor.WithPipeLimit(2), actor.WithDrainTime(time.Millisecond), actor.WithoutClose()).service},
			{Service: w.pool},
			{Service: w.group},
			{Service: w.chain},
			{Service: w.dynamic},
			{Service: w.front},
		},
	})
	for _, of := range []actor.Ref[state]{bounded, oldest, w.pool} {
		w.mails = append(w.mails, w.mailbox(of))
	}
	steadily := []actor.Ref[state]{plain, bounded, oldest, w.pool}
	for _, of := range steadily {
		w.subscribed(of)
	}
	w.join(&target{name: "proxy", ref: actor.ProxyOf(actor.Ref[state](plain))})
	w.join(&target{name: "route", ref: actor.Route(func(*actor.Service[state]) *actor.Service[state] {
		if n := w.numbers.Add(1); n%16 == 0 {
			w.values.manner(uint64(n / 16))() // on the goroutine that uses the Router
		}
		return bounded
	})})
	if len(w.targets) != lasting {
		t.Fatalf("there are %d targets", len(w.targets))
	}
	w.singles = slices.DeleteFunc(slices.Clone(w.targets), func(to *target) bool { return to.service == nil })
	if err := w.root.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return w
}

// The services that are known by their names: the one that takes all events of the steady
// topic, and the one with interceptors.
const (
	plain  = "plain"
	around = "around"
)

// options are those of all services.
func (w *world) options(name string, more ...actor.Option) []actor.Option {
	return append([]actor.Option{
		actor.WithName(name), actor.WithLogger(w.logger), actor.WithDeadLetters(w.told),
	}, more...)
}

// service makes one that is not served yet, and that fails to be built now and then.
func (w *world) service(name string, more ...actor.Option) *target {
	to := &target{name: name}
	to.service = actor.New(func(ctx context.Context) (*state, error) {
		n := uint64(w.numbers.Add(1))
		if n%50 == 0 {
			return nil, w.values.failure(n)
		}
		w.begins(ctx, to, n)
		return &state{of: to}, nil
	}, w.options(name, more...)...)
	to.ref = to.service
	return to
}

// begins is what a constructor does besides.
func (w *world) begins(ctx context.Context, to *target, n uint64) {
	if to.service != nil && actor.Self[state](ctx) != to.service {
		w.t.Errorf("a constructor of %s belongs to %v", to.name, actor.Self[state](ctx))
	}
	switch n % 16 {
	case 0:
		w.values.manner(n / 16)()
	case 1:
		actor.Continue(ctx, func(*state) { w.values.manner(n / 16)() })
	case 2, 3:
		actor.Continue(ctx, func(s *state) { s.sum++ })
	case 4:
		actor.Exit(ctx, w.values.failure(n))
	case 5:
		if s, err := actor.Lookup[*actor.Service[state]](ctx, "no one"); err == nil {
			w.t.Errorf("no one is %s", s.Name())
		}
	}
}

// fixed makes a service of the tree; it is up when the tree has started.
func (w *world) fixed(name string, more ...actor.Option) *target {
	to := &target{name: name}
	to.service = actor.New(func(context.Context) (*state, error) { return &state{of: to}, nil }, w.options(name, more...)...)
	to.ref = to.service
	w.join(to)
	return to
}

// lasting are the targets that are there from the beginning to the end.
const lasting = 11

// join has closures sent to a target. Of those that are no part of the tree, the oldest is
// forgotten when there are many.
func (w *world) join(to *target) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.all = append(w.all, to)
	w.targets = append(w.targets, to)
	if len(w.targets) > many {
		w.targets = append(w.targets[:lasting], w.targets[lasting+1:]...)
	}
}

// letter is the hook of all services.
func (w *world) letter(l actor.DeadLetter) {
	w.dead(l)
	w.hook(uint64(w.numbers.Add(1)))
}

// hook is what hooks do besides: they misbehave now and then, or send something, which may be
// refused. It drops nothing that was accepted, of which the hook would not be told.
func (w *world) hook(n uint64) {
	switch n % 8 {
	case 0:
		w.values.manner(n / 8)()
	case 1:
		_ = w.events.Send(1)
	case 2:
		_ = w.echoes.Send(2)
	}
}

// members are those of the pool.
const members = 3

// recipient returns one whose values are not counted.
func (w *world) recipient(of actor.Ref[state]) *actor.Recipient[int] {
	return receiving(w, of, func(s *state, _ int) {
		k := ticket{what: "a value of a hook", world: w}
		_ = k.run(s, func() error { return nil })
	})
}

// mailbox returns one whose values are.
func (w *world) mailbox(of actor.Ref[state]) *actor.Recipient[*entry] {
	return receiving(w, of, func(s *state, e *entry) {
		e.begins()
		k := ticket{what: "a value", world: w}
		_ = k.run(s, func() error { return nil })
	})
}

func receiving[E any](w *world, of actor.Ref[state], f func(*state, E)) *actor.Recipient[E] {
	r, err := actor.NewRecipient(of, f)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// subscribed has a service get the events of the steady topic, for good.
func (w *world) subscribed(of actor.Ref[state]) {
	_, err := topic.Subscribe(&w.news, of, func(s *state, e *entry) {
		e.begins()
		if s.of.name == plain {
			w.plain.Add(1)
		}
		k := ticket{what: "an event", world: w}
		_ = k.run(s, func() error { return nil })
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// awaited is a child that says itself that it is up, if it does.
func (w *world) awaited(ctx context.Context) error {
	if w.numbers.Add(1)%8 != 0 {
		supervisor.Ready(ctx)
	}
	if supervisor.ShutdownTime(ctx) != supervisor.DefaultShutdown {
		w.t.Errorf("the child has %v to end", supervisor.ShutdownTime(ctx))
	}
	return w.function(ctx)
}

// function is a child that is no service: it ends in some way, now and then.
func (w *world) function(ctx context.Context) error {
	n := uint64(w.numbers.Add(1))
	timer := time.NewTimer(time.Duration(n%50) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	switch n % 4 {
	case 0:
		panic(w.values.failure(n / 4))
	case 1:
		w.values.manner(n / 4)()
	}
	return w.values.failure(n / 4)
}

// close stops all, and waits for the end of each service.
func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	begun := time.Now()
	_ = w.root.Stop(ctx) // cut off is whatever blocks: that is an error, and right
	if time.Since(begun) >= patience {
		w.hangs("to stop the tree", patience)
	}
	w.values.close()
	for _, to := range w.all {
		if to.service == nil {
			continue
		}
		_ = to.service.Stop(ctx)
		select {
		case <-to.service.Done():
		case <-ctx.Done():
			w.hangs(fmt.Sprintf("the end of %s", to.name), patience)
			return
		}
	}
	for _, s := range []*supervisor.Supervisor{w.root, w.group, w.chain, w.dynamic, w.front} {
		select {
		case <-s.Done():
		default:
			w.t.Errorf("%s is down with its root, and Done is open", s.Name())
		}
		w.atRest(s)
	}
}

// atRest demands that a supervisor that is down lists no child as if more would come of it.
func (w *world) atRest(s *supervisor.Supervisor) {
	for _, c := range s.Children() {
		switch c.State {
		case supervisor.Starting, supervisor.Up, supervisor.Waiting:
			w.t.Errorf("%s is down, and lists %s as %v", s.Name(), c.Name, c.State)
		}
	}
}
