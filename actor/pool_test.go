package actor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

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

// staff is a pool that is served by a goroutine, and where that Serve's error comes.
func staff(t testing.TB, n int, opts ...actor.Option) (*actor.Pool[worker], <-chan error) {
	t.Helper()
	pool := actor.NewPool(n, workers(), append([]actor.Option{quiet()}, opts...)...)
	return pool, serve(context.Background(), pool)
}

// occupyAll has each member run a blocker, and returns when they do.
func occupyAll(t testing.TB, pool *actor.Pool[worker]) (letGo func()) {
	t.Helper()
	started, release := make(chan struct{}), make(chan struct{})
	n := pool.Broadcast(func(*worker) { started <- struct{}{}; <-release })
	for range n {
		<-started
	}
	return sync.OnceFunc(func() { close(release) })
}

// accepts waits until others have had the pool accept n closures more, unless the test
// has failed already.
func accepts(t testing.TB, pool *actor.Pool[worker], n uint64) {
	t.Helper()
	for until := pool.Info().Accepted + n; pool.Info().Accepted < until && !t.Failed(); {
		runtime.Gosched()
	}
}

func TestPoolGoesToTheLeastLoaded(t *testing.T) {
	pool, served := staff(t, 3)
	letGo := occupyAll(t, pool)
	for range 9 {
		if err := pool.Do(func(w *worker) { w.done++ }); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range pool.Members() {
		if i.Queued != 3 {
			t.Errorf("%s has %d waiting: want 3", i.Name, i.Queued)
		}
	}
	letGo()
	stop(t, pool)
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	i := pool.Info()
	if i.Executed != 12 || i.State != actor.Ended {
		t.Errorf("Info = %+v", i)
	}
	balanced(t, i)
}

// A pool is accepted wherever a service is asked for its answer.
func TestPoolIsARef(t *testing.T) {
	pool, served := staff(t, 2)
	ctx := context.Background()
	boom := errors.New("boom")
	if _, err := actor.Call(ctx, pool, func(*worker) (int, error) { return 0, boom }); err != boom {
		t.Errorf("Call = %v", err)
	}
	if n, err := actor.Get(ctx, pool, (*worker).who); n == 0 || err != nil {
		t.Errorf("Get = %d, %v", n, err)
	}
	if n, err := actor.CallContext(ctx, pool, func(ctx context.Context, w *worker) (int64, error) {
		return actor.Get(ctx, pool, (*worker).who) // by the other one
	}); n == 0 || err != nil {
		t.Errorf("CallContext = %d, %v", n, err)
	}
	if n, err := actor.Async(pool, func(w *worker) (int64, error) { return w.number, nil }).Await(ctx); n == 0 || err != nil {
		t.Errorf("Async = %d, %v", n, err)
	}
	if err := pool.Run(ctx, func(*worker) error { return boom }); err != boom {
		t.Errorf("Run = %v", err)
	}
	if err := pool.RunContext(ctx, func(context.Context, *worker) error { return boom }); err != boom {
		t.Errorf("RunContext = %v", err)
	}
	ran := make(chan int64)
	if err := pool.DoContext(ctx, func(ctx context.Context, w *worker) { ran <- w.number }); err != nil || <-ran == 0 {
		t.Errorf("DoContext = %v", err)
	}
	stop(t, pool)
	<-served
	<-pool.Done()
	for what, err := range map[string]error{
		"Do":        pool.Do(func(*worker) {}),
		"DoContext": pool.DoContext(ctx, func(context.Context, *worker) {}),
		"Run":       pool.Run(ctx, func(*worker) error { return nil }),
		"Key":       pool.Key("a").Do(func(*worker) {}),
		"Key.Run":   pool.Key("a").Run(ctx, func(*worker) error { return nil }),
		"Resize":    pool.Resize(3),
		"Serve":     pool.Serve(ctx),
	} {
		if !errors.Is(err, actor.ErrStopped) {
			t.Errorf("%s of a stopped pool = %v", what, err)
		}
	}
	_, err := actor.Async(pool, func(w *worker) (int64, error) { return w.number, nil }).Await(ctx)
	if !errors.Is(err, actor.ErrStopped) || actor.OutcomeOf(err) != actor.NotRun {
		t.Errorf("Async of a stopped pool = %v", err)
	}
	if i := pool.Info(); i.Refused != 6 {
		t.Errorf("%d refusals are counted: want 6", i.Refused)
	}
}

func TestL10PoolMemberCallsThePool(t *testing.T) {
	pool, served := staff(t, 3)
	ctx := context.Background()
	// Each one calls the pool, two deep: there is always one that can answer.
	id, err := actor.CallContext(ctx, pool, func(ctx context.Context, w *worker) (int64, error) {
		return actor.CallContext(ctx, pool, func(ctx context.Context, v *worker) (int64, error) {
			if v == w {
				t.Error("a member calls itself")
			}
			return actor.Get(ctx, pool, (*worker).who)
		})
	})
	if id == 0 || err != nil {
		t.Errorf("three that call each other: %d, %v", id, err)
	}
	// Where nobody else is left, that is a deadlock.
	if err := pool.Resize(1); err != nil {
		t.Fatal(err)
	}
	_, err = actor.CallContext(ctx, pool, func(ctx context.Context, w *worker) (int64, error) {
		return actor.Get(ctx, pool, (*worker).who)
	})
	if !errors.Is(err, actor.ErrSelfCall) {
		t.Errorf("the only member calls the pool: %v", err)
	}
	stop(t, pool)
	<-served
}

func TestPoolBroadcastAndGather(t *testing.T) {
	pool, served := staff(t, 4)
	if n := pool.Broadcast(func(w *worker) { w.done++ }); n != 4 {
		t.Errorf("Broadcast = %d", n)
	}
	ctx := context.Background()
	numbers, err := actor.Gather(ctx, pool, func(w *worker) (int64, error) { return w.number * int64(w.done), nil })
	slices.Sort(numbers)
	if err != nil || !slices.Equal(numbers, []int64{1, 2, 3, 4}) {
		t.Errorf("Gather = %v, %v", numbers, err)
	}
	odd := errors.New("odd")
	_, err = actor.Gather(ctx, pool, func(w *worker) (int64, error) {
		if w.number%2 == 1 {
			return 0, odd
		}
		return 0, nil
	})
	if err != odd {
		t.Errorf("Gather with an error = %v", err)
	}
	stop(t, pool)
	<-served
	if _, err := actor.Gather(ctx, pool, func(w *worker) (int64, error) { return 0, nil }); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Gather of a stopped pool = %v", err)
	}
	if n := pool.Broadcast(func(*worker) {}); n != 0 {
		t.Errorf("Broadcast to a stopped pool = %d", n)
	}
}

// Growing and shrinking under load: everything that was accepted runs, and nothing
// is refused.
func TestL3PoolResizeLosesNothing(t *testing.T) {
	pool, served := staff(t, 4)
	var ran, sent atomic.Int64
	var over atomic.Bool
	var senders sync.WaitGroup
	ctx := context.Background()
	send := func(f func(i int) error) {
		senders.Go(func() {
			for i := 0; !over.Load(); i++ {
				if err := f(i); err != nil {
					t.Errorf("not accepted: %v", err)
					return
				}
				sent.Add(1)
			}
		})
	}
	count := func(*worker) { ran.Add(1) }
	counted := func(*worker) error { ran.Add(1); return nil }
	doOrRun := func(i int, do func(func(*worker)) error, run func(context.Context, func(*worker) error) error) error {
		if i%32 == 0 { // so that there is no backlog without an end
			return run(ctx, counted)
		}
		return do(count)
	}
	send(func(i int) error { return doOrRun(i, pool.Do, pool.Run) })
	send(func(int) error { return pool.Run(ctx, counted) })
	send(func(i int) error {
		key := pool.Key(fmt.Sprint(i % 50))
		return doOrRun(i, key.Do, key.Run)
	})
	send(func(i int) error { return pool.KeyNumber(uint64(i)).Run(ctx, counted) })
	for i := range 200 {
		if err := pool.Resize(1 + i*7%6); err != nil {
			t.Fatal(err)
		}
		accepts(t, pool, 50)
	}
	over.Store(true)
	senders.Wait()
	stop(t, pool)
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if ran.Load() != sent.Load() {
		t.Errorf("%d of %d have run", ran.Load(), sent.Load())
	}
	i := pool.Info()
	balanced(t, i)
	if i.Dead != 0 || i.Refused != 0 {
		t.Errorf("Info = %+v", i)
	}
}

// Members that are told to leave do so when they have run what they had, and then
// their goroutines end.
func TestPoolShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, served := staff(t, 3)
		synctest.Wait()
		letGo := occupyAll(t, pool)
		var ran atomic.Int64
		for range 9 {
			_ = pool.Do(func(*worker) { ran.Add(1) })
		}
		if err := pool.Resize(1); err != nil {
			t.Fatal(err)
		}
		if n := pool.Size(); n != 1 {
			t.Errorf("Size = %d", n)
		}
		_ = pool.Do(func(*worker) { ran.Add(1) })
		if n := pool.Members()[0].Queued; n != 4 {
			t.Errorf("the one that stays has %d waiting: want 4", n)
		}
		letGo()
		synctest.Wait()
		if n := ran.Load(); n != 10 {
			t.Errorf("%d have run: want 10", n)
		}
		if i := pool.Info(); i.Executed != 3+10+2 || i.State != actor.Running { // two farewells
			t.Errorf("Info = %+v", i)
		}
		if err := pool.Resize(2); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n, err := actor.Gather(context.Background(), pool, func(w *worker) (int64, error) { return w.number, nil }); err != nil || len(n) != 2 || n[1] != 4 {
			t.Errorf("after growing again: %v, %v", n, err)
		}
		stop(t, pool)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func TestPoolBounds(t *testing.T) {
	pool, served := staff(t, 2, actor.WithCapacity(1))
	letGo := occupyAll(t, pool)
	for i, want := range []error{nil, nil, actor.ErrMailboxFull} {
		if err := pool.Do(func(*worker) {}); err != want {
			t.Errorf("Do %d = %v: want %v", i, err, want)
		}
	}
	if i := pool.Info(); i.Refused != 1 {
		t.Errorf("Info = %+v", i)
	}
	letGo()
	stop(t, pool)
	<-served
}

func TestPoolCallAllocatesNothing(t *testing.T) {
	pool, served := staff(t, 2)
	defer func() { <-served }()
	defer stop(t, pool)
	ctx := context.Background()
	key := pool.Key("k")
	for what, f := range map[string]func(){
		"a pool": func() { _, _ = actor.Get(ctx, pool, (*worker).who) },
		"a key":  func() { _, _ = actor.Get(ctx, key, (*worker).who) },
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n > 1 { // the key as a Ref
			t.Errorf("a call of %s allocates %v times", what, n)
		}
	}
}

func TestPoolBadInput(t *testing.T) {
	var none context.Context
	pool := actor.NewPool(1, workers(), quiet())
	defer pool.Kill()
	misuse(t, map[string]func(){
		"NewPool of size 0":              func() { actor.NewPool(0, workers()) },
		"NewPool of size -1":             func() { actor.NewPool(-1, workers()) },
		"Pool.Resize of size 0":          func() { _ = pool.Resize(0) },
		"NewPool with a nil constructor": func() { actor.NewPool[worker](1, nil) },
		"WithRestarts(-1, 1s)":           func() { actor.WithRestarts(-1, time.Second) },
		"WithRestarts(1, 0s)":            func() { actor.WithRestarts(1, 0) },
		"Do of a nil closure":            func() { _ = pool.Do(nil) },
		"DoContext of a nil closure":     func() { _ = pool.DoContext(context.Background(), nil) },
		"Run of a nil closure":           func() { _ = pool.Run(context.Background(), nil) },
		"RunContext of a nil closure":    func() { _ = pool.RunContext(context.Background(), nil) },
		"Broadcast of a nil closure":     func() { pool.Broadcast(nil) },
		"Gather of a nil closure":        func() { _, _ = actor.Gather[worker, int](context.Background(), pool, nil) },
		"Serve with a nil context":       func() { _ = pool.Serve(none) },
		"Stop with a nil context":        func() { _ = pool.Stop(none) },
	})
}

// Waiting for the room of a member ends with the context, in an error that says where
// it was.
func TestPoolWaitsForRoom(t *testing.T) {
	pool, served := staff(t, 1, actor.WithCapacity(1))
	letGo := occupyAll(t, pool)
	for _, ref := range []interface {
		DoContext(context.Context, func(context.Context, *worker)) error
	}{pool, pool.Key("k")} {
		_ = pool.Do(func(*worker) {})
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		err := ref.DoContext(ctx, func(context.Context, *worker) {})
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, actor.ErrNotRun) || !strings.Contains(err.Error(), "TestPoolWaitsForRoom pool_test.go") {
			t.Errorf("%T: %v", ref, err)
		}
		cancel()
	}
	letGo()
	stop(t, pool)
	<-served
	if i := pool.Info(); i.Refused != 3 {
		t.Errorf("Info = %+v", i)
	}
}
