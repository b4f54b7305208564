package pool_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// silent is for trees that log what a test provokes, and quiet for services.
var silent = slog.New(slog.DiscardHandler)

func quiet() actor.Option { return actor.WithLogger(silent) }

// worker is a T of pools that knows its number, from 1 in the order of construction.
type worker struct {
	number int64
	done   int
}

func workers() func(context.Context) (*worker, error) {
	var made atomic.Int64
	return func(context.Context) (*worker, error) { return &worker{number: made.Add(1)}, nil }
}

func (w *worker) who() int64 { return w.number }

// newPool declares a pool that logs nothing.
func newPool(n int, build func(context.Context) (*worker, error), spec supervisor.Spec, opts ...actor.Option) *pool.Pool[worker] {
	spec.Logger = silent
	return pool.NewWith(n, build, spec, append([]actor.Option{quiet()}, opts...)...)
}

// staff is a pool that is up.
func staff(t testing.TB, n int, opts ...actor.Option) *pool.Pool[worker] {
	t.Helper()
	return started(t, newPool(n, workers(), supervisor.Spec{}, opts...))
}

func started(t testing.TB, p *pool.Pool[worker]) *pool.Pool[worker] {
	t.Helper()
	if err := p.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return p
}

// stop is a Stop that has to succeed.
func stop(t testing.TB, svc interface{ Stop(context.Context) error }) {
	t.Helper()
	if err := svc.Stop(context.Background()); err != nil {
		t.Errorf("Stop = %v", err)
	}
}

// serve has another goroutine call Serve, once, and returns where its result comes.
func serve(ctx context.Context, svc interface{ Serve(context.Context) error }) <-chan error {
	served := make(chan error, 1)
	go func() { served <- svc.Serve(ctx) }()
	return served
}

// occupyAll has each member run a blocker, and returns when they do.
func occupyAll(t testing.TB, p *pool.Pool[worker]) (letGo func()) {
	t.Helper()
	started, release := make(chan struct{}), make(chan struct{})
	n := p.Broadcast(func(*worker) { started <- struct{}{}; <-release })
	for range n {
		<-started
	}
	return sync.OnceFunc(func() { close(release) })
}

// info adds up the numbers of the members.
func info(p *pool.Pool[worker]) (sum actor.Info) {
	for _, m := range p.Members() {
		i := m.Info()
		sum.Accepted += i.Accepted
		sum.Executed += i.Executed
		sum.Dead += i.Dead
		sum.Skipped += i.Skipped
		sum.Queued += i.Queued
		sum.Running += i.Running
		sum.Refused += i.Refused
	}
	return sum
}

// balanced checks the sum of L3. Nothing may be sent meanwhile.
func balanced(t testing.TB, i actor.Info) {
	t.Helper()
	if i.Accepted != i.Executed+i.Dead+i.Skipped+uint64(i.Queued)+uint64(i.Running) {
		t.Errorf("the numbers do not add up: %+v", i)
	}
}

// eventually waits until something is the case.
func eventually(f func() bool) {
	for !f() {
		runtime.Gosched()
	}
}

// misuse runs functions each of which is to panic with a package's prefix and with what
// it is called.
func misuse(t *testing.T, prefix string, all map[string]func()) {
	t.Helper()
	for name, f := range all {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, prefix+": ") || !strings.Contains(v, name) {
					t.Errorf("panic %q", v)
				}
			}()
			f()
		})
	}
}
