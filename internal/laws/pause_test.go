package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// value asks for n without standing in the queue.
func value(t testing.TB, svc plainService) int {
	t.Helper()
	n, err := actor.Inspect(context.Background(), svc, (*actortest.Plain).Value)
	if err != nil {
		t.Error(err)
	}
	return n
}

// A paused service accepts and runs nothing, idle or at work, until it is resumed.
func TestPauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		add := func(p *actortest.Plain) { p.N++; time.Sleep(time.Second) }
		for range 5 {
			actortest.Do(t, svc, add)
		}
		time.Sleep(1500 * time.Millisecond) // the second runs
		if err := svc.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		if i := svc.Info(); i.Running != 0 || i.Queued != 3 || !i.Paused {
			t.Errorf("paused: %+v", i)
		}
		time.Sleep(time.Hour)
		actortest.Do(t, svc, add)
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
		actortest.Do(t, svc, add)
		time.Sleep(time.Hour)
		if n := value(t, svc); n != 6 {
			t.Errorf("%d have run", n)
		}
		svc.Resume()
		svc.Resume()
		actortest.Stop(t, svc)
		if i := svc.Info(); i.Executed != 7 {
			t.Errorf("at the end: %+v", i)
		}
	})
}

// Pause waits for the closure that runs, no longer than its context.
func TestPauseWaitsForTheClosure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		b := actortest.Occupy(t, svc)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := svc.Pause(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Pause = %v", err)
		}
		actortest.Do(t, svc, func(p *actortest.Plain) { p.N++ })
		b.LetGo()
		synctest.Wait()
		if n := value(t, svc); n != 0 {
			t.Error("a closure has run after Pause")
		}
		svc.Resume()
		actortest.Stop(t, svc)
	})
}

// What waits in a paused service does not begin when the service is ended without draining,
// although its pause ends.
func TestL11EndOfAPauseRunsNothing(t *testing.T) {
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
	for name, end := range map[string]func(plainService, context.CancelFunc){
		"Kill":          func(svc plainService, _ context.CancelFunc) { svc.Kill() },
		"CutOff":        func(svc plainService, _ context.CancelFunc) { svc.CutOff(false) },
		"no drain time": func(_ plainService, cancel context.CancelFunc) { cancel() },
	} {
		for range 4 {
			svc := actor.New(build, actortest.Quiet(), actor.WithDrainTime(0))
			serving, cancel := context.WithCancel(t.Context())
			served := actortest.Serve(serving, svc)
			if err := svc.Run(t.Context(), actortest.Nothing[actortest.Plain]); err != nil {
				t.Fatal(err)
			}
			if err := svc.Pause(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2000 { // to end them takes a while
				if err := actor.Go(svc, func(ctx context.Context) error { <-ctx.Done(); return nil }); err != nil {
					t.Fatal(err)
				}
			}
			actortest.Do(t, svc, func(*actortest.Plain) { t.Errorf("%s: a closure began", name) })
			end(svc, cancel)
			<-served
			cancel()
			svc.Kill()
		}
	}
}

// What ends a service does not wait for Resume, and a restart leaves it paused.
func TestPauseHoldsUpNoEnd(t *testing.T) {
	ctx := context.Background()
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
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
			svc := actor.New(build, actortest.Quiet())
			serving, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			served := actortest.Serve(serving, svc)
			if err := svc.Run(ctx, actortest.Nothing[actortest.Plain]); err != nil {
				t.Fatal(err)
			}
			if err := svc.Pause(ctx); err != nil {
				t.Fatal(err)
			}
			actortest.Do(t, svc, func(*actortest.Plain) {})
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
			svc := actor.New(build, actortest.Quiet())
			serving, cancel := context.WithCancelCause(actortest.Supervised(ctx))
			served := actortest.Serve(serving, svc)
			if err := svc.Pause(ctx); err != nil {
				t.Fatal(err)
			}
			actortest.Do(t, svc, func(*actortest.Plain) {})
			cancel(actor.Restart)
			if err := <-served; err != nil {
				t.Error(err)
			}
			served = actortest.Serve(actortest.Supervised(ctx), svc)
			time.Sleep(time.Hour)
			if i := svc.Info(); i.Executed != 0 || i.Queued != 1 || i.Incarnation != 2 || !i.Paused {
				t.Errorf("%+v", i)
			}
			svc.Resume()
			if err := svc.Run(ctx, actortest.Nothing[actortest.Plain]); err != nil {
				t.Error(err)
			}
			actortest.Stop(t, svc)
			<-served
		})
	})
}

// A pause that the service makes itself begins after the closure, and does not wait.
func TestPauseFromInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if err := svc.Run(ctx, func(*actortest.Plain) error { return svc.Pause(ctx) }); err != nil {
			t.Error(err)
		}
		actortest.Do(t, svc, func(p *actortest.Plain) { p.N++ })
		synctest.Wait()
		if n := value(t, svc); n != 0 {
			t.Error("it goes on")
		}
		svc.Resume()
		actortest.Stop(t, svc)

		// Not served, it begins with the next incarnation.
		later := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
		if err := later.Pause(ctx); err != nil {
			t.Error(err)
		}
		actortest.Do(t, later, func(p *actortest.Plain) { p.N++ })
		served := actortest.Serve(ctx, later)
		synctest.Wait()
		if n := value(t, later); n != 0 {
			t.Error("it has run something")
		}
		actortest.Stop(t, later)
		<-served
	})
}

// Pausing and resuming loses nothing, while many send.
func TestPauseHammer(t *testing.T) {
	const senders, each = 8, 2000
	ctx := context.Background()
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(16))
	sent := make(chan bool)
	for range senders {
		go func() {
			for range each {
				if err := svc.Run(ctx, func(p *actortest.Plain) error { p.N++; return nil }); err != nil {
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
	actortest.Stop(t, svc)
}

// What waits when a service is resumed makes progress before the next pause takes hold,
// whoever waits for that pause, and nothing else runs while it is paused.
func TestPauseLeavesATurnToWhatWaits(t *testing.T) {
	const closures = 50
	ctx := context.Background()
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	if err := svc.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	for range closures {
		actortest.Do(t, svc, func(p *actortest.Plain) { p.N++ })
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
	actortest.Do(t, svc, func(p *actortest.Plain) { p.N++ })
	if n := value(t, svc); n != closures {
		t.Errorf("%d have run", n)
	}
	svc.Resume()
	actortest.Stop(t, svc)
}

// A turn that is owed is owed by the incarnation that was resumed: what is paused while it
// is down, or from inside, runs nothing more.
func TestPauseOwesNothingLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		add := func(p *actortest.Plain) { p.N++ }
		inside := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actortest.Do(t, inside, func(*actortest.Plain) {
			actortest.Do(t, inside, add)
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
		actortest.Stop(t, inside)

		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
		serving, cancel := context.WithCancelCause(actortest.Supervised(ctx))
		served := actortest.Serve(serving, svc)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, add)
		paused, giveUp := context.WithCancel(ctx)
		giveUp()
		_ = svc.Pause(paused)
		svc.Resume() // one is owed
		_ = svc.Pause(paused)
		cancel(actor.Restart)
		synctest.Wait() // it is to end after this closure
		b.LetGo()
		<-served
		served = actortest.Serve(actortest.Supervised(ctx), svc)
		synctest.Wait()
		if n := value(t, svc); n != 0 {
			t.Errorf("%d have run in an incarnation that began paused", n)
		}
		svc.Resume()
		actortest.Stop(t, svc)
		<-served
	})
}

// A view that is made of a paused service shows it at once.
func TestPauseDoesNotHideAView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{N: 7}, actortest.Quiet())
		if err := svc.Pause(context.Background()); err != nil {
			t.Fatal(err)
		}
		v := actor.NewView(svc, (*actortest.Plain).Value)
		synctest.Wait()
		if n := v.Load(); n != 7 {
			t.Errorf("the view shows %d", n)
		}
		svc.Resume()
		actortest.Stop(t, svc)
	})
}

// A service that has ended is not paused, and says so: to who asks afterwards, to who
// waited for a pause meanwhile, and in its Info, also if it was paused before.
func TestPauseOfTheEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		for _, end := range []func(svc plainService){
			func(svc plainService) { actortest.Stop(t, svc) },
			func(svc plainService) { svc.Kill(); <-svc.Done() },
			func(svc plainService) { actortest.Do(t, svc, actortest.Panics); svc.Resume(); <-svc.Done() },
		} {
			for _, before := range []bool{false, true} {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
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
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		b := actortest.Occupy(t, svc)
		waits := make(chan error, 1)
		go func() { waits <- svc.Pause(ctx) }()
		synctest.Wait()
		if i := svc.Info(); !i.Paused {
			t.Error("not yet paused")
		}
		go func() { actortest.Stop(t, svc) }()
		synctest.Wait()
		if i := svc.Info(); i.State != actor.Draining || i.Paused {
			t.Errorf("%v, paused %v", i.State, i.Paused)
		}
		b.LetGo()
		if err := <-waits; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Pause of what ends = %v", err)
		}
		synctest.Wait()
	})
}
