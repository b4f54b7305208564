package actor_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// after returns a work that takes d, or until its context ends, and returns n.
func after(d time.Duration, n int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return n, nil
		case <-ctx.Done():
			return n, context.Cause(ctx)
		}
	}
}

// basket is a T that notes what work has brought.
type basket struct {
	got  []int
	errs []error
}

func (b *basket) put(n int, err error) {
	b.got = append(b.got, n)
	b.errs = append(b.errs, err)
}

func pipe(t testing.TB, svc *actor.Service[basket], f func(context.Context) (int, error)) {
	t.Helper()
	if err := actor.Pipe(svc, f, (*basket).put); err != nil {
		t.Errorf("Pipe = %v", err)
	}
}

func got(t testing.TB, svc *actor.Service[basket]) []int {
	t.Helper()
	all, err := actor.Get(context.Background(), svc, func(b *basket) []int { return slices.Clone(b.got) })
	if err != nil {
		t.Errorf("Get = %v", err)
	}
	return all
}

// Work runs beside the service, and its outcome comes back as a closure.
func TestPIPEBesideTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, quiet())
		begin := time.Now()
		pipe(t, svc, after(2*time.Second, 2))
		pipe(t, svc, after(time.Second, 1))
		pipe(t, svc, func(context.Context) (int, error) { return 0, errLost })
		synctest.Wait()
		if all := got(t, svc); !slices.Equal(all, []int{0}) {
			t.Errorf("%v", all)
		}
		elapsed(t, begin, 0)
		time.Sleep(2*time.Second + 1)
		if all := got(t, svc); !slices.Equal(all, []int{0, 1, 2}) {
			t.Errorf("%v", all)
		}
		do(t, svc, func(b *basket) {
			if b.errs[0] != errLost || b.errs[1] != nil {
				t.Errorf("%v", b.errs)
			}
		})
		stop(t, svc)
		balanced(t, svc.Info())
	})
}

// No more works run at once than the limit says; the others begin in their order.
func TestPIPELimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actor.WithPipeLimit(3), quiet())
		var running, most atomic.Int32
		var began []int
		release := make(chan int)
		for i := range 10 {
			pipe(t, svc, func(context.Context) (int, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				began = append(began, i) // one at a time: see below
				return <-release, nil
			})
			synctest.Wait()
		}
		for i := range 10 {
			if running.Load() != min(3, 10-int32(i)) {
				t.Errorf("%d works run", running.Load())
			}
			release <- i
			synctest.Wait()
		}
		if most.Load() != 3 || !slices.IsSorted(began) || len(began) != 10 {
			t.Errorf("at most %d at once; began: %v", most.Load(), began)
		}
		stop(t, svc)
	})
}

// Stop waits for work, also for what has not begun, and runs what comes of it,
// which may begin more.
func TestL11StopWaitsForWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, opts := range [][]actor.Option{{}, {actor.WithCapacity(1)}, {actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest)}} {
			build := func(context.Context) (*basket, error) { return &basket{}, nil }
			var dead letters
			svc := actor.New(build, append(opts, quiet(), actor.WithPipeLimit(2), actor.WithSlowClosure(time.Minute), dead.option())...)
			served := serve(context.Background(), svc)
			synctest.Wait()
			var b *basket
			do(t, svc, func(v *basket) { b = v })
			synctest.Wait()
			for i := range 4 {
				pipe(t, svc, after(time.Second, i))
			}
			err := actor.Pipe(svc, after(time.Second, 0), func(b *basket, n int, err error) {
				inState(t, svc, actor.Draining)
				pipe(t, svc, after(time.Hour, 10))
			})
			if err != nil {
				t.Error(err)
			}
			begin := time.Now()
			stopped := make(chan error, 1)
			go func() { stopped <- svc.Stop(context.Background()) }()
			synctest.Wait()
			if err := actor.Pipe(svc, after(0, 0), (*basket).put); err != actor.ErrStopped {
				t.Errorf("Pipe from outside while draining = %v", err)
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			<-served
			elapsed(t, begin, 3*time.Second+time.Hour)
			slices.Sort(b.got)
			if !slices.Equal(b.got, []int{0, 1, 2, 3, 10}) {
				t.Errorf("%v came of the works", b.got)
			}
			i := svc.Info()
			balanced(t, i)
			if i.Dead != 0 || len(dead.list()) != 1 || i.Refused != 1 {
				t.Errorf("%+v; %+v", i, dead.list())
			}
		}
	})
}

// A Stop whose context ends first does not wait for work any longer, and names it. The
// outcome is a dead letter then and there.
func TestL11StopIsCutOffFromWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, quiet(), dead.option())
		served := serve(context.Background(), svc)
		synctest.Wait()
		release := make(chan struct{})
		pipe(t, svc, func(context.Context) (int, error) { <-release; return 1, nil }) // looks at nothing
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		begin := time.Now()
		err := svc.Stop(ctx)
		elapsed(t, begin, time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "TestL11StopIsCutOffFromWork") {
			t.Errorf("Stop = %v", err)
		}
		<-served
		l := dead.list()
		if len(l) != 1 || l[0].Refused || l[0].Reason != actor.ErrStopped || !strings.Contains(l[0].Func, "basket).put") {
			t.Errorf("dead letters: %+v", l)
		}
		close(release)
		synctest.Wait()
		i := svc.Info()
		balanced(t, i)
		if len(dead.list()) != 1 || i.Dead != 1 || i.Accepted != 1 {
			t.Errorf("%+v", i)
		}
	})
}

// Kill, a crash and a restart wait for no work: its context ends with a cause, and
// what it returns does not come to the next incarnation.
func TestL8WorkEndsWithItsIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []func(*actor.Service[basket]){
			func(s *actor.Service[basket]) { s.Kill() },
			func(s *actor.Service[basket]) { do(t, s, func(*basket) { panic("crash") }) },
			func(s *actor.Service[basket]) {
				_ = s.DoContext(context.Background(), func(ctx context.Context, _ *basket) { actor.Exit(ctx, nil) })
			},
			func(s *actor.Service[basket]) { s.CutOff(true) },
		} {
			var dead letters
			svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil },
				actor.WithPipeLimit(2), quiet(), dead.option())
			served := serve(supervised(context.Background()), svc)
			synctest.Wait()
			causes := make(chan error, 3)
			for range 3 { // one of which waits
				pipe(t, svc, func(ctx context.Context) (int, error) {
					<-ctx.Done()
					causes <- context.Cause(ctx)
					return 1, nil
				})
				synctest.Wait()
			}
			end(svc)
			<-served
			synctest.Wait()
			if len(causes) != 2 {
				t.Errorf("%d works had begun", len(causes))
			}
			for range len(causes) {
				if err := <-causes; err != actor.ErrStopped {
					t.Errorf("cause: %v", err)
				}
			}
			if l := dead.list(); len(l) != 3 {
				t.Errorf("dead letters: %+v", l)
			}
			if svc.Info().State != actor.Ended {
				serve(supervised(context.Background()), svc)
				if all := got(t, svc); len(all) != 0 {
					t.Errorf("%v came to the next incarnation", all)
				}
				stop(t, svc)
			}
			balanced(t, svc.Info())
		}
	})
}

// An outcome that is queued when its incarnation ends is not for the next one.
func TestL8OutcomeOfAnotherIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, quiet(), dead.option())
		served := serve(supervised(context.Background()), svc)
		synctest.Wait()
		pipe(t, svc, after(time.Second, 1))
		do(t, svc, func(*basket) { time.Sleep(time.Minute); panic("crash") })
		<-served
		serve(supervised(context.Background()), svc)
		if all := got(t, svc); len(all) != 0 {
			t.Errorf("%v came to the next incarnation", all)
		}
		if l := dead.list(); len(l) != 1 || l[0].Reason != actor.ErrRestarted {
			t.Errorf("dead letters: %+v", l)
		}
		stop(t, svc)
		balanced(t, svc.Info())
	})
}

// A panic in work is the service's crash: it names the work's function, and ends the
// incarnation after the closure that is running. So does Goexit.
func TestL7PanicInWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, row := range []struct {
			f     func(context.Context) (int, error)
			value any
		}{
			{func(context.Context) (int, error) { panic("in the background") }, "in the background"},
			{func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }, actor.ErrGoexit},
		} {
			var log records
			var dead letters
			svc := actor.New((&factory{}).build, log.option(), dead.option())
			served := serve(supervised(context.Background()), svc)
			ran := false
			do(t, svc, func(*closable) { time.Sleep(time.Second); ran = true })
			synctest.Wait()
			if err := actor.Pipe(svc, row.f, func(*closable, int, error) {}); err != nil {
				t.Error(err)
			}
			err := <-served
			var p *actor.PanicError
			if !errors.As(err, &p) || p.Value != row.value || !strings.Contains(p.Func, "TestL7PanicInWork") ||
				!strings.Contains(string(p.Stack()), "TestL7PanicInWork") || !ran {
				t.Errorf("Serve = %v; ran: %t", err, ran)
			}
			if len(log.with("actor: service crashed")) != 1 || len(dead.list()) != 1 {
				t.Errorf("logged: %v; dead letters: %v", log.with("actor: service crashed"), dead.list())
			}
			inState(t, svc, actor.Pending)
			stop(t, svc)
			balanced(t, svc.Info())
		}
	})
}

// A panic in work ends a drain, as a crash does.
func TestL11PanicInWorkEndsTheDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, quiet())
		pipe(t, svc, func(context.Context) (int, error) { time.Sleep(time.Second); panic("work") })
		pipe(t, svc, after(time.Hour, 1))
		begin := time.Now()
		var p *actor.PanicError
		if err := svc.Stop(context.Background()); !errors.As(err, &p) {
			t.Errorf("Stop = %v", err)
		}
		elapsed(t, begin, time.Second)
		balanced(t, svc.Info())
	})
}

// The outcome stands in line for room in a bounded service, and the work's place is
// taken as long.
func TestL14OutcomeStandsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actor.WithCapacity(1), actor.WithPipeLimit(2), quiet())
		b := occupy(t, svc)
		do(t, svc, func(*basket) {})
		var begun atomic.Int32
		for i := range 4 {
			pipe(t, svc, func(context.Context) (int, error) { begun.Add(1); return i, nil })
		}
		synctest.Wait()
		if n := begun.Load(); n != 2 || svc.Info().Queued != 1 {
			t.Errorf("%d works have begun; %+v", n, svc.Info())
		}
		b.letGo()
		synctest.Wait()
		if n := len(got(t, svc)); n != 4 {
			t.Errorf("%d outcomes", n)
		}
		stop(t, svc)
		i := svc.Info()
		balanced(t, i)
		if i.Executed != i.Accepted {
			t.Errorf("%+v", i)
		}
	})
}

// After Stop has returned nil no goroutine of the works is left, however they race
// with it; and all outcomes are accounted for.
func TestL12NoWorkIsLeft(t *testing.T) {
	for round := range 300 {
		svc := actor.Start(&basket{}, actor.WithPipeLimit(1+round%4), actor.WithCapacity(1+round%3), quiet())
		var accepted, ended, ran atomic.Int64
		f := func(context.Context) (int, error) { ended.Add(1); return 0, nil }
		then := func(*basket, int, error) { ran.Add(1) }
		refused := make(chan struct{})
		go func() {
			defer close(refused)
			for actor.Pipe(svc, f, then) == nil {
				accepted.Add(1)
				runtime.Gosched()
			}
		}()
		for range round % 50 {
			runtime.Gosched()
		}
		stop(t, svc)
		n := ran.Load()
		<-refused
		if n != ended.Load() || n != accepted.Load() || n != ran.Load() {
			t.Fatalf("%d accepted, %d ended, %d outcomes ran", accepted.Load(), ended.Load(), n)
		}
		balanced(t, svc.Info())
	}
}

func TestPIPERefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, quiet(), dead.option())
		never := func(context.Context) (int, error) { t.Error("it runs"); return 0, nil }
		if err := actor.Pipe(svc, never, (*basket).put); err != actor.ErrNotRunning {
			t.Errorf("Pipe = %v", err)
		}
		stop(t, svc)
		if err := actor.Pipe(svc, never, (*basket).put); err != actor.ErrStopped {
			t.Errorf("Pipe = %v", err)
		}
		if i, l := svc.Info(), dead.list(); i.Refused != 2 || len(l) != 2 || !l[0].Refused {
			t.Errorf("%+v; %+v", i, l)
		}
	})
}

// The contexts of PipeContext have the values of the one that is given, not its end,
// and belong to the service.
func TestPIPEContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		svc := actor.Start(&basket{}, quiet())
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
		check := func(ctx context.Context) {
			if ctx.Value(key{}) != "value" || ctx.Err() != nil || actor.Self[basket](ctx) != svc {
				t.Errorf("%v", ctx)
			}
			if _, ok := ctx.Deadline(); ok {
				t.Error("it has a deadline")
			}
		}
		var last context.Context
		err := svc.RunContext(ctx, func(ctx context.Context, _ *basket) error {
			return actor.PipeContext(ctx, svc, func(ctx context.Context) (int, error) {
				time.Sleep(time.Second)
				check(ctx)
				return 3, nil
			}, func(ctx context.Context, b *basket, n int, err error) {
				check(ctx)
				b.put(n, err)
				last = ctx
			})
		})
		cancel()
		if err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
		if all := got(t, svc); !slices.Equal(all, []int{3}) {
			t.Errorf("%v", all)
		}
		stop(t, svc)
		if context.Cause(last) != actor.ErrStopped {
			t.Errorf("after the end: %v", context.Cause(last))
		}
	})
}

func TestPIPEMisusePanics(t *testing.T) {
	svc := actor.Start(&basket{}, quiet())
	defer stop(t, svc)
	ctx := t.Context()
	var none context.Context
	var zero actor.Service[basket]
	f := func(context.Context) (int, error) { return 0, nil }
	put := func(context.Context, *basket, int, error) {}
	panicsWith(t, "Pipe of a nil", func() { _ = actor.Pipe[basket, int](svc, nil, (*basket).put) })
	panicsWith(t, "Pipe of a nil", func() { _ = actor.Pipe[basket](svc, f, nil) })
	panicsWith(t, "PipeContext of a nil", func() { _ = actor.PipeContext[basket, int](ctx, svc, nil, put) })
	panicsWith(t, "PipeContext of a nil", func() { _ = actor.PipeContext[basket](ctx, svc, f, nil) })
	panicsWith(t, "PipeContext with a nil context", func() { _ = actor.PipeContext(none, svc, f, put) })
	panicsWith(t, "is made by Start or New", func() { _ = actor.Pipe(&zero, f, (*basket).put) })
	panicsWith(t, "WithPipeLimit(0)", func() { actor.WithPipeLimit(0) })
}
