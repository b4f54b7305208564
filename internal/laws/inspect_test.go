package laws_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// An inspection waits for the closure that runs, and not for those in the queue.
func TestInspectPassesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(3))
		for range 4 {
			actortest.Do(t, svc, func(p *actortest.Plain) { p.N++; time.Sleep(time.Hour) })
			synctest.Wait()
		}
		start := time.Now()
		n, err := actor.Inspect(context.Background(), svc, (*actortest.Plain).Value)
		if n != 1 || err != nil || time.Since(start) != time.Hour {
			t.Errorf("%d, %v, after %v", n, err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := actor.Inspect(ctx, svc, (*actortest.Plain).Value); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("within a minute: %v", err)
		}
		actortest.Stop(t, svc)
		if _, err := actor.Inspect(context.Background(), svc, (*actortest.Plain).Value); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("of a stopped service: %v", err)
		}
	})
}

// Inspections without end, of which there is always one that waits, do not starve the queue.
func TestInspectLeavesATurnToTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		var askers sync.WaitGroup
		for range 2 {
			askers.Go(func() {
				for ctx.Err() == nil {
					_, err := actor.Inspect(context.Background(), svc, func(*actortest.Plain) int {
						time.Sleep(time.Millisecond) // the other one asks meanwhile
						return 0
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		synctest.Wait() // the service looks
		start := time.Now()
		for range 10 {
			if err := svc.Run(context.Background(), actortest.Nothing[actortest.Plain]); err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(start); d > 50*time.Millisecond {
			t.Errorf("ten calls took %v", d)
		}
		askers.Wait()
		actortest.Stop(t, svc)
	})
}

// A function that crashes is the error of who asked, and the service goes on.
func TestInspectCrashIsNotTheServices(t *testing.T) {
	ctx := context.Background()
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	var p *actor.PanicError
	if _, err := actor.Inspect(ctx, svc, func(*actortest.Plain) int { panic("curious") }); !errors.As(err, &p) || p.Value != "curious" ||
		!strings.Contains(p.Func, "TestInspectCrashIsNotTheServices") || !strings.Contains(string(p.Stack()), "TestInspectCrash") {
		t.Errorf("%v", err)
	}
	if _, err := actor.Inspect(ctx, svc, func(*actortest.Plain) int { runtime.Goexit(); return 0 }); !errors.As(err, &p) || p.Value != actor.ErrGoexit {
		t.Errorf("%v", err)
	}
	if i := svc.Info(); i.State != actor.Running || i.Incarnation != 1 || i.Crash != nil {
		t.Errorf("%+v", i)
	}
	actortest.Stop(t, svc)
}

// What the value of a panic in a function of Inspect, or in LogValue, says is asked where it
// panicked, and who has asked reads what was kept.
func TestL17InspectionIsKept(t *testing.T) {
	actortest.EachManner(t, "says", func(t *testing.T, m hostile.Manner, release func()) {
		bad := func() { panic(&hostile.Error{Manner: m}) }
		svc := actor.Start(&account{told: bad}, actortest.Quiet())
		for name, ask := range map[string]func(context.Context) error{
			"Inspect": func(ctx context.Context) error {
				_, err := actor.Inspect(ctx, svc, func(*account) int { bad(); return 0 })
				return err
			},
			"Show": func(ctx context.Context) error { _, err := svc.Show(ctx); return err },
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err := ask(ctx)
			cancel()
			said := make(chan string, 1)
			go func() {
				defer close(said)
				said <- err.Error()
			}()
			synctest.Wait()
			select {
			case text := <-said:
				if text == "" {
					t.Errorf("%s: who looks is ended", name)
				}
			default:
				t.Errorf("%s: who looks waits", name)
			}
			var crash *actor.PanicError
			if errors.As(err, &crash) == (m.Name == "blocks") {
				t.Errorf("%s: %v", name, err)
			}
		}
		release()
		actortest.Stop(t, svc)
	})
}

// From a function that hangs the service can be cut off as from a closure.
func TestInspectThatHangs(t *testing.T) {
	for _, kill := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			v := &actortest.Closable{}
			svc := actor.Start(v, actortest.Quiet())
			free := make(chan struct{})
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_, err := actor.Inspect(ctx, svc, func(*actortest.Closable) int { <-free; return 1 })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Inspect = %v", err)
			}
			actortest.Do(t, svc, func(*actortest.Closable) {})
			if kill {
				svc.Kill()
			} else if err := svc.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "TestInspectThatHangs") {
				t.Errorf("Stop = %v", err)
			}
			<-svc.Done()
			if i := svc.Info(); i.Dead != 1 || i.State != actor.Ended {
				t.Errorf("%+v", i)
			}
			if v.Closes.Load() != 0 {
				t.Error("closed while it is looked at")
			}
			close(free)
			synctest.Wait()
			if v.Closes.Load() != 1 {
				t.Errorf("closed %d times", v.Closes.Load())
			}
		})
	}
}

// An inspection of a service that is pending waits for the next incarnation, or for the
// end.
func TestInspectPending(t *testing.T) {
	ctx := context.Background()
	for _, ends := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{N: 7}, nil }, actortest.Quiet())
			got := make(chan error)
			go func() {
				n, err := actor.Inspect(ctx, svc, (*actortest.Plain).Value)
				if err == nil && n != 7 {
					t.Errorf("%d", n)
				}
				got <- err
			}()
			synctest.Wait()
			var served <-chan error
			if ends {
				actortest.Stop(t, svc)
			} else {
				served = actortest.Serve(ctx, svc)
			}
			if err := <-got; ends != errors.Is(err, actor.ErrStopped) {
				t.Errorf("ends %v: %v", ends, err)
			}
			if !ends {
				actortest.Stop(t, svc)
				<-served
			}
		})
	}
}

// What a service would wait for is refused if it would wait for ever.
func TestInspectFindsDeadlocks(t *testing.T) {
	ctx := context.Background()
	left, right := actor.Start(&actortest.Plain{}, actortest.Quiet()), actor.Start(&actortest.Plain{}, actortest.Quiet())
	look := func(svc plainService) error {
		_, err := actor.Inspect(ctx, svc, (*actortest.Plain).Value)
		return err
	}
	var d *actor.DeadlockError
	if err := left.Run(ctx, func(*actortest.Plain) error { return look(left) }); !errors.As(err, &d) {
		t.Errorf("itself: %v", err)
	}
	err := left.Run(ctx, func(*actortest.Plain) error {
		return right.Run(ctx, func(*actortest.Plain) error { return errors.Join(look(left), left.Pause(ctx)) })
	})
	if !errors.As(err, &d) || strings.Count(err.Error(), "actor: deadlock: ") != 2 {
		t.Errorf("a cycle: %v", err)
	}
	if left.Info().Paused {
		t.Error("the refused Pause pauses")
	}
	if err := left.Run(ctx, func(*actortest.Plain) error { return look(right) }); err != nil {
		t.Errorf("another: %v", err)
	}
	actortest.Stop(t, left)
	actortest.Stop(t, right)
}

// An inspection that waits behind another one is answered if the service is cut off from
// that: it is refused if the service has ended, and else served by the next incarnation.
func TestInspectBehindOneThatHangs(t *testing.T) {
	for _, goesOn := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			svc := declared()
			all := []<-chan error{actortest.Serve(actortest.Supervised(ctx), svc)}
			b := actortest.Occupy(t, svc)
			free := make(chan struct{})
			errs := make(chan error, 2)
			for _, look := range []func(*actortest.Plain) int{
				func(*actortest.Plain) int { <-free; return 0 },
				func(*actortest.Plain) int { return 0 },
			} {
				go func() {
					_, err := actor.Inspect(ctx, svc, look)
					errs <- err
				}()
				synctest.Wait()
			}
			b.LetGo()
			synctest.Wait() // in the first one
			if goesOn {
				svc.CutOff(true)
				all = append(all, actortest.Serve(actortest.Supervised(ctx), svc))
			} else {
				svc.Kill()
			}
			if err := <-errs; goesOn != (err == nil) {
				t.Errorf("goes on: %t; the second: %v", goesOn, err)
			}
			svc.Kill()
			close(free)
			<-errs
			for _, served := range all {
				<-served
			}
		})
	}
}
