package storm

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
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
	values  *values
	workers [workers]*worker
	logger  *slog.Logger
	told    func(actor.DeadLetter) // the hook of all services: one value, so one hook

	root, group, chain, dynamic *supervisor.Supervisor

	pool   *pool.Pool[state]
	topic  topic.Topic[int]
	view   *actor.View[int]
	events *actor.Recipient[int] // of a service that takes any number
	echoes *actor.Recipient[int] // of one that refuses some

	batched *target

	numbers atomic.Int64 // of services that are added
	lock    sync.Mutex
	targets []*target // to be sent to; some have ended
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

	plain := w.fixed("plain").service
	w.view = actor.NewView(plain, func(s *state) int { return s.sum })
	bounded := w.fixed("bounded", actor.WithCapacity(4)).service
	w.events, w.echoes = w.recipient(plain), w.recipient(bounded)
	w.pool = pool.NewWith(3, func(context.Context) (*state, error) {
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
		},
	})
	w.chain = supervisor.New("chain", supervisor.Spec{
		Strategy: supervisor.RestForOne, MaxRestarts: supervisor.Unlimited,
		Children: []supervisor.Child{
			{Service: w.batched.service},
			{Service: w.fixed("oldest", actor.WithCapacity(4), actor.WithOverflow(actor.DropOldest)).service, Backoff: backoff},
			{Service: w.fixed("around", actor.WithInterceptor(w.interceptor)).service},
		},
	})
	w.dynamic = supervisor.New("dynamic", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited,
		Template:    &supervisor.Child{Restart: supervisor.Transient, Shutdown: 100 * time.Millisecond, Backoff: backoff},
	})
	w.root = supervisor.New("storm", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited,
		Logger:      w.logger,
		OnEvent:     func(e supervisor.Event) { w.hook(uint64(e.Kind)) },
		Shutdown:    20 * time.Second,
		Children: []supervisor.Child{
			{Service: plain},
			{Service: bounded},
			{Service: w.fixed("seen", actor.WithHistory(16), actor.WithTimes(), actor.WithSlowClosure(time.Millisecond)).service},
			{Service: w.pool},
			{Service: w.group},
			{Service: w.chain},
			{Service: w.dynamic},
		},
	})
	if err := w.root.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return w
}

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
		if w.numbers.Add(1)%50 == 0 {
			return nil, w.values.failure(uint64(w.numbers.Load()))
		}
		return &state{of: to}, nil
	}, w.options(name, more...)...)
	to.ref = to.service
	return to
}

// fixed makes a service of the tree; it is up when the tree has started.
func (w *world) fixed(name string, more ...actor.Option) *target {
	to := &target{name: name}
	to.service = actor.New(func(context.Context) (*state, error) { return &state{of: to}, nil }, w.options(name, more...)...)
	to.ref = to.service
	w.join(to)
	return to
}

// join has closures sent to a target. Of those that are no part of the tree, the oldest is
// forgotten when there are many.
func (w *world) join(to *target) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.all = append(w.all, to)
	w.targets = append(w.targets, to)
	if len(w.targets) > 20 {
		w.targets = append(w.targets[:12], w.targets[13:]...)
	}
}

// target returns one of them.
func (u *worker) target() *target {
	u.lock.Lock()
	defer u.lock.Unlock()
	return u.targets[u.rand.IntN(len(u.targets))]
}

// single returns one that is a service, and not several.
func (u *worker) single() *target {
	for {
		if to := u.target(); to.service != nil {
			return to
		}
	}
}

// letter is the hook of all services.
func (w *world) letter(l actor.DeadLetter) {
	if strings.Contains(l.Func, sentByDo) {
		switch {
		case !l.Refused:
			w.letters.Add(1)
		case !strings.Contains(l.Func, sentByDoContext):
			w.returned.Add(1)
		}
	}
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

func (w *world) recipient(of *actor.Service[state]) *actor.Recipient[int] {
	r, err := actor.NewRecipient(of, w.event)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// event is what is done with a value that a service is sent.
func (w *world) event(s *state, n int) {
	k := ticket{what: "an event", world: w}
	_ = k.run(s, func() error { return nil })
}

// interceptor refuses some closures, and misbehaves with some.
func (w *world) interceptor(_ actor.Closure, run func() error) error {
	switch n := uint64(w.numbers.Add(1)); n % 16 {
	case 0:
		return w.values.failure(n / 16)
	case 1:
		go func() { _ = run() }() // too late, or elsewhere
		return errPlain
	}
	return run()
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
		w.hangs("to stop the tree")
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
			w.hangs(fmt.Sprintf("the end of %s", to.name))
			return
		}
	}
	for _, s := range []*supervisor.Supervisor{w.root, w.group, w.chain, w.dynamic} {
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
