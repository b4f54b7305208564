package pool_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func TestPoolGoesToTheLeastLoaded(t *testing.T) {
	p := staff(t, 3)
	letGo := occupyAll(t, p)
	for range 9 {
		if err := p.Do(func(w *worker) { w.done++ }); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range p.Members() {
		if n, accepts := m.Load(); n != 4 || !accepts {
			t.Errorf("%s has %d to do, %v: want 4", m.Name(), n, accepts)
		}
	}
	letGo()
	actortest.Stop(t, p)
	i := info(p)
	if i.Executed != 12 {
		t.Errorf("Info = %+v", i)
	}
	actortest.Balanced(t, i)
}

// Of members with as much to do the first one is taken, so that the choice depends on
// nothing else.
func TestL16PoolTakesTheFirstOfEquals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := staff(t, 3)
		who := func() int64 {
			n, err := actor.Get(t.Context(), p, (*worker).who)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return n
		}
		numbers, err := pool.Gather(t.Context(), p, func(w *worker) (int64, error) { return w.number, nil })
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		hold := make(chan struct{})
		for i, m := range p.Members() {
			for range 2 {
				if n := who(); n != numbers[i] {
					t.Errorf("with %d busy, %d is taken of %v", i, n, numbers)
				}
			}
			if err := m.Do(func(*worker) { <-hold }); err != nil {
				t.Fatal(err)
			}
		}
		close(hold)
		actortest.Stop(t, p)
	})
}

// A pool is accepted wherever a service is asked for its answer.
func TestPoolIsARef(t *testing.T) {
	p := staff(t, 2)
	ctx := context.Background()
	boom := errors.New("boom")
	if _, err := actor.Call(ctx, p, func(*worker) (int, error) { return 0, boom }); err != boom {
		t.Errorf("Call = %v", err)
	}
	if n, err := actor.Get(ctx, p, (*worker).who); n == 0 || err != nil {
		t.Errorf("Get = %d, %v", n, err)
	}
	if n, err := actor.CallContext(ctx, p, func(ctx context.Context, w *worker) (int64, error) {
		return actor.Get(ctx, p, (*worker).who) // by the other one
	}); n == 0 || err != nil {
		t.Errorf("CallContext = %d, %v", n, err)
	}
	if n, err := actor.Async(p, func(w *worker) (int64, error) { return w.number, nil }).Await(ctx); n == 0 || err != nil {
		t.Errorf("Async = %d, %v", n, err)
	}
	if err := p.Run(ctx, func(*worker) error { return boom }); err != boom {
		t.Errorf("Run = %v", err)
	}
	if err := p.RunContext(ctx, func(context.Context, *worker) error { return boom }); err != boom {
		t.Errorf("RunContext = %v", err)
	}
	ran := make(chan int64)
	if err := p.DoContext(ctx, func(ctx context.Context, w *worker) { ran <- w.number }); err != nil || <-ran == 0 {
		t.Errorf("DoContext = %v", err)
	}
	actortest.Stop(t, p)
	<-p.Done()
	for what, err := range map[string]error{
		"Do":        p.Do(func(*worker) {}),
		"DoContext": p.DoContext(ctx, func(context.Context, *worker) {}),
		"Run":       p.Run(ctx, func(*worker) error { return nil }),
		"Key":       p.Key("a").Do(func(*worker) {}),
		"Key.Run":   p.Key("a").Run(ctx, func(*worker) error { return nil }),
	} {
		if !errors.Is(err, actor.ErrStopped) {
			t.Errorf("%s of a stopped pool = %v", what, err)
		}
	}
	if err := p.Serve(ctx); !errors.Is(err, supervisor.ErrStopped) {
		t.Errorf("Serve of a stopped pool = %v", err)
	}
	_, err := actor.Async(p, func(w *worker) (int64, error) { return w.number, nil }).Await(ctx)
	if !errors.Is(err, actor.ErrStopped) || actor.OutcomeOf(err) != actor.NotRun {
		t.Errorf("Async of a stopped pool = %v", err)
	}
	if i := info(p); i.Refused != 6 {
		t.Errorf("%d refusals are counted: want 6", i.Refused)
	}
}

func TestL10PoolMemberCallsThePool(t *testing.T) {
	p := staff(t, 3)
	ctx := context.Background()
	// Each one calls the pool, two deep: there is always one that can answer.
	nested := func() (int64, error) {
		return actor.CallContext(ctx, p, func(ctx context.Context, w *worker) (int64, error) {
			return actor.CallContext(ctx, p, func(ctx context.Context, v *worker) (int64, error) {
				if v == w {
					t.Error("a member calls itself")
				}
				return actor.Get(ctx, p, (*worker).who)
			})
		})
	}
	if id, err := nested(); id == 0 || err != nil {
		t.Errorf("three that call each other: %d, %v", id, err)
	}
	actortest.Stop(t, p)
	// The others may have more to do.
	p = staff(t, 2)
	hold := make(chan struct{})
	for range 3 {
		if err := p.Members()[1].Do(func(*worker) { <-hold }); err != nil {
			t.Fatal(err)
		}
	}
	err := p.Members()[0].RunContext(ctx, func(ctx context.Context, _ *worker) error {
		asked := actor.Async(p, func(w *worker) (int64, error) { return w.number, nil })
		close(hold)
		_, err := asked.Await(ctx)
		return err
	})
	if err != nil {
		t.Errorf("one that has less to do than the others calls the pool: %v", err)
	}
	actortest.Stop(t, p)
	// Where nobody else is left, that is a deadlock.
	p = staff(t, 1)
	_, err = actor.CallContext(ctx, p, func(ctx context.Context, w *worker) (int64, error) {
		return actor.Get(ctx, p, (*worker).who)
	})
	if !errors.Is(err, actor.ErrSelfCall) {
		t.Errorf("the only member calls the pool: %v", err)
	}
	actortest.Stop(t, p)
}

// A member that waits for the caller is not taken, though it has the least to do, also if
// the caller is no member: there is one that can answer.
func TestL10PoolAvoidsWhoWaitsForTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := staff(t, 2)
		other := actor.Start(&struct{}{}, actortest.Quiet())
		ctx := t.Context()
		members := p.Members()
		hold := make(chan struct{})
		for range 2 {
			_ = members[1].Do(func(*worker) { <-hold })
		}
		answered := make(chan error, 1)
		go func() {
			answered <- members[0].RunContext(ctx, func(ctx context.Context, _ *worker) error {
				return other.RunContext(ctx, func(ctx context.Context, _ *struct{}) error {
					return p.Run(ctx, func(*worker) error { return nil })
				})
			})
		}()
		synctest.Wait()
		if n, _ := members[1].Load(); n != 3 {
			t.Errorf("the other member has %d to do: want 3", n)
		}
		close(hold)
		if err := <-answered; err != nil {
			t.Error(err)
		}
		actortest.Stop(t, p)
		actortest.Stop(t, other)
	})
}

func TestPoolBroadcastAndGather(t *testing.T) {
	p := staff(t, 4)
	if n := p.Broadcast(func(w *worker) { w.done++ }); n != 4 {
		t.Errorf("Broadcast = %d", n)
	}
	ctx := context.Background()
	numbers, err := pool.Gather(ctx, p, func(w *worker) (int64, error) { return w.number * int64(w.done), nil })
	slices.Sort(numbers)
	if err != nil || !slices.Equal(numbers, []int64{1, 2, 3, 4}) {
		t.Errorf("Gather = %v, %v", numbers, err)
	}
	odd := errors.New("odd")
	_, err = pool.Gather(ctx, p, func(w *worker) (int64, error) {
		if w.number%2 == 1 {
			return 0, odd
		}
		return 0, nil
	})
	if err != odd {
		t.Errorf("Gather with an error = %v", err)
	}
	actortest.Stop(t, p)
	if _, err := pool.Gather(ctx, p, func(w *worker) (int64, error) { return 0, nil }); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Gather of a stopped pool = %v", err)
	}
	if n := p.Broadcast(func(*worker) {}); n != 0 {
		t.Errorf("Broadcast to a stopped pool = %d", n)
	}
}

func TestPoolBounds(t *testing.T) {
	p := staff(t, 2, actor.WithCapacity(1))
	letGo := occupyAll(t, p)
	for i, want := range []error{nil, nil, actor.ErrMailboxFull} {
		if err := p.Do(func(*worker) {}); err != want {
			t.Errorf("Do %d = %v: want %v", i, err, want)
		}
	}
	if i := info(p); i.Refused != 1 {
		t.Errorf("Info = %+v", i)
	}
	letGo()
	actortest.Stop(t, p)
}

func TestPoolCallAllocatesNothing(t *testing.T) {
	p := staff(t, 2)
	defer actortest.Stop(t, p)
	ctx := context.Background()
	for what, f := range map[string]func(){
		"a pool": func() { _, _ = actor.Get(ctx, p, (*worker).who) },
		"a key":  func() { _, _ = actor.Get(ctx, p.Key("k"), (*worker).who) },
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("a call of %s allocates %v times", what, n)
		}
	}
}

// The size of a pool is fixed.
func TestPoolIsOfOneSize(t *testing.T) {
	p := staff(t, 2, actor.WithName("crew"))
	ctx := context.Background()
	added := supervisor.Child{Name: "2", Service: supervisor.Func(func(context.Context) error { return nil })}
	for what, err := range map[string]error{"Add to crew": p.Add(ctx, added), "Remove from crew": p.Remove(ctx, "1")} {
		if err == nil || !strings.HasPrefix(err.Error(), "pool: "+what+": the size of a pool is fixed") {
			t.Errorf("%s = %v", what, err)
		}
	}
	if n := len(p.Children()); n != 2 || len(p.Members()) != 2 {
		t.Errorf("%d children, %d members", n, len(p.Members()))
	}
	p.Members()[0] = nil // a copy
	if p.Members()[0] == nil {
		t.Error("who asks for the members changes them")
	}
	actortest.Stop(t, p)
}

func TestPoolBadInput(t *testing.T) {
	var none context.Context
	ctx := context.Background()
	p := newPool(1, workers(), supervisor.Spec{})
	defer actortest.Stop(t, p)
	with := func(spec supervisor.Spec) { pool.NewWith(1, workers(), spec) }
	var zero pool.Pool[worker]
	var no *pool.Pool[worker]
	actortest.Misuse(t, "pool", map[string]func(){
		"New of size 0":              func() { pool.New(0, workers()) },
		"New of size -1":             func() { pool.New(-1, workers()) },
		"New with a nil constructor": func() { pool.New[worker](1, nil) },
		"NewWith a spec that has":    func() { with(supervisor.Spec{Children: []supervisor.Child{{}}}) },
		"a Template with a":          func() { with(supervisor.Spec{Template: &supervisor.Child{Name: "a"}}) },
		"or a Name: the children":    func() { with(supervisor.Spec{Template: &supervisor.Child{Service: p}}) },
		"Broadcast of a nil closure": func() { p.Broadcast(nil) },
		"Gather of a nil closure":    func() { _, _ = pool.Gather[worker, int](ctx, p, nil) },
		"Gather with a nil context":  func() { _, _ = pool.Gather(none, p, func(*worker) (int, error) { return 0, nil }) },
		"a Pool is made by New":      func() { zero.Key("a") },
		"Pool is made by New":        func() { zero.KeyNumber(1) },
		"is made by New":             func() { zero.Members() },
		"made by New":                func() { zero.Broadcast(func(*worker) {}) },
		"by New":                     func() { _ = zero.Add(ctx, supervisor.Child{}) },
		"a Pool is made":             func() { _ = zero.Remove(ctx, "") },
		"Pool is made":               func() { _, _ = pool.Gather(ctx, no, func(*worker) (int, error) { return 0, nil }) },
	})
	actortest.Misuse(t, "actor", map[string]func(){
		"Do of a nil closure":         func() { _ = p.Do(nil) },
		"DoContext of a nil closure":  func() { _ = p.DoContext(ctx, nil) },
		"Run of a nil closure":        func() { _ = p.Run(ctx, nil) },
		"RunContext of a nil closure": func() { _ = p.RunContext(ctx, nil) },
		"Watch of a Router":           func() { actor.Watch(p, p.Key("a"), func(*worker, actor.DownNotice) {}) },
		"a Router is made by Route":   func() { _ = zero.Do(func(*worker) {}) },
		"Router is made by Route":     func() { _, _ = actor.Get(ctx, &zero, (*worker).who) },
	})
	// Not on another goroutine, which would end the process.
	actortest.Misuse(t, "supervisor", map[string]func(){
		"Serve: a Supervisor is made by New": func() { _ = zero.Serve(ctx) },
		"Start: a Supervisor is made by New": func() { _ = zero.Start(ctx) },
		"Stop: a Supervisor is made by New":  func() { _ = zero.Stop(ctx) },
		"Start: a Supervisor is made by":     func() { _ = new(supervisor.Supervisor).Start(ctx) },
	})
}

// Waiting for the room of a member ends with the context, in an error that says where
// it was.
func TestPoolWaitsForRoom(t *testing.T) {
	p := staff(t, 1, actor.WithCapacity(1))
	letGo := occupyAll(t, p)
	for _, ref := range []interface {
		DoContext(context.Context, func(context.Context, *worker)) error
	}{p, p.Key("k")} {
		_ = p.Do(func(*worker) {})
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		err := ref.DoContext(ctx, func(context.Context, *worker) {})
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, actor.ErrNotRun) || !strings.Contains(err.Error(), "TestPoolWaitsForRoom pool_test.go") {
			t.Errorf("%T: %v", ref, err)
		}
		cancel()
	}
	letGo()
	actortest.Stop(t, p)
	if i := info(p); i.Refused != 3 {
		t.Errorf("Info = %+v", i)
	}
}

// A pool that nobody serves is reported with the place where it was declared.
func TestPoolThatNobodyServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := pool.New(2, workers(), actor.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		for range 2 { // one for each
			if err := p.Do(func(*worker) {}); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := strings.Count(log.String(), "TestPoolThatNobodyServes.func1 pool_test.go"); n != 2 {
			t.Errorf("%d members are reported with it in\n%s", n, &log)
		}
		actortest.Stop(t, p)
	})
}
