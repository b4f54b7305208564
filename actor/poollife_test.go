package actor_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

func TestL9PoolKeepsItsQueues(t *testing.T) {
	pool := actor.NewPool(2, workers(), quiet())
	var ran atomic.Int64
	for range 10 {
		if err := pool.Do(func(*worker) { ran.Add(1) }); err != nil {
			t.Fatal(err)
		}
	}
	served := serve(context.Background(), pool)
	letGo := occupyAll(t, pool)
	if n := ran.Load(); n != 10 {
		t.Errorf("%d of what was queued before has run: want 10", n)
	}
	letGo()
	stop(t, pool)
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	balanced(t, pool.Info())
}

func TestL9PoolMemberCrashesWithAQueue(t *testing.T) {
	pool, served := staff(t, 2)
	letGo := occupyAll(t, pool)
	var ran atomic.Int64
	var all sync.WaitGroup
	all.Add(10)
	for range 2 {
		_ = pool.Do(func(*worker) { panic("one each") })
	}
	for range 10 {
		_ = pool.Do(func(*worker) { ran.Add(1); all.Done() })
	}
	letGo()
	all.Wait()
	if n, err := actor.Gather(context.Background(), pool, func(w *worker) (int64, error) { return w.number, nil }); err != nil || len(n) != 2 || n[0] < 3 || n[1] < 3 {
		t.Errorf("after the crashes the members are %v, %v: want two new ones", n, err)
	}
	if i := pool.Info(); i.Dead != 0 || i.State != actor.Running {
		t.Errorf("Info = %+v", i)
	}
	stop(t, pool)
	<-served
}

func TestPoolGivesUp(t *testing.T) {
	pool := actor.NewPool(2, workers(), quiet(), actor.WithRestarts(2, time.Second))
	served := serve(supervised(context.Background()), pool)
	ctx := context.Background()
	crash := func() error { return pool.Run(ctx, func(*worker) error { panic("again") }) }
	for range 3 {
		if err := crash(); actor.OutcomeOf(err) != actor.Crashed {
			t.Errorf("the call = %v", err)
		}
	}
	err := <-served
	var p *actor.PanicError
	if !errors.Is(err, actor.ErrRestarts) || !errors.As(err, &p) || !strings.Contains(err.Error(), "worker: ") {
		t.Errorf("Serve = %v", err)
	}
	if pool.Err() == nil {
		t.Error("Err = nil")
	}
	// Whoever follows it up finds the queues.
	for _, i := range pool.Members() {
		if i.State != actor.Pending {
			t.Errorf("%s is %v", i.Name, i.State)
		}
	}
	ran := make(chan int64, 1)
	if err := pool.Do(func(w *worker) { ran <- w.number }); err != nil {
		t.Fatal(err)
	}
	served = serve(supervised(context.Background()), pool)
	if n := <-ran; n < 4 {
		t.Errorf("member %d ran what was queued", n)
	}
	stop(t, pool)
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestPoolBudgetIsAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := actor.NewPool(1, workers(), quiet(), actor.WithRestarts(1, time.Second))
		served := serve(context.Background(), pool)
		for range 5 {
			_ = pool.Run(context.Background(), func(*worker) error { panic("now and then") })
			time.Sleep(time.Second + time.Millisecond)
		}
		select {
		case err := <-served:
			t.Errorf("gave up: %v", err)
		default:
		}
		stop(t, pool)
		<-served
	})
}

func TestPoolThatCanNotBeStarted(t *testing.T) {
	no := errors.New("no")
	var made atomic.Int64
	pool := actor.NewPool(3, func(context.Context) (*worker, error) {
		if made.Add(1) == 2 {
			return nil, no
		}
		return &worker{}, nil
	}, quiet())
	if err := pool.Serve(context.Background()); !errors.Is(err, no) || !strings.Contains(err.Error(), "can not be started") {
		t.Errorf("Serve = %v", err)
	}
	if i := pool.Info(); i.State != actor.Down {
		t.Errorf("Info = %+v", i)
	}
	if err := pool.Do(func(*worker) {}); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Do = %v", err)
	}
	pool.Kill()
	<-pool.Done()
}

func TestL11PoolEnds(t *testing.T) {
	t.Run("its context", func(t *testing.T) {
		pool := actor.NewPool(2, workers(), quiet())
		ctx, cancel := context.WithCancel(context.Background())
		served := serve(ctx, pool)
		letGo := occupyAll(t, pool)
		var ran atomic.Int64
		for range 10 {
			_ = pool.Do(func(*worker) { ran.Add(1) })
		}
		cancel()
		letGo()
		if err := <-served; err != nil || ran.Load() != 10 {
			t.Errorf("Serve = %v, and %d have run", err, ran.Load())
		}
		if i := pool.Info(); i.State != actor.Down {
			t.Errorf("Info = %+v", i)
		}
		served = serve(context.Background(), pool) // again
		for pool.Info().State != actor.Running {
			time.Sleep(time.Millisecond)
		}
		stop(t, pool)
		<-served
	})
	t.Run("stuck", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			pool, served := staff(t, 2, actor.WithDrainTime(time.Second))
			synctest.Wait()
			letGo := occupyAll(t, pool)
			var answers []*actor.Future[int]
			for range 2 {
				answers = append(answers, actor.Async(pool, func(*worker) (int, error) { return 1, nil }))
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			err := pool.Stop(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "occupyAll") {
				t.Errorf("Stop = %v", err)
			}
			<-pool.Done()
			for _, a := range answers {
				if _, err := a.Await(context.Background()); actor.OutcomeOf(err) != actor.NotRun {
					t.Errorf("the queued call = %v", err)
				}
			}
			<-served
			letGo()
		})
	})
	t.Run("its context, stuck", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			pool := actor.NewPool(2, workers(), quiet(), actor.WithDrainTime(time.Second))
			ctx, cancel := context.WithCancel(context.Background())
			served := serve(ctx, pool)
			synctest.Wait()
			letGo := occupyAll(t, pool)
			cancel()
			start := time.Now()
			<-served
			if d := time.Since(start); d != time.Second {
				t.Errorf("cut off after %v: want 1s", d)
			}
			letGo()
		})
	})
	t.Run("from inside", func(t *testing.T) {
		pool, served := staff(t, 3)
		err := pool.RunContext(context.Background(), func(ctx context.Context, _ *worker) error { return pool.Stop(ctx) })
		if err != nil {
			t.Errorf("Stop = %v", err)
		}
		<-served
		<-pool.Done()
	})
	t.Run("Kill", func(t *testing.T) {
		pool, served := staff(t, 3)
		letGo := occupyAll(t, pool)
		pool.Kill()
		<-pool.Done()
		<-served
		letGo()
	})
}

func TestL7PoolMemberEndsItsGoroutine(t *testing.T) {
	pool, served := staff(t, 1)
	err := pool.Run(context.Background(), func(*worker) error { exitGoroutine(); return nil })
	if !errors.Is(err, actor.ErrGoexit) {
		t.Errorf("the call = %v", err)
	}
	if n, err := actor.Get(context.Background(), pool, (*worker).who); n != 2 || err != nil {
		t.Errorf("the next member is %d, %v", n, err)
	}
	stop(t, pool)
	<-served
}

func TestPoolMemberStopsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, served := staff(t, 2)
		letGo := occupyAll(t, pool)
		letGo()
		err := pool.RunContext(context.Background(), func(ctx context.Context, _ *worker) error {
			return actor.Self[worker](ctx).Stop(ctx)
		})
		if err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if n := pool.Size(); n != 1 {
			t.Errorf("the pool has %d members", n)
		}
		if err := pool.Run(context.Background(), func(*worker) error { return nil }); err != nil {
			t.Error(err)
		}
		stop(t, pool)
		<-served
	})
}

func TestPoolCrashWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var made atomic.Int64
		pool := actor.NewPool(2, func(context.Context) (*worker, error) {
			n := made.Add(1)
			if n == 2 {
				<-gate
			}
			return &worker{number: n}, nil
		}, quiet())
		pool.Broadcast(func(w *worker) {
			if w.number == 1 {
				panic("at once")
			}
		})
		ctx, cancel := context.WithCancel(context.Background())
		served := serve(ctx, pool)
		synctest.Wait()
		if n := made.Load(); n < 3 {
			t.Errorf("%d members were made", n)
		}
		close(gate)
		if err := pool.Run(context.Background(), func(*worker) error { return nil }); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if err := pool.Resize(3); err != nil {
			t.Error(err)
		}
		if err := pool.Do(func(*worker) {}); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Do of a pool that is down = %v", err)
		}
		pool.Kill()
	})
}
