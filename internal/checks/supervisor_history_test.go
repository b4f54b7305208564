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

	"github.com/bruskajp/nano_services/supervisor"
)

// Random histories of starts, crashes, stops and administration, against the model.

// actual is a child of the real supervisor, with the same script as a kid.
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

// chronicle is a run of the real thing beside the model.
type chronicle struct {
	t    *rapid.T
	m    *tree
	sup  *supervisor.Supervisor
	made int // children, for their names
}

const step = time.Second

func (h *chronicle) child(auto supervisor.AutoShutdown) supervisor.Child {
	c := supervisor.Child{
		Name:    fmt.Sprint("c", h.made),
		Service: &actual{orders: make(chan error)},
		Restart: supervisor.Restart(rapid.IntRange(0, 2).Draw(h.t, "restart type")),
	}
	h.made++
	if auto != supervisor.Never && c.Restart != supervisor.Permanent {
		c.Significant = rapid.Bool().Draw(h.t, "significant")
	}
	if rapid.Bool().Draw(h.t, "with a backoff") {
		c.Backoff = &supervisor.Backoff{Min: step, Max: 4 * step}
	}
	return c
}

func (h *chronicle) spec() supervisor.Spec {
	s := supervisor.Spec{
		Strategy: supervisor.Strategy(rapid.IntRange(0, 2).Draw(h.t, "strategy")),
		MaxRestarts: rapid.SampledFrom([]int{supervisor.NoRestarts, 1, 2, 4, 8,
			supervisor.Unlimited}).Draw(h.t, "restarts"),
		Period:       rapid.SampledFrom([]time.Duration{step, 5 * step, 50 * step}).Draw(h.t, "period"),
		AutoShutdown: supervisor.AutoShutdown(rapid.IntRange(0, 2).Draw(h.t, "auto shutdown")),
		Decider:      decider,
		Logger:       slog.New(slog.DiscardHandler),
	}
	for range rapid.IntRange(1, 5).Draw(h.t, "children") {
		s.Children = append(s.Children, h.child(s.AutoShutdown))
	}
	return s
}

// errorsOf draws how starts fail.
func (h *chronicle) errorsOf() []error {
	return rapid.SliceOfN(rapid.SampledFrom([]error{errFailure, errFailure, errStop, errInsist}), 0, 3).Draw(h.t, "fails")
}

// any draws the name of a child, which may not exist.
func (h *chronicle) any() string {
	return fmt.Sprint("c", rapid.IntRange(0, h.made).Draw(h.t, "child"))
}

// act does one thing to both.
func (h *chronicle) act() {
	ctx := context.Background()
	switch rapid.IntRange(0, 9).Draw(h.t, "action") {
	case 0, 1, 2, 3: // a child ends
		k := h.m.find(h.any())
		if k == nil || k.state != supervisor.Up {
			return
		}
		err := rapid.SampledFrom([]error{nil, errFailure, errFailure, errFailure, errFailure, errStop,
			errInsist, errEscalate}).Draw(h.t, "with")
		k.spec.Service.(*actual).orders <- err
		h.m.exit(k, err, true)
	case 4:
		k := h.m.find(h.any())
		if k == nil {
			return
		}
		k.fails = h.errorsOf()
		a := k.spec.Service.(*actual)
		a.mu.Lock()
		a.fails = k.fails
		a.mu.Unlock()
	case 5:
		c, fails := h.child(h.m.spec.AutoShutdown), h.errorsOf()
		if rapid.IntRange(0, 9).Draw(h.t, "clash") == 0 {
			c.Name = h.any()
		}
		c.Service.(*actual).fails = fails
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
		d := time.Duration(rapid.IntRange(1, 12).Draw(h.t, "half steps")) * step / 2
		time.Sleep(d)
		h.m.advance(d)
	}
}

func (h *chronicle) expect(what string, got, want error) {
	if want == nil && got != nil || want != nil && !errors.Is(got, want) {
		h.t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// compare looks whether both are the same.
func (h *chronicle) compare() {
	synctest.Wait()
	if h.m.over != "" {
		h.ended()
		return
	}
	var b strings.Builder
	for _, c := range h.sup.Children() {
		a := c.Service.(*actual)
		a.mu.Lock()
		fmt.Fprintf(&b, "%s:%v(%d lives, %d restarts) ", c.Name, c.State, a.lives, c.Restarts)
		a.mu.Unlock()
	}
	if got, want := b.String(), h.m.String(); got != want {
		h.t.Fatalf("children\n\t%s\nwant\n\t%s\nerr %v", got, want, h.sup.Err())
	}
}

// ended looks whether the real one has ended as the model has.
func (h *chronicle) ended() {
	select {
	case <-h.sup.Done():
	default:
		h.t.Fatalf("it is to have %s, and runs", h.m.over)
	}
	var gaveUp *supervisor.GaveUpError
	if err := h.sup.Err(); errors.As(err, &gaveUp) != (h.m.over == "gave up") || (h.m.over == "shut down") != (err == nil) {
		h.t.Fatalf("it has %s, and Err() = %v", h.m.over, err)
	}
	h.expect("Terminate", h.sup.Terminate(context.Background(), "c0"), supervisor.ErrNotRunning)
	for _, c := range h.sup.Children() {
		if c.State == supervisor.Up || c.State == supervisor.Starting || c.State == supervisor.Stopping {
			h.t.Fatalf("%s is %v", c.Name, c.State)
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
			h := &chronicle{t: t}
			spec := h.spec()
			h.m, h.sup = newTree(spec), supervisor.New("root", spec)
			if err := h.sup.Start(context.Background()); err != nil {
				t.Fatalf("Start = %v", err)
			}
			defer h.sup.Stop(context.Background())
			for range rapid.IntRange(1, 40).Draw(t, "length") {
				h.act()
				h.compare()
				if h.m.over != "" {
					return
				}
			}
			if err := h.sup.Stop(context.Background()); err != nil {
				t.Fatalf("Stop = %v", err)
			}
		})
	})
}
