package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
)

// quiet is for trees that log what a test provokes.
var quiet = slog.New(slog.DiscardHandler)

var errCrash = errors.New("crash")

// journal records events, as lines such as "exited root/db: crash".
type journal struct {
	mu     sync.Mutex
	events []supervisor.Event
}

func (j *journal) add(e supervisor.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
}

// take returns what has come since the last time.
func (j *journal) take() []supervisor.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	es := j.events
	j.events = nil
	return es
}

func line(e supervisor.Event) string {
	s := e.Kind.String() + " " + e.Path
	if e.Kind == supervisor.Restarting {
		s += fmt.Sprintf(" (%d)", e.Restarts)
		if e.Delay > 0 {
			s += fmt.Sprintf(" in %v", e.Delay)
		}
	} else if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// expect compares the events since the last time with the lines wanted.
func (j *journal) expect(t testing.TB, want ...string) {
	t.Helper()
	synctest.Wait()
	var got []string
	for _, e := range j.take() {
		got = append(got, line(e))
	}
	if !slices.Equal(got, want) {
		t.Errorf("events\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// logged is a Spec that reports to j and is quiet otherwise.
func logged(j *journal, s supervisor.Spec) supervisor.Spec {
	s.Logger = quiet
	if j != nil {
		s.OnEvent = j.add
	}
	return s
}

func children(cs ...supervisor.Child) supervisor.Spec {
	return supervisor.Spec{Logger: quiet, Children: cs}
}

// fewGoroutines returns when those that tests before have left are so few that the stack of
// one can be afforded: they are about to end.
func fewGoroutines() {
	for runtime.NumGoroutine() > 500 {
		runtime.Gosched()
	}
}

// start is a Start that has to succeed.
func start(t testing.TB, s *supervisor.Supervisor) {
	t.Helper()
	if err := s.Start(t.Context()); err != nil {
		t.Fatalf("Start = %v", err)
	}
}

// stop is a Stop that has to succeed.
func stop(t testing.TB, s interface{ Stop(context.Context) error }) {
	t.Helper()
	actortest.Stop(t, s)
}

// states returns the children's states, such as "a:up b:waiting".
func states(s *supervisor.Supervisor) string {
	var all []string
	for _, c := range s.Children() {
		all = append(all, c.Name+":"+c.State.String())
	}
	return strings.Join(all, " ")
}

func expectStates(t testing.TB, s *supervisor.Supervisor, want string) {
	t.Helper()
	synctest.Wait()
	if got := states(s); got != want {
		t.Errorf("states %s\nwant   %s", got, want)
	}
}

// pending runs f on a goroutine and returns where its result comes.
func pending(f func() error) <-chan error {
	c := make(chan error, 1)
	go func() { c <- f() }()
	return c
}

// calling makes a call that does nothing, on a goroutine, and returns where its error
// comes.
func calling(svc *actor.Service[number]) <-chan error {
	return pending(func() error {
		return svc.Run(context.Background(), func(*number) error { return nil })
	})
}

// puppet is a child that does what a test tells it. The zero value is not usable.
type puppet struct {
	awaits bool          // it is up when told to be
	slow   time.Duration // this long it takes to end when it is told to

	mu      sync.Mutex
	lives   int
	fails   int // so many of the next lives end at once with errCrash
	orders  chan func(context.Context) error
	waits   chan struct{} // closed to free it; nil unless it ignores its context
	running int
}

func newPuppet() *puppet { return &puppet{orders: make(chan func(context.Context) error)} }

func (p *puppet) SignalsReady() bool { return p.awaits }

func (p *puppet) Serve(ctx context.Context) error {
	return p.live(ctx, func() {})
}

// live calls up when it is known that this life does not fail at once.
func (p *puppet) live(ctx context.Context, up func()) error {
	p.mu.Lock()
	p.lives++
	failing := p.fails > 0
	if failing {
		p.fails--
	}
	p.running++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.running--
		p.mu.Unlock()
	}()
	if failing {
		return errCrash
	}
	up()
	for {
		select {
		case order := <-p.orders:
			if err := order(ctx); err != errGoOn {
				return err
			}
		case <-ctx.Done():
			return p.end()
		}
	}
}

func (p *puppet) end() error {
	p.mu.Lock()
	waits, slow := p.waits, p.slow
	p.mu.Unlock()
	if waits != nil {
		<-waits
	}
	time.Sleep(slow)
	return nil
}

// errGoOn is what an order returns that does not end the puppet.
var errGoOn = errors.New("go on")

func (p *puppet) crash()            { p.exit(errCrash) }
func (p *puppet) exit(err error)    { p.orders <- func(context.Context) error { return err } }
func (p *puppet) panics(v any)      { p.orders <- func(context.Context) error { panic(v) } }
func (p *puppet) do(f func() error) { p.orders <- func(context.Context) error { return f() } }
func (p *puppet) ready() {
	p.orders <- func(ctx context.Context) error { supervisor.Ready(ctx); return errGoOn }
}
func (p *puppet) failNext(lives int) { p.mu.Lock(); p.fails = lives; p.mu.Unlock() }

// hang has it ignore its context, until it is freed.
func (p *puppet) hang() (free func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waits := make(chan struct{})
	p.waits = waits
	return func() {
		p.mu.Lock()
		p.waits = nil
		p.mu.Unlock()
		close(waits)
	}
}

// born returns how often it was served so far.
func (p *puppet) born() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lives
}

// expectLives compares how often each was served.
func expectLives(t testing.TB, want []int, ps ...*puppet) {
	t.Helper()
	synctest.Wait()
	var got []int
	for _, p := range ps {
		got = append(got, p.born())
	}
	if !slices.Equal(got, want) {
		t.Errorf("lives %v, want %v", got, want)
	}
}

// trio is a supervisor called root with the puppets a, b and c, which runs.
func trio(t *testing.T, j *journal, spec supervisor.Spec, adjust ...func(i int, c *supervisor.Child)) (
	root *supervisor.Supervisor, ps [3]*puppet) {
	t.Helper()
	for i, name := range []string{"a", "b", "c"} {
		ps[i] = newPuppet()
		c := supervisor.Child{Name: name, Service: ps[i]}
		for _, f := range adjust {
			f(i, &c)
		}
		spec.Children = append(spec.Children, c)
	}
	root = supervisor.New("root", logged(j, spec))
	start(t, root)
	synctest.Wait()
	if j != nil {
		j.take()
	}
	return root, ps
}

// number is the T of services in trees: how many closures it has run.
type number struct{ n int }

func build(context.Context) (*number, error) { return new(number), nil }

func (n *number) next() int { n.n++; return n.n }

// service is a declared one that logs nothing.
func service(name string, opts ...actor.Option) *actor.Service[number] {
	return actor.New(build, append(opts, actor.WithName(name), actor.WithLogger(quiet))...)
}
