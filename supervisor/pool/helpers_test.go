package pool_test

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// silent is for trees that log what a test provokes, and quiet for services.
var silent = slog.New(slog.DiscardHandler)

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
	return pool.NewWith(n, build, spec, append([]actor.Option{actortest.Quiet()}, opts...)...)
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

// eventually waits until something is the case.
func eventually(f func() bool) {
	for !f() {
		runtime.Gosched()
	}
}
