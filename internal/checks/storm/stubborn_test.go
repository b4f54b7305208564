package storm

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
)

// stubborn are operations on a service, or a tree, of which something does not return before the
// end of the world: what ends them, or asks them, does not wait for it. strange are those that wait
// for a second, which is how long a supervisor waits for an answer.
var stubborn, strange []operation

// place is where a stubborn service has code that does not return.
type place int

const (
	nowhere place = iota
	inBuild       // for a service that is served
	inClosure
	inPanic // in the methods of the value
	inError // in the methods of what ends the incarnation
	inClose
	inWork // of Pipe
	inInterceptor
	inHook
	inLogger
	places
)

// placed says it in words.
var placed = [places]string{"nothing", "a constructor", "a closure", "a panic's value", "an error", "a Close", "Pipe's work",
	"an interceptor", "a hook", "a logger"}

// closing is a state with a Close.
type closing struct{ close func() }

func (c *closing) Close() error { c.close(); return nil }

// stubbornly is a stubborn service.
type stubbornly struct {
	at    place
	holds func()
	gate  chan struct{} // closed when all is queued
	above string        // what of the supervisor does not return either
}

// does marks what is done with it now.
func (b *stubbornly) does(u *worker, what string, most time.Duration) {
	what += ", where " + placed[b.at] + " does not return"
	if b.above != "" {
		what += ", nor " + b.above
	}
	u.mark(what, most)
}

func (u *worker) stubbornly() *stubbornly {
	return &stubbornly{at: place(u.intN(int(places))), holds: u.values.hold(), gate: make(chan struct{})}
}

// acts does not return if this is the place.
func (b *stubbornly) acts(at place) {
	if b.at == at {
		b.holds()
	}
}

func (b *stubbornly) build() (*closing, error) {
	b.acts(inBuild)
	return &closing{func() { b.acts(inClose) }}, nil
}

func (b *stubbornly) logger() *slog.Logger {
	if b.at != inLogger {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(&hostile.Handler{Manner: hostile.Manner{Act: b.holds}})
}

func (b *stubbornly) options(name string) []actor.Option {
	return []actor.Option{
		actor.WithName(name), actor.WithLogger(b.logger()),
		actor.WithDeadLetters(func(actor.DeadLetter) { b.acts(inHook) }),
		actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
			b.acts(inInterceptor)
			return run()
		}),
	}
}

// load queues some closures, of which the first does what the service is stubborn by. None is
// refused: the sender would wait for the hook.
func (b *stubbornly) load(s *actor.Service[closing]) {
	if b.at == inWork {
		_ = actor.Pipe(s, func(context.Context) (int, error) { b.holds(); return 0, nil }, func(*closing, int, error) {})
	}
	bad := &hostile.Error{Manner: hostile.Manner{Act: b.holds}}
	_ = s.DoContext(context.Background(), func(ctx context.Context, _ *closing) {
		<-b.gate
		b.acts(inClosure)
		switch b.at {
		case inPanic:
			panic(bad)
		case inError:
			actor.Exit(ctx, bad)
		}
	})
	for range 3 {
		_ = s.Do(func(*closing) { runtime.Gosched() })
	}
	close(b.gate)
}

// stubbornService ends a service that is not served by a supervisor.
func (u *worker) stubbornService() {
	b, kill, limit := u.stubbornly(), u.rarely(2), u.moment()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	s := actor.Start(&closing{func() { b.acts(inClose) }}, b.options("stubborn")...)
	b.does(u, "Do", atOnce)
	b.load(s)
	if b.at != inHook && b.at != inLogger {
		b.does(u, "Call", inContext)
		_, _ = actor.Get(ctx, s, func(*closing) int { return 0 })
	}
	if kill {
		b.does(u, "Kill", atOnce)
		s.Kill()
	} else {
		b.does(u, "Stop", limit)
		_ = s.Stop(ctx)
	}
	b.does(u, "Done", limit)
	<-s.Done()
}

// stubbornTree ends a tree with a stubborn service, whose own hook and logger may be so too.
func (u *worker) stubbornTree() {
	b, above, kill, limit := u.stubbornly(), u.intN(4), u.rarely(4), u.moment()
	s := actor.New(func(context.Context) (*closing, error) { return b.build() }, b.options("stubborn")...)
	spec := supervisor.Spec{
		Strategy: one(u, supervisor.OneForOne, supervisor.OneForAll), Logger: slog.New(slog.DiscardHandler),
		Children: []supervisor.Child{{Service: s, Shutdown: one(u, supervisor.AtOnce, u.moment(), time.Hour)}},
	}
	switch above {
	case 0:
		b.above = "an OnEvent"
		spec.OnEvent = func(supervisor.Event) { b.holds() }
	case 1:
		b.above = "the supervisor's logger"
		spec.Logger = slog.New(&hostile.Handler{Manner: hostile.Manner{Act: b.holds}})
	}
	root := supervisor.New("tree", spec)
	ctx, cancel := context.WithTimeout(context.Background(), inContext)
	defer cancel()
	b.does(u, "Do of a service that is not served yet", atOnce)
	b.load(s)
	b.does(u, "Start of a tree", inContext)
	_ = root.Start(ctx)
	b.does(u, "Snapshot of a tree", atOnce)
	root.Snapshot()
	if kill {
		b.does(u, "Kill of a service", atOnce)
		s.Kill()
	}
	short, end := context.WithTimeout(context.Background(), limit)
	defer end()
	b.does(u, "Terminate of a service", limit)
	_ = root.Terminate(short, "stubborn")
	b.does(u, "Stop of a tree", limit)
	_ = root.Stop(short)
	b.does(u, "Done of a tree", limit)
	<-root.Done()
	b.does(u, "Stop of a service whose tree is down", limit) // it could be served again
	_ = s.Stop(short)
	b.does(u, "Done of a service whose tree is down", limit)
	<-s.Done()
}

// odd is a child that is not the library's. One of its methods does not return.
type odd struct {
	which  int
	holds  func()
	starts atomic.Int32
	again  chan struct{} // closed at the second start
}

// oddities is how many methods it has that a supervisor asks.
const oddities = 6

func (o *odd) acts(which int) {
	if o.which == which {
		o.holds()
	}
}

func (o *odd) Name() string          { o.acts(0); return "odd" }
func (o *odd) SignalsReady() bool    { o.acts(1); return false }
func (o *odd) Done() <-chan struct{} { o.acts(2); return nil }
func (o *odd) Info() actor.Info      { o.acts(3); return actor.Info{} }
func (o *odd) CutOff(bool) string    { o.acts(4); return "" }
func (o *odd) Abandon()              { o.acts(5) }

// Serve fails the first time.
func (o *odd) Serve(ctx context.Context) error {
	if o.starts.Add(1) == 1 {
		return errPlain
	}
	close(o.again) // there is no third one
	<-ctx.Done()
	if o.which == 4 {
		o.holds() // or there would be nothing to be cut off
	}
	return ctx.Err()
}

// strangeChild has a tree with one, and a Backoff.Rand that does not return: the tree comes
// up, the child is restarted, and the tree is stopped, a second later for each.
func (u *worker) strangeChild() {
	o := &odd{which: u.intN(oddities), holds: u.values.hold(), again: make(chan struct{})}
	blocks := u.values.hold()
	u.mark("New of a tree with a child whose methods do not return", inSome)
	root := supervisor.New("strange", supervisor.Spec{
		Logger: slog.New(slog.DiscardHandler), MaxRestarts: supervisor.Unlimited,
		Children: []supervisor.Child{{Service: o, Shutdown: u.moment(), Backoff: &supervisor.Backoff{
			Min: time.Millisecond, Max: time.Millisecond, Jitter: 1, Rand: func() float64 { blocks(); return 0 },
		}}},
	})
	u.mark("Start of a tree with a child whose methods do not return", 3*inSome)
	if err := root.Start(context.Background()); err != nil {
		if o.which != 0 { // the child has no name then
			u.t.Errorf("a tree whose child's methods do not return: %v", err)
		}
		return
	}
	u.mark("a restart of a child whose Backoff.Rand does not return", 2*inSome)
	<-o.again
	u.mark("Snapshot with a child whose Info does not return", inSome)
	root.Snapshot()
	u.mark("Stop of a tree with a child whose methods do not return", 2*inSome)
	ctx, cancel := context.WithTimeout(context.Background(), inContext)
	defer cancel()
	_ = root.Stop(ctx)
	u.mark("Done of a tree with a child whose methods do not return", 2*inSome)
	<-root.Done()
}
