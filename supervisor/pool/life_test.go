package pool_test

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
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func TestL9PoolKeepsItsQueues(t *testing.T) {
	p := newPool(2, workers(), supervisor.Spec{})
	var ran atomic.Int64
	for range 10 {
		if err := p.Do(func(*worker) { ran.Add(1) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range p.Members() {
		if n, _ := m.Load(); n != 5 {
			t.Errorf("a member has %d: want 5", n)
		}
	}
	started(t, p)
	letGo := occupyAll(t, p)
	if n := ran.Load(); n != 10 {
		t.Errorf("%d of what was queued before has run: want 10", n)
	}
	letGo()
	actortest.Stop(t, p)
	actortest.Balanced(t, info(p))
}

func TestL9PoolMemberCrashesWithAQueue(t *testing.T) {
	p := staff(t, 2)
	letGo := occupyAll(t, p)
	var ran atomic.Int64
	var all sync.WaitGroup
	all.Add(10)
	for range 2 {
		_ = p.Do(func(*worker) { panic("one each") })
	}
	for range 10 {
		_ = p.Do(func(*worker) { ran.Add(1); all.Done() })
	}
	letGo()
	all.Wait()
	if n, err := pool.Gather(context.Background(), p, func(w *worker) (int64, error) { return w.number, nil }); err != nil || len(n) != 2 || n[0] < 3 || n[1] < 3 {
		t.Errorf("after the crashes the members are %v, %v: want two new ones", n, err)
	}
	if i := info(p); i.Dead != 0 {
		t.Errorf("Info = %+v", i)
	}
	actortest.Stop(t, p)
}

func TestL9PoolGivesUpAndKeepsItsQueues(t *testing.T) {
	p := newPool(2, workers(), supervisor.Spec{MaxRestarts: 2, Period: time.Second})
	place := actor.Supervised(context.Background(), "") // another Serve follows
	served := actortest.Serve(place, p)
	ctx := context.Background()
	for range 3 {
		if err := p.Run(ctx, func(*worker) error { panic("again") }); actor.OutcomeOf(err) != actor.Crashed {
			t.Errorf("the call = %v", err)
		}
	}
	err := <-served
	var gaveUp *supervisor.GaveUpError
	var panicked *actor.PanicError
	if !errors.As(err, &gaveUp) || !errors.As(err, &panicked) || !strings.HasPrefix(gaveUp.Child, "worker/") {
		t.Errorf("Serve = %v", err)
	}
	if p.Err() == nil {
		t.Error("Err = nil")
	}
	// Whoever follows it up finds the queues.
	for _, m := range p.Members() {
		if i := m.Info(); i.State != actor.Pending {
			t.Errorf("%s is %v", i.Name, i.State)
		}
	}
	ran := make(chan int64, 1)
	if err := p.Do(func(w *worker) { ran <- w.number }); err != nil {
		t.Fatal(err)
	}
	served = actortest.Serve(place, p)
	if n := <-ran; n < 4 {
		t.Errorf("member %d ran what was queued", n)
	}
	actortest.Stop(t, p)
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A pool puts up with as many restarts as it has members, and at least 3, if its spec
// says nothing else.
func TestPoolBudget(t *testing.T) {
	for _, row := range []struct {
		n    int
		spec supervisor.Spec
		want int
	}{
		{1, supervisor.Spec{}, 3},
		{5, supervisor.Spec{}, 5},
		{5, supervisor.Spec{MaxRestarts: 2}, 2},
		{5, supervisor.Spec{MaxRestarts: supervisor.NoRestarts}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPool(row.n, workers(), row.spec)
			served := actortest.Serve(t.Context(), p)
			for range row.want {
				_ = p.Run(t.Context(), func(*worker) error { panic("no") })
				synctest.Wait()
			}
			if err := p.Err(); err != nil {
				t.Errorf("%d members gave up after %d restarts: %v", row.n, row.want, err)
			}
			_ = p.Run(t.Context(), func(*worker) error { panic("no") })
			var gaveUp *supervisor.GaveUpError
			if err := <-served; !errors.As(err, &gaveUp) {
				t.Errorf("%d members after %d restarts: %v", row.n, row.want+1, err)
			}
		})
	}
}

func TestPoolBudgetIsAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1, workers(), supervisor.Spec{MaxRestarts: 1, Period: time.Second})
		served := actortest.Serve(context.Background(), p)
		for range 5 {
			_ = p.Run(context.Background(), func(*worker) error { panic("now and then") })
			time.Sleep(time.Second + time.Millisecond)
		}
		select {
		case err := <-served:
			t.Errorf("gave up: %v", err)
		default:
		}
		actortest.Stop(t, p)
		<-served
	})
}

// What a member has as a child comes from the template.
func TestPoolTemplate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2, workers(), supervisor.Spec{Template: &supervisor.Child{
			Shutdown: time.Second, Backoff: &supervisor.Backoff{Min: time.Minute, Max: time.Minute},
		}})
		started(t, p)
		synctest.Wait()
		letGo := occupyAll(t, p)
		// A member that waits to be restarted gets nothing while another one is up.
		letGo()
		synctest.Wait()
		_ = p.Do(func(*worker) { panic("no") })
		synctest.Wait()
		if n, err := actor.Get(t.Context(), p, (*worker).who); err != nil || n > 2 {
			t.Errorf("member %d, %v", n, err)
		}
		if states := p.Children(); states[0].State != supervisor.Waiting || states[1].State != supervisor.Up {
			t.Errorf("%+v", states)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		letGo = occupyAll(t, p)
		begun := time.Now()
		var stuck *supervisor.StuckError
		if err := p.Stop(t.Context()); !errors.As(err, &stuck) || len(stuck.Children) != 2 {
			t.Errorf("Stop = %v", err)
		}
		if d := time.Since(begun); d != time.Second { // all at once
			t.Errorf("cut off after %v: want 1s", d)
		}
		letGo()
	})
}

func TestPoolThatCanNotBeStarted(t *testing.T) {
	no := errors.New("no")
	var made atomic.Int64
	p := newPool(3, func(context.Context) (*worker, error) {
		if made.Add(1) == 2 {
			return nil, no
		}
		return &worker{}, nil
	}, supervisor.Spec{})
	var start *supervisor.StartError
	if err := p.Serve(context.Background()); !errors.Is(err, no) || !errors.As(err, &start) {
		t.Errorf("Serve = %v", err)
	}
	for _, m := range p.Members() {
		if i := m.Info(); i.State != actor.Down {
			t.Errorf("Info = %+v", i)
		}
	}
	if err := p.Do(func(*worker) {}); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Do = %v", err)
	}
	actortest.Stop(t, p)
	<-p.Done()
}

func TestL11PoolEnds(t *testing.T) {
	t.Run("its context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPool(2, workers(), supervisor.Spec{})
			ctx, cancel := context.WithCancel(context.Background())
			served := actortest.Serve(ctx, p)
			synctest.Wait()
			letGo := occupyAll(t, p)
			var ran atomic.Int64
			for range 10 {
				_ = p.Do(func(*worker) { ran.Add(1) })
			}
			cancel()
			synctest.Wait()
			if err := p.Do(func(*worker) {}); !errors.Is(err, actor.ErrStopped) {
				t.Errorf("Do of a pool that drains = %v", err)
			}
			letGo()
			if err := <-served; err != nil || ran.Load() != 10 {
				t.Errorf("Serve = %v, and %d have run", err, ran.Load())
			}
			for _, m := range p.Members() {
				if i := m.Info(); i.State != actor.Down {
					t.Errorf("Info = %+v", i)
				}
			}
			served = actortest.Serve(context.Background(), p) // again
			synctest.Wait()
			if err := p.Run(t.Context(), func(*worker) error { return nil }); err != nil {
				t.Error(err)
			}
			actortest.Stop(t, p)
			<-served
		})
	})
	t.Run("stuck", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := staff(t, 2)
			synctest.Wait()
			letGo := occupyAll(t, p)
			var answers []*actor.Future[int]
			for range 2 {
				answers = append(answers, actor.Async(p, func(*worker) (int, error) { return 1, nil }))
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			err := p.Stop(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || strings.Count(err.Error(), "occupyAll") != 2 {
				t.Errorf("Stop = %v", err)
			}
			<-p.Done()
			for _, a := range answers {
				if _, err := a.Await(context.Background()); actor.OutcomeOf(err) != actor.NotRun {
					t.Errorf("the queued call = %v", err)
				}
			}
			letGo()
		})
	})
	t.Run("its context, stuck", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPool(2, workers(), supervisor.Spec{Shutdown: time.Second})
			ctx, cancel := context.WithCancel(context.Background())
			served := actortest.Serve(ctx, p)
			synctest.Wait()
			letGo := occupyAll(t, p)
			cancel()
			begun := time.Now()
			<-served
			if d := time.Since(begun); d != time.Second {
				t.Errorf("cut off after %v: want 1s", d)
			}
			letGo()
		})
	})
	t.Run("from inside", func(t *testing.T) {
		p := staff(t, 3)
		err := p.RunContext(context.Background(), func(ctx context.Context, _ *worker) error { return p.Stop(ctx) })
		if err != nil {
			t.Errorf("Stop = %v", err)
		}
		<-p.Done()
	})
}

func TestL7PoolMemberEndsItsGoroutine(t *testing.T) {
	p := staff(t, 1)
	err := p.Run(context.Background(), func(*worker) error { exitGoroutine(); return nil })
	if !errors.Is(err, actor.ErrGoexit) {
		t.Errorf("the call = %v", err)
	}
	if n, err := actor.Get(context.Background(), p, (*worker).who); n != 2 || err != nil {
		t.Errorf("the next member is %d, %v", n, err)
	}
	actortest.Stop(t, p)
}

// The pool goes on without a member that is stopped for good, and with none refuses.
func TestPoolMemberStopsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := staff(t, 2)
		for left := 1; left >= 0; left-- {
			err := p.RunContext(context.Background(), func(ctx context.Context, _ *worker) error {
				return actor.Self[worker](ctx).Stop(ctx)
			})
			if err != nil {
				t.Error(err)
			}
			synctest.Wait()
			taken := 0
			for _, m := range p.Members() {
				if _, accepts := m.Load(); accepts {
					taken++
				}
			}
			if taken != left {
				t.Errorf("%d members take closures: want %d", taken, left)
			}
			err = p.Run(context.Background(), func(*worker) error { return nil })
			if left > 0 && err != nil || left == 0 && !errors.Is(err, actor.ErrStopped) {
				t.Errorf("with %d members: %v", left, err)
			}
		}
		actortest.Stop(t, p)
	})
}

// A member is terminated and restarted as any child is; the others do its work meanwhile.
func TestPoolMemberIsTerminated(t *testing.T) {
	p := staff(t, 2)
	ctx := context.Background()
	if err := p.Terminate(ctx, "0"); err != nil {
		t.Error(err)
	}
	for range 10 {
		if err := p.Run(ctx, func(*worker) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if i := p.Members()[1].Info(); i.Accepted != 10 {
		t.Errorf("the other one has had %d: want 10", i.Accepted)
	}
	if err := p.Restart(ctx, "0"); err != nil {
		t.Error(err)
	}
	eventually(func() bool { n, _ := p.Members()[0].Load(); return n == 0 })
	if n, err := actor.Get(ctx, p, (*worker).who); n != 3 || err != nil {
		t.Errorf("the next one is %d, %v: want the new one", n, err)
	}
	actortest.Stop(t, p)
}

// A member that crashes is restarted while another one is still being constructed.
func TestPoolCrashWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var made atomic.Int64
		p := newPool(2, func(context.Context) (*worker, error) {
			n := made.Add(1)
			if n == 2 {
				<-gate
			}
			return &worker{number: n}, nil
		}, supervisor.Spec{})
		p.Broadcast(func(w *worker) {
			if w.number == 1 {
				panic("at once")
			}
		})
		ctx, cancel := context.WithCancel(context.Background())
		served := actortest.Serve(ctx, p)
		synctest.Wait()
		if n := made.Load(); n != 3 {
			t.Errorf("%d members were made", n)
		}
		close(gate)
		if err := p.Run(context.Background(), func(*worker) error { return nil }); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if err := p.Do(func(*worker) {}); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Do of a pool that is down = %v", err)
		}
		actortest.Stop(t, p)
	})
}
