package actor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// value asks for n without standing in the queue.
func value(t testing.TB, svc plainService) int {
	t.Helper()
	n, err := actor.Inspect(context.Background(), svc, (*plain).value)
	if err != nil {
		t.Error(err)
	}
	return n
}

// A paused service accepts and runs nothing, idle or at work, until it is resumed.
func TestPauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&plain{}, quiet())
		add := func(p *plain) { p.n++; time.Sleep(time.Second) }
		for range 5 {
			do(t, svc, add)
		}
		time.Sleep(1500 * time.Millisecond) // the second runs
		if err := svc.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		if i := svc.Info(); i.Running != 0 || i.Queued != 3 || !i.Paused {
			t.Errorf("paused: %+v", i)
		}
		time.Sleep(time.Hour)
		do(t, svc, add)
		if n := value(t, svc); n != 2 {
			t.Errorf("%d have run", n)
		}
		svc.Resume()
		time.Sleep(time.Hour)
		if i := svc.Info(); i.Executed != 6 || i.Paused {
			t.Errorf("resumed: %+v", i)
		}
		for range 3 { // of an idle service, and more than once
			if err := svc.Pause(ctx); err != nil {
				t.Fatal(err)
			}
		}
		do(t, svc, add)
		time.Sleep(time.Hour)
		if n := value(t, svc); n != 6 {
			t.Errorf("%d have run", n)
		}
		svc.Resume()
		svc.Resume()
		stop(t, svc)
		if i := svc.Info(); i.Executed != 7 {
			t.Errorf("at the end: %+v", i)
		}
	})
}

// Pause waits for the closure that runs, no longer than its context.
func TestPauseWaitsForTheClosure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&plain{}, quiet())
		b := occupy(t, svc)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := svc.Pause(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Pause = %v", err)
		}
		do(t, svc, func(p *plain) { p.n++ })
		b.letGo()
		synctest.Wait()
		if n := value(t, svc); n != 0 {
			t.Error("a closure has run after Pause")
		}
		svc.Resume()
		stop(t, svc)
	})
}

// What ends a service does not wait for Resume, and a restart leaves it paused.
func TestPauseHoldsUpNoEnd(t *testing.T) {
	ctx := context.Background()
	build := func(context.Context) (*plain, error) { return &plain{}, nil }
	for name, end := range map[string]func(plainService, context.CancelCauseFunc) (ran bool){
		"Stop": func(svc plainService, _ context.CancelCauseFunc) bool { _ = svc.Stop(ctx); return true },
		"Kill": func(svc plainService, _ context.CancelCauseFunc) bool { svc.Kill(); return false },
		"its context": func(_ plainService, cancel context.CancelCauseFunc) bool {
			cancel(nil)
			return true
		},
		"CutOff": func(svc plainService, _ context.CancelCauseFunc) bool { svc.CutOff(false); return false },
	} {
		t.Run(name, func(t *testing.T) {
			svc := actor.New(build, quiet())
			serving, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			served := serve(serving, svc)
			if err := svc.Run(ctx, nothing[plain]); err != nil {
				t.Fatal(err)
			}
			if err := svc.Pause(ctx); err != nil {
				t.Fatal(err)
			}
			do(t, svc, func(*plain) {})
			ran := end(svc, cancel)
			<-served
			if i := svc.Info(); ran != (i.Executed == 2) || i.Accepted != i.Executed+i.Dead {
				t.Errorf("%+v", i)
			}
			svc.Kill()
		})
	}
	t.Run("a restart", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.New(build, quiet())
			serving, cancel := context.WithCancelCause(supervised(ctx))
			served := serve(serving, svc)
			if err := svc.Pause(ctx); err != nil {
				t.Fatal(err)
			}
			do(t, svc, func(*plain) {})
			cancel(actor.Restart)
			if err := <-served; err != nil {
				t.Error(err)
			}
			served = serve(supervised(ctx), svc)
			time.Sleep(time.Hour)
			if i := svc.Info(); i.Executed != 0 || i.Queued != 1 || i.Incarnation != 2 || !i.Paused {
				t.Errorf("%+v", i)
			}
			svc.Resume()
			if err := svc.Run(ctx, nothing[plain]); err != nil {
				t.Error(err)
			}
			stop(t, svc)
			<-served
		})
	})
}

// A pause that the service makes itself begins after the closure, and does not wait.
func TestPauseFromInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&plain{}, quiet())
		if err := svc.Run(ctx, func(*plain) error { return svc.Pause(ctx) }); err != nil {
			t.Error(err)
		}
		do(t, svc, func(p *plain) { p.n++ })
		synctest.Wait()
		if n := value(t, svc); n != 0 {
			t.Error("it goes on")
		}
		svc.Resume()
		stop(t, svc)

		// Not served, it begins with the next incarnation.
		later := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
		if err := later.Pause(ctx); err != nil {
			t.Error(err)
		}
		do(t, later, func(p *plain) { p.n++ })
		served := serve(ctx, later)
		synctest.Wait()
		if n := value(t, later); n != 0 {
			t.Error("it has run something")
		}
		stop(t, later)
		<-served
	})
}

// Pausing and resuming loses nothing, while many send.
func TestPauseHammer(t *testing.T) {
	const senders, each = 8, 2000
	ctx := context.Background()
	svc := actor.Start(&plain{}, quiet(), actor.WithCapacity(16))
	sent := make(chan bool)
	for range senders {
		go func() {
			for range each {
				if err := svc.Run(ctx, func(p *plain) error { p.n++; return nil }); err != nil {
					t.Error(err)
				}
			}
			sent <- true
		}()
	}
	for done := 0; done < senders; {
		if err := svc.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		before := value(t, svc)
		if after := value(t, svc); after != before {
			t.Errorf("%d and then %d while paused", before, after)
		}
		svc.Resume()
		select {
		case <-sent:
			done++
		default:
		}
	}
	if n := value(t, svc); n != senders*each {
		t.Errorf("%d have run", n)
	}
	stop(t, svc)
}

// What waits when a service is resumed makes progress before the next pause takes hold,
// whoever waits for that pause, and nothing else runs while it is paused.
func TestPauseLeavesATurnToWhatWaits(t *testing.T) {
	const closures = 50
	ctx := context.Background()
	svc := actor.Start(&plain{}, quiet())
	if err := svc.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	for range closures {
		do(t, svc, func(p *plain) { p.n++ })
	}
	for i := range closures {
		svc.Resume()
		if err := svc.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		if n := value(t, svc); n < i+1 {
			t.Fatalf("%d have run in %d turns", n, i+1)
		}
	}
	if n := value(t, svc); n != closures {
		t.Errorf("%d have run", n)
	}
	svc.Resume() // with nothing waiting a pause owes nothing
	if err := svc.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	do(t, svc, func(p *plain) { p.n++ })
	if n := value(t, svc); n != closures {
		t.Errorf("%d have run", n)
	}
	svc.Resume()
	stop(t, svc)
}

// A turn that is owed is owed by the incarnation that was resumed: what is paused while it
// is down, or from inside, runs nothing more.
func TestPauseOwesNothingLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		add := func(p *plain) { p.n++ }
		inside := actor.Start(&plain{}, quiet())
		do(t, inside, func(*plain) {
			do(t, inside, add)
			if err := inside.Pause(ctx); err != nil {
				t.Error(err)
			}
			inside.Resume()
			if err := inside.Pause(ctx); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if n := value(t, inside); n != 0 {
			t.Error("a closure has run after the one that paused")
		}
		inside.Resume()
		stop(t, inside)

		svc := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
		serving, cancel := context.WithCancelCause(supervised(ctx))
		served := serve(serving, svc)
		b := occupy(t, svc)
		do(t, svc, add)
		paused, giveUp := context.WithCancel(ctx)
		giveUp()
		_ = svc.Pause(paused)
		svc.Resume() // one is owed
		_ = svc.Pause(paused)
		cancel(actor.Restart)
		synctest.Wait() // it is to end after this closure
		b.letGo()
		<-served
		served = serve(supervised(ctx), svc)
		synctest.Wait()
		if n := value(t, svc); n != 0 {
			t.Errorf("%d have run in an incarnation that began paused", n)
		}
		svc.Resume()
		stop(t, svc)
		<-served
	})
}

// A view that is made of a paused service shows it at once.
func TestPauseDoesNotHideAView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&plain{n: 7}, quiet())
		if err := svc.Pause(context.Background()); err != nil {
			t.Fatal(err)
		}
		v := actor.NewView(svc, (*plain).value)
		synctest.Wait()
		if n := v.Load(); n != 7 {
			t.Errorf("the view shows %d", n)
		}
		svc.Resume()
		stop(t, svc)
	})
}

// A service that has ended is not paused, and says so: to who asks afterwards, to who
// waited for a pause meanwhile, and in its Info, also if it was paused before.
func TestPauseOfTheEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		for _, end := range []func(svc plainService){
			func(svc plainService) { stop(t, svc) },
			func(svc plainService) { svc.Kill(); <-svc.Done() },
			func(svc plainService) { do(t, svc, panics); svc.Resume(); <-svc.Done() },
		} {
			for _, before := range []bool{false, true} {
				svc := actor.Start(&plain{}, quiet())
				if before {
					if err := svc.Pause(ctx); err != nil {
						t.Fatal(err)
					}
				}
				end(svc)
				for range 2 {
					if i := svc.Info(); i.State != actor.Ended || i.Paused {
						t.Errorf("paused before %v: %v, paused %v", before, i.State, i.Paused)
					}
					if err := svc.Pause(ctx); !errors.Is(err, actor.ErrStopped) {
						t.Errorf("Pause = %v", err)
					}
				}
				svc.Resume()
			}
		}
		svc := actor.Start(&plain{}, quiet())
		b := occupy(t, svc)
		waits := make(chan error, 1)
		go func() { waits <- svc.Pause(ctx) }()
		synctest.Wait()
		if i := svc.Info(); !i.Paused {
			t.Error("not yet paused")
		}
		go func() { stop(t, svc) }()
		synctest.Wait()
		if i := svc.Info(); i.State != actor.Draining || i.Paused {
			t.Errorf("%v, paused %v", i.State, i.Paused)
		}
		b.letGo()
		if err := <-waits; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Pause of what ends = %v", err)
		}
		synctest.Wait()
	})
}
