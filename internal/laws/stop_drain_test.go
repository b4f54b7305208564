package laws_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// place is where a T is touched: its goroutine, how often it was closed.
type closing struct {
	home   int // the goroutine that made it
	closed []int
	close  func() error // may be nil
}

func (c *closing) Close() error {
	c.closed = append(c.closed, goroutine())
	if c.close != nil {
		return c.close()
	}
	return nil
}

// closedAtHome demands one Close on the goroutine that made the T.
func (c *closing) closedAtHome(t testing.TB) {
	t.Helper()
	if len(c.closed) != 1 || c.closed[0] != c.home {
		t.Errorf("made on goroutine %d, closed on %v", c.home, c.closed)
	}
}

// maker returns a constructor, and the T that it has made last.
func maker(close func() error) (func(context.Context) (*closing, error), func() *closing) {
	var mu sync.Mutex
	var made *closing
	build := func(context.Context) (*closing, error) {
		mu.Lock()
		defer mu.Unlock()
		made = &closing{home: goroutine(), close: close}
		return made, nil
	}
	return build, func() *closing {
		mu.Lock()
		defer mu.Unlock()
		return made
	}
}

// Stop takes nothing new, runs what was accepted, closes T once on its own
// goroutine, and then Done is closed.
func TestL11StopDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		var dead actortest.Letters
		svc := actor.New(build, actortest.Quiet(), dead.Option())
		served := actortest.Serve(context.Background(), svc)
		b := actortest.Occupy(t, svc)
		var ran []int
		for i := range 5 {
			actortest.Do(t, svc, func(*closing) { ran = append(ran, i) })
		}
		answer := actor.Async(svc, func(c *closing) (int, error) { return len(ran), nil })
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(context.Background()) }()
		synctest.Wait()

		actortest.InState(t, svc, actor.Draining)
		if err := svc.Do(func(*closing) {}); err != actor.ErrStopped {
			t.Errorf("Do during Stop = %v", err)
		}
		err := svc.Run(context.Background(), func(*closing) error { return nil })
		actortest.Within(t, "Run during Stop", err, actor.ErrStopped, actor.NotRun)
		if !actortest.IsOpen(svc.Done()) || len(stopped) > 0 || len(made().closed) > 0 {
			t.Error("it ended before its closures did")
		}

		b.LetGo()
		if err := <-stopped; err != nil {
			t.Errorf("Stop = %v", err)
		}
		if actortest.IsOpen(svc.Done()) || svc.Err() != nil || <-served != nil {
			t.Errorf("Done is open: %v, Err = %v", actortest.IsOpen(svc.Done()), svc.Err())
		}
		actortest.InState(t, svc, actor.Ended)
		made().closedAtHome(t)
		if n, err := answer.Await(context.Background()); n != 5 || err != nil {
			t.Errorf("the queued call: %v, %v", n, err)
		}
		if fmt.Sprint(ran) != "[0 1 2 3 4]" || len(dead.List()) != 1 { // the refused one
			t.Errorf("ran %v, dead letters %+v", ran, dead.List())
		}
		if err := svc.Stop(context.Background()); err != nil {
			t.Errorf("another Stop = %v", err)
		}
		made().closedAtHome(t)
		actortest.Balanced(t, svc.Info())
	})
}

// What was running, queued or about to be refused by a Kill: nothing more runs.
func TestL11KillDoesNotDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		var dead actortest.Letters
		svc := actor.New(build, actortest.Quiet(), dead.Option())
		served := actortest.Serve(context.Background(), svc)
		b := actortest.NewBlocker[closing]()
		running := actor.Async(svc, b.Result)
		<-b.Started
		actortest.Do(t, svc, func(*closing) { t.Error("a queued closure ran") })
		queued := actor.Async(svc, b.Result)
		svc.Kill() // and returns, although a closure runs
		if actortest.IsOpen(svc.Done()) {
			t.Error("Done is open")
		}
		_, err := running.Await(context.Background())
		actortest.Within(t, "the call that was running", err, actor.ErrStopped, actor.Unknown)
		_, err = queued.Await(context.Background())
		actortest.Within(t, "the queued call", err, actor.ErrStopped, actor.NotRun)
		if all := dead.List(); len(all) != 2 || all[0].Reason != actor.ErrStopped {
			t.Errorf("dead letters: %+v", all)
		}
		if len(made().closed) > 0 {
			t.Error("T was closed while its closure ran")
		}
		if i := svc.Info(); i.Running != 1 || i.Queued != 0 {
			t.Errorf("cut off: %+v", i)
		}
		b.LetGo()
		<-served
		made().closedAtHome(t)
		if i := svc.Info(); i.Running != 0 || i.Executed != 1 || i.Dead != 2 {
			t.Errorf("in the end: %+v", i)
		}
	})
}

// However many stop it at once, all of them return when it has ended.
func TestL11ManyStops(t *testing.T) {
	for range 200 {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		for range 10 {
			actortest.Do(t, svc, func(*actortest.Closable) {})
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				actortest.Stop(t, svc)
				if actortest.IsOpen(svc.Done()) {
					t.Error("Stop returned before the end")
				}
			})
		}
		wg.Wait()
		if i := svc.Info(); i.Executed != 10 {
			t.Errorf("%+v", i)
		}
	}
}

// Senders and a Stop at once: each Do is either accepted, and then runs, or
// refused.
func TestL11DoDuringStop(t *testing.T) {
	for range 100 {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		var accepted [4]uint64
		var wg sync.WaitGroup
		for s := range accepted {
			wg.Go(func() {
				for {
					err := svc.Do(func(p *actortest.Plain) { p.N++ })
					if err != nil {
						if err != actor.ErrStopped {
							t.Errorf("Do = %v", err)
						}
						return
					}
					accepted[s]++
				}
			})
		}
		actortest.Stop(t, svc)
		wg.Wait()
		want := accepted[0] + accepted[1] + accepted[2] + accepted[3]
		if i := svc.Info(); i.Accepted != want || i.Executed != want {
			t.Fatalf("%d accepted: %+v", want, i)
		}
	}
}

// A crash while it drains ends the service: the rest is answered at once.
func TestL11CrashWhileDraining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, actortest.Panics)
		queued := actor.Async(svc, func(*closing) (int, error) { return 0, nil })
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(context.Background()) }()
		synctest.Wait()
		b.LetGo()
		var p *actor.PanicError
		if err := <-stopped; !errors.As(err, &p) || p.Value != "boom" {
			t.Errorf("Stop = %v", err)
		}
		_, err := queued.Await(context.Background())
		actortest.Within(t, "the queued call", err, actor.ErrStopped, actor.NotRun)
		actortest.InState(t, svc, actor.Ended)
		synctest.Wait()
		made().closedAtHome(t)
	})
}

// What Close returns, or its panic, is what Stop returns.
func TestL11StopReportsClose(t *testing.T) {
	failed := errors.New("disk full")
	for _, test := range []struct {
		name  string
		close func() error
		want  error
	}{
		{"an error", func() error { return failed }, failed},
		{"a panic", func() error { panic(failed) }, failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				build, made := maker(test.close)
				svc := actor.New(build, actortest.Quiet())
				served := actortest.Serve(context.Background(), svc)
				synctest.Wait()
				if err := svc.Stop(context.Background()); !errors.Is(err, test.want) {
					t.Errorf("Stop = %v", err)
				}
				if err := <-served; !errors.Is(err, test.want) || !errors.Is(svc.Err(), test.want) {
					t.Errorf("Serve = %v, Err = %v", err, svc.Err())
				}
				made().closedAtHome(t)
			})
		})
	}
}
