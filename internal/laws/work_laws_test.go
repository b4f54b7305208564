package laws_test

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
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Stop waits for work, also for what has not begun, and runs what comes of it,
// which may begin more.
func TestL11StopWaitsForWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, opts := range [][]actor.Option{{}, {actor.WithCapacity(1)}, {actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest)}} {
			build := func(context.Context) (*basket, error) { return &basket{}, nil }
			var dead actortest.Letters
			svc := actor.New(build, append(opts, actortest.Quiet(), actor.WithPipeLimit(2), actor.WithSlowClosure(time.Minute), dead.Option())...)
			served := actortest.Serve(context.Background(), svc)
			synctest.Wait()
			var b *basket
			actortest.Do(t, svc, func(v *basket) { b = v })
			synctest.Wait()
			for i := range 4 {
				pipe(t, svc, after(time.Second, i))
			}
			err := actor.Pipe(svc, after(time.Second, 0), func(b *basket, n int, err error) {
				actortest.InState(t, svc, actor.Draining)
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
			actortest.Balanced(t, i)
			if i.Dead != 0 || len(dead.List()) != 1 || i.Refused != 1 {
				t.Errorf("%+v; %+v", i, dead.List())
			}
		}
	})
}

// A Stop whose context ends first does not wait for work any longer, and names it. The
// outcome is a dead letter then and there.
func TestL11StopIsCutOffFromWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, actortest.Quiet(), dead.Option())
		served := actortest.Serve(context.Background(), svc)
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
		l := dead.List()
		if len(l) != 1 || l[0].Refused || l[0].Reason != actor.ErrStopped || !strings.Contains(l[0].Func, "basket).put") {
			t.Errorf("dead letters: %+v", l)
		}
		close(release)
		synctest.Wait()
		i := svc.Info()
		actortest.Balanced(t, i)
		if len(dead.List()) != 1 || i.Dead != 1 || i.Accepted != 1 {
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
			func(s *actor.Service[basket]) { actortest.Do(t, s, func(*basket) { panic("crash") }) },
			func(s *actor.Service[basket]) {
				_ = s.DoContext(context.Background(), func(ctx context.Context, _ *basket) { actor.Exit(ctx, nil) })
			},
			func(s *actor.Service[basket]) { s.CutOff(true) },
		} {
			var dead actortest.Letters
			svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil },
				actor.WithPipeLimit(2), actortest.Quiet(), dead.Option())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
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
			if l := dead.List(); len(l) != 3 {
				t.Errorf("dead letters: %+v", l)
			}
			if svc.Info().State != actor.Ended {
				actortest.Serve(actortest.Supervised(context.Background()), svc)
				if all := got(t, svc); len(all) != 0 {
					t.Errorf("%v came to the next incarnation", all)
				}
				actortest.Stop(t, svc)
			}
			actortest.Balanced(t, svc.Info())
		}
	})
}

// An outcome that is queued when its incarnation ends is not for the next one.
func TestL8OutcomeOfAnotherIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, actortest.Quiet(), dead.Option())
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		pipe(t, svc, after(time.Second, 1))
		actortest.Do(t, svc, func(*basket) { time.Sleep(time.Minute); panic("crash") })
		<-served
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		if all := got(t, svc); len(all) != 0 {
			t.Errorf("%v came to the next incarnation", all)
		}
		if l := dead.List(); len(l) != 1 || l[0].Reason != actor.ErrRestarted {
			t.Errorf("dead letters: %+v", l)
		}
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
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
			var log actortest.Records
			var dead actortest.Letters
			svc := actor.New((&actortest.Factory{}).Build, log.Option(), dead.Option())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			ran := false
			actortest.Do(t, svc, func(*actortest.Closable) { time.Sleep(time.Second); ran = true })
			synctest.Wait()
			if err := actor.Pipe(svc, row.f, func(*actortest.Closable, int, error) {}); err != nil {
				t.Error(err)
			}
			err := <-served
			var p *actor.PanicError
			if !errors.As(err, &p) || p.Value != row.value || !strings.Contains(p.Func, "TestL7PanicInWork") ||
				!strings.Contains(string(p.Stack()), "TestL7PanicInWork") || !ran {
				t.Errorf("Serve = %v; ran: %t", err, ran)
			}
			if len(log.With("actor: service crashed")) != 1 || len(dead.List()) != 1 {
				t.Errorf("logged: %v; dead letters: %v", log.With("actor: service crashed"), dead.List())
			}
			actortest.InState(t, svc, actor.Pending)
			actortest.Stop(t, svc)
			actortest.Balanced(t, svc.Info())
		}
	})
}

// A panic in work ends a drain, as a crash does.
func TestL11PanicInWorkEndsTheDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actortest.Quiet())
		pipe(t, svc, func(context.Context) (int, error) { time.Sleep(time.Second); panic("work") })
		pipe(t, svc, after(time.Hour, 1))
		begin := time.Now()
		var p *actor.PanicError
		if err := svc.Stop(context.Background()); !errors.As(err, &p) {
			t.Errorf("Stop = %v", err)
		}
		elapsed(t, begin, time.Second)
		actortest.Balanced(t, svc.Info())
	})
}

// The outcome stands in line for room in a bounded service, and the work's place is
// taken as long.
func TestL14OutcomeStandsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actor.WithCapacity(1), actor.WithPipeLimit(2), actortest.Quiet())
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*basket) {})
		var begun atomic.Int32
		for i := range 4 {
			pipe(t, svc, func(context.Context) (int, error) { begun.Add(1); return i, nil })
		}
		synctest.Wait()
		if n := begun.Load(); n != 2 || svc.Info().Queued != 1 {
			t.Errorf("%d works have begun; %+v", n, svc.Info())
		}
		b.LetGo()
		synctest.Wait()
		if n := len(got(t, svc)); n != 4 {
			t.Errorf("%d outcomes", n)
		}
		actortest.Stop(t, svc)
		i := svc.Info()
		actortest.Balanced(t, i)
		if i.Executed != i.Accepted {
			t.Errorf("%+v", i)
		}
	})
}

// After Stop has returned nil no goroutine of the works is left, however they race
// with it; and all outcomes are accounted for.
func TestL12NoWorkIsLeft(t *testing.T) {
	for round := range 300 {
		svc := actor.Start(&basket{}, actor.WithPipeLimit(1+round%4), actor.WithCapacity(1+round%3), actortest.Quiet())
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
		actortest.Stop(t, svc)
		n := ran.Load()
		<-refused
		if n != ended.Load() || n != accepted.Load() || n != ran.Load() {
			t.Fatalf("%d accepted, %d ended, %d outcomes ran", accepted.Load(), ended.Load(), n)
		}
		actortest.Balanced(t, svc.Info())
	}
}
