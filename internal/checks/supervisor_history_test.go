package checks

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// Random histories of starts, crashes, stops and administration, against the model.

// scripted is a child of the real supervisor, with the same script as a kid.
type scripted interface {
	Serve(ctx context.Context) error
	end(err error)     // it is up
	fail(errs []error) // at its next starts
	lived() (lives int)
}

// actual is a child that is no service.
type actual struct {
	mu     sync.Mutex
	fails  []error
	lives  int
	orders chan error
}

// SignalsReady says that it tells when it is up.
func (*actual) SignalsReady() bool { return true }

func (a *actual) Serve(ctx context.Context) error {
	a.mu.Lock()
	a.lives++
	if len(a.fails) > 0 {
		err := a.fails[0]
		a.fails = a.fails[1:]
		a.mu.Unlock()
		return err
	}
	a.mu.Unlock()
	supervisor.Ready(ctx)
	select {
	case err := <-a.orders:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (a *actual) end(err error) { a.orders <- err }

func (a *actual) fail(errs []error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fails = errs
}

func (a *actual) lived() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lives
}

// served is a child that is a service, so that its steps are the simulation's.
type served struct {
	*actor.Service[struct{}]
	script actual
}

func newServed() *served {
	s := &served{}
	s.Service = actor.New(func(context.Context) (*struct{}, error) {
		s.script.mu.Lock()
		defer s.script.mu.Unlock()
		s.script.lives++
		if len(s.script.fails) > 0 {
			err := s.script.fails[0]
			s.script.fails = s.script.fails[1:]
			return nil, err
		}
		return &struct{}{}, nil
	}, actor.WithLogger(slog.New(slog.DiscardHandler)))
	return s
}

func (s *served) end(err error) {
	_ = s.DoContext(context.Background(), func(ctx context.Context, _ *struct{}) { actor.Exit(ctx, err) })
}

func (s *served) fail(errs []error) { s.script.fail(errs) }

func (s *served) lived() int { return s.script.lived() }

// chronicle is a run of the real thing beside the model.
type chronicle struct {
	world
	m    *tree
	sup  *supervisor.Supervisor
	made int // children, for their names
}

// world is where a chronicle takes place: in a bubble, or in a simulation, which has the steps
// inside of the supervisor and of its children in other orders.
type world struct {
	between func(name string, least, most int) int // draws a number
	fatalf  func(format string, args ...any)
	quiet   func() // waits until there is nothing to do
	sleep   func(time.Duration)
	child   func() scripted
}

// oneOf draws one of them.
func oneOf[E any](w world, name string, all ...E) E { return all[w.between(name, 0, len(all)-1)] }

func (w world) coin(name string) bool { return w.between(name, 0, 1) == 1 }

const step = time.Second

func (h *chronicle) child(auto supervisor.AutoShutdown) supervisor.Child {
	c := supervisor.Child{
		Name:    fmt.Sprint("c", h.made),
		Service: h.world.child(),
		Restart: supervisor.Restart(h.between("restart type", 0, 2)),
	}
	h.made++
	if auto != supervisor.Never && c.Restart != supervisor.Permanent {
		c.Significant = h.coin("significant")
	}
	if h.coin("with a backoff") {
		c.Backoff = &supervisor.Backoff{Min: step, Max: 4 * step}
	}
	return c
}

func (h *chronicle) spec() supervisor.Spec {
	s := supervisor.Spec{
		Strategy:     supervisor.Strategy(h.between("strategy", 0, 2)),
		MaxRestarts:  oneOf(h.world, "restarts", supervisor.NoRestarts, 1, 2, 4, 8, supervisor.Unlimited),
		Period:       oneOf(h.world, "period", step, 5*step, 50*step),
		AutoShutdown: supervisor.AutoShutdown(h.between("auto shutdown", 0, 2)),
		Decider:      decider,
		Logger:       slog.New(slog.DiscardHandler),
	}
	for range h.between("children", 1, 5) {
		s.Children = append(s.Children, h.child(s.AutoShutdown))
	}
	return s
}

// errorsOf draws how starts fail.
func (h *chronicle) errorsOf() (all []error) {
	for range h.between("fails", 0, 3) {
		all = append(all, oneOf(h.world, "with", errFailure, errFailure, errStop, errInsist))
	}
	return all
}

// any draws the name of a child, which may not exist.
func (h *chronicle) any() string {
	return fmt.Sprint("c", h.between("child", 0, h.made))
}

// act does one thing to both.
func (h *chronicle) act() {
	ctx := context.Background()
	switch h.between("action", 0, 9) {
	case 0, 1, 2, 3: // a child ends
		k := h.m.find(h.any())
		if k == nil || k.state != supervisor.Up {
			return
		}
		err := oneOf(h.world, "with", nil, errFailure, errFailure, errFailure, errFailure, errStop, errInsist, errEscalate)
		k.spec.Service.(scripted).end(err)
		h.m.exit(k, err, true)
	case 4:
		k := h.m.find(h.any())
		if k == nil {
			return
		}
		k.fails = h.errorsOf()
		k.spec.Service.(scripted).fail(k.fails)
	case 5:
		c, fails := h.child(h.m.spec.AutoShutdown), h.errorsOf()
		if h.between("clash", 0, 9) == 0 {
			c.Name = h.any()
		}
		c.Service.(scripted).fail(fails)
		h.expect("Add", h.sup.Add(ctx, c), h.m.add(c, fails))
	case 6:
		name := h.any()
		h.expect("Terminate", h.sup.Terminate(ctx, name), h.m.terminate(name))
	case 7:
		name := h.any()
		h.expect("Restart", h.sup.Restart(ctx, name), h.m.restart(name))
	case 8:
		name := h.any()
		h.expect("Remove", h.sup.Remove(ctx, name), h.m.forget(name))
	case 9:
		d := time.Duration(h.between("half steps", 1, 12)) * step / 2
		h.sleep(d)
		h.m.advance(d)
	}
}

func (h *chronicle) expect(what string, got, want error) {
	if want == nil && got != nil || want != nil && !errors.Is(got, want) {
		h.fatalf("%s = %v, want %v", what, got, want)
	}
}

// compare looks whether both are the same.
func (h *chronicle) compare() {
	h.quiet()
	if h.m.over != "" {
		h.ended()
		return
	}
	var b strings.Builder
	for _, c := range h.sup.Children() {
		fmt.Fprintf(&b, "%s:%v(%d lives, %d restarts) ", c.Name, c.State, c.Service.(scripted).lived(), c.Restarts)
	}
	if got, want := b.String(), h.m.String(); got != want {
		h.fatalf("children\n\t%s\nwant\n\t%s\nerr %v", got, want, h.sup.Err())
	}
}

// ended looks whether the real one has ended as the model has.
func (h *chronicle) ended() {
	select {
	case <-h.sup.Done():
	default:
		h.fatalf("it is to have %s, and runs", h.m.over)
	}
	var gaveUp *supervisor.GaveUpError
	if err := h.sup.Err(); errors.As(err, &gaveUp) != (h.m.over == "gave up") || (h.m.over == "shut down") != (err == nil) {
		h.fatalf("it has %s, and Err() = %v", h.m.over, err)
	}
	h.expect("Terminate", h.sup.Terminate(context.Background(), "c0"), supervisor.ErrNotRunning)
	for _, c := range h.sup.Children() {
		if c.State == supervisor.Up || c.State == supervisor.Starting || c.State == supervisor.Stopping {
			h.fatalf("%s is %v", c.Name, c.State)
		}
	}
}

func TestSUPRandomHistories(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		defer f.Value.Set(f.DefValue)
		f.Value.Set("2000") // some of the faults that were found so needed ten thousand
	}
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			draw := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(t, name) }
			h := &chronicle{world: world{draw, t.Fatalf, synctest.Wait, time.Sleep, func() scripted { return &actual{orders: make(chan error)} }}}
			h.unfolds(context.Background())
		})
	})
}

// unfolds has a history happen to both, and compares them after each act.
func (h *chronicle) unfolds(ctx context.Context) {
	spec := h.spec()
	h.m, h.sup = newTree(spec), supervisor.New("root", spec)
	if err := h.sup.Start(ctx); err != nil {
		h.fatalf("Start = %v", err)
	}
	defer h.sup.Stop(context.Background())
	for range h.between("length", 1, 40) {
		h.act()
		h.compare()
		if h.m.over != "" {
			return
		}
	}
	if err := h.sup.Stop(context.Background()); err != nil {
		h.fatalf("Stop = %v", err)
	}
}

// Whatever the order of steps is inside, what has come of each act is what the model says.
func TestSUPRandomHistoriesUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		luck := s.Rand("history")
		draw := func(_ string, least, most int) int { return least + luck.IntN(most-least+1) }
		h := &chronicle{world: world{draw, s.Fatalf, s.Settle, s.Sleep, func() scripted { return newServed() }}}
		h.unfolds(s.Context())
		s.Sometimes("it gives up", h.m.over == "gave up")
		s.Sometimes("it shuts down", h.m.over == "shut down")
	}, sim.Check())
}
