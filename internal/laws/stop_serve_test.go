package laws_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// When the context of Serve ends without a supervisor's word, that is a stop: what
// was accepted runs, within the time for draining, and Serve returns nil.
func TestL11ServeDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet(), actor.WithDrainTime(time.Minute))
		ctx, cancel := context.WithCancel(context.Background())
		served := actortest.Serve(ctx, svc)
		b := actortest.Occupy(t, svc)
		ran := 0
		for range 5 {
			actortest.Do(t, svc, func(*closing) { ran++; time.Sleep(time.Second) })
		}
		cancel()
		synctest.Wait()
		actortest.InState(t, svc, actor.Draining)
		if err := svc.Do(actortest.Panics); err != actor.ErrStopped {
			t.Errorf("Do = %v", err)
		}
		b.LetGo()
		if err := <-served; err != nil || ran != 5 {
			t.Errorf("Serve = %v, %d ran", err, ran)
		}
		actortest.InState(t, svc, actor.Down)
		made().closedAtHome(t)

		// The time for draining is over long after that: it concerns nobody any more.
		again := actortest.Serve(context.Background(), svc)
		synctest.Wait()
		time.Sleep(time.Hour)
		actortest.InState(t, svc, actor.Running)
		actortest.Stop(t, svc)
		<-again
	})
}

// What does not end in the time for draining is cut off: 5 s by default.
func TestL11ServeCutsOff(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []actor.Option
		time    time.Duration
	}{
		{"default", nil, 5 * time.Second},
		{"a minute", []actor.Option{actor.WithDrainTime(time.Minute)}, time.Minute},
		{"nothing more is run", []actor.Option{actor.WithDrainTime(0)}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				build, made := maker(nil)
				svc := actor.New(build, append(test.options, actortest.Quiet())...)
				ctx, cancel := context.WithCancel(context.Background())
				served := actortest.Serve(ctx, svc)
				b := actortest.Occupy(t, svc)
				queued := actor.Async(svc, func(*closing) (int, error) { return 0, nil })
				start := time.Now()
				cancel()
				_, err := queued.Await(context.Background())
				actortest.Within(t, "the queued call", err, actor.ErrStopped, actor.NotRun)
				if waited := time.Since(start); waited != test.time {
					t.Errorf("cut off after %v", waited)
				}
				synctest.Wait() // the queue is answered before the service has moved on
				actortest.InState(t, svc, actor.Down)
				if !actortest.IsOpen(served) {
					t.Error("Serve has returned from a goroutine that is stuck")
				}
				b.LetGo()
				err = <-served
				if err == nil || !strings.Contains(err.Error(), "cut off") {
					t.Errorf("Serve = %v", err)
				}
				made().closedAtHome(t)
			})
		})
	}
}

// Nothing of a service that is idle is cut off, even if nothing more may run.
func TestL11ServeOfIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet(), actor.WithDrainTime(0))
		ctx, cancel := context.WithCancel(context.Background())
		served := actortest.Serve(ctx, svc)
		synctest.Wait()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		actortest.InState(t, svc, actor.Down)
		made().closedAtHome(t)
	})
}

// A supervisor bounds the draining itself: it is never cut off for the time.
func TestL11SupervisedDrainsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, _ := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		ctx, cancel := context.WithCancel(actortest.Supervised(context.Background()))
		served := actortest.Serve(ctx, svc)
		b := actortest.Occupy(t, svc)
		ran := false
		actortest.Do(t, svc, func(*closing) { ran = true })
		cancel()
		time.Sleep(time.Hour)
		actortest.InState(t, svc, actor.Draining)
		b.LetGo()
		if err := <-served; err != nil || !ran {
			t.Errorf("Serve = %v, ran: %v", err, ran)
		}
		actortest.InState(t, svc, actor.Down)
	})
}

// Goexit ends the goroutine of Serve too. The rest is as with a panic.
func TestL11ServeDoesNotSurviveGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		_, err := actor.Call(context.Background(), svc, func(*closing) (int, error) {
			runtime.Goexit()
			return 0, nil
		})
		actortest.Within(t, "the call", err, actor.ErrGoexit, actor.Crashed)
		if err, returned := <-served; returned {
			t.Errorf("Serve = %v", err)
		}
		actortest.InState(t, svc, actor.Pending)
		if !errors.Is(svc.Err(), actor.ErrGoexit) {
			t.Errorf("Err = %v", svc.Err())
		}
		made().closedAtHome(t)
		svc.Kill()
	})
}

// Serve of a service that is being served, or has ended, does nothing.
func TestL11ServeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		served := actortest.Serve(context.Background(), svc)
		synctest.Wait()
		first := made()
		if err := svc.Serve(context.Background()); !errors.Is(err, actor.ErrServed) {
			t.Errorf("Serve while it is served = %v", err)
		}
		b := actortest.Occupy(t, svc)
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(context.Background()) }()
		synctest.Wait()
		for range 2 { // draining, and ended
			err := svc.Serve(context.Background())
			if !errors.Is(err, actor.ErrStopped) && !errors.Is(err, actor.ErrServed) {
				t.Errorf("Serve while it is %v = %v", svc.Info().State, err)
			}
			if b != nil {
				b.LetGo()
				b = nil
				<-stopped
			}
		}
		if err := svc.Serve(context.Background()); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Serve after Stop = %v", err)
		}
		<-served
		if made() != first {
			t.Error("another T was made")
		}

		started := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if err := started.Serve(context.Background()); !errors.Is(err, actor.ErrServed) {
			t.Errorf("Serve of a started service = %v", err)
		}
		actortest.Stop(t, started)
	})
}

// Of many goroutines that serve at once, one does.
func TestL11ServeManyAtOnce(t *testing.T) {
	for range 100 {
		var f actortest.Factory
		svc := actor.New(f.Build, actortest.Quiet())
		ctx, cancel := context.WithCancel(context.Background())
		var all [4]<-chan error
		for i := range all {
			all[i] = actortest.Serve(ctx, svc)
		}
		if err := svc.Run(context.Background(), actortest.Nothing); err != nil {
			t.Errorf("Run = %v", err)
		}
		// Those that are refused return; the one that is not returns when it is told to.
		refused := make(chan bool, len(all))
		for _, served := range all {
			go func() { refused <- errors.Is(<-served, actor.ErrServed) }()
		}
		for range len(all) - 1 {
			if !<-refused {
				t.Error("one served, and returned")
			}
		}
		cancel()
		if <-refused {
			t.Error("nobody served")
		}
		if n := len(f.List()); n != 1 {
			t.Fatalf("%d incarnations", n)
		}
	}
}

// A service that is down can be served again, and its handle is the same.
func TestL11ServeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f actortest.Factory
		var d actortest.Diary
		svc := actor.New(f.Build, actortest.Quiet())
		for n := 1; n <= 3; n++ {
			ctx, cancel := context.WithCancel(context.Background())
			served := actortest.Serve(ctx, svc)
			synctest.Wait()
			actortest.Do(t, svc, d.Note("a"))
			cancel()
			<-served
			actortest.InState(t, svc, actor.Down)
			if err := svc.Do(d.Note("b")); err != actor.ErrStopped {
				t.Errorf("Do while it is down = %v", err)
			}
			if i := svc.Info(); i.Incarnation != uint64(n) || !actortest.IsOpen(svc.Done()) {
				t.Errorf("%+v", i)
			}
		}
		d.Expect(t, "1:a 2:a 3:a")
		for _, c := range f.List() {
			if c.Closes.Load() != 1 {
				t.Errorf("T %d was closed %d times", c.Number, c.Closes.Load())
			}
		}
		actortest.Stop(t, svc)
	})
}

// A context that has ended before Serve makes no T; that is a stop, or a restart
// that is over at once.
func TestL11ServeWithEndedContext(t *testing.T) {
	for _, cause := range []error{nil, actor.Restart} {
		synctest.Test(t, func(t *testing.T) {
			var f actortest.Factory
			svc := actor.New(f.Build, actortest.Quiet())
			queued := actor.Async(svc, func(*actortest.Closable) (int, error) { return 7, nil })
			ctx, cancel := context.WithCancelCause(actortest.Supervised(context.Background()))
			cancel(cause)
			if err := svc.Serve(ctx); err != nil {
				t.Errorf("Serve = %v", err)
			}
			if len(f.List()) > 0 {
				t.Error("a T was made")
			}
			if cause == nil {
				actortest.InState(t, svc, actor.Down)
				_, err := queued.Await(context.Background())
				actortest.Within(t, "the queued call", err, actor.ErrStopped, actor.NotRun)
				return
			}
			actortest.InState(t, svc, actor.Pending)
			again := actortest.Serve(actortest.Supervised(context.Background()), svc)
			if n, err := queued.Await(context.Background()); n != 7 || err != nil {
				t.Errorf("the queued call: %v, %v", n, err)
			}
			actortest.Stop(t, svc)
			<-again
		})
	}
}
