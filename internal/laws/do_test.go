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

// condition is a service in some condition, and what Do may say then.
type condition struct {
	name    string
	options []actor.Option
	make    func(t *testing.T, svc plainService, stuck chan struct{})
	want    error
}

func stuckClosure(t *testing.T, svc plainService, stuck chan struct{}) {
	actortest.Serve(actortest.Supervised(context.Background()), svc)
	actortest.Do(t, svc, func(*actortest.Plain) { <-stuck })
	synctest.Wait()
}

var conditions = []condition{
	{"pending", nil, func(*testing.T, plainService, chan struct{}) {}, nil},
	{"idle", nil, func(_ *testing.T, svc plainService, _ chan struct{}) {
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
	}, nil},
	{"stuck", nil, stuckClosure, nil},
	{"stuck and full", []actor.Option{actor.WithCapacity(1)},
		func(t *testing.T, svc plainService, stuck chan struct{}) {
			stuckClosure(t, svc, stuck)
			actortest.Do(t, svc, func(*actortest.Plain) {})
		}, actor.ErrMailboxFull},
	{"stuck, drops its oldest", []actor.Option{actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest)},
		func(t *testing.T, svc plainService, stuck chan struct{}) {
			stuckClosure(t, svc, stuck)
			actortest.Do(t, svc, func(*actortest.Plain) {})
		}, nil},
	{"full, others wait for room", []actor.Option{actor.WithCapacity(1)},
		func(t *testing.T, svc plainService, stuck chan struct{}) {
			stuckClosure(t, svc, stuck)
			actortest.Do(t, svc, func(*actortest.Plain) {})
			go func() { _ = svc.DoContext(context.Background(), actortest.Ignore) }()
			synctest.Wait()
		}, actor.ErrMailboxFull},
	{"stuck, draining", nil, func(t *testing.T, svc plainService, stuck chan struct{}) {
		stuckClosure(t, svc, stuck)
		go func() { _ = svc.Stop(context.Background()) }()
		synctest.Wait()
	}, actor.ErrStopped},
	{"stuck, cut off, down", nil, func(t *testing.T, svc plainService, stuck chan struct{}) {
		stuckClosure(t, svc, stuck)
		svc.CutOff(false)
	}, actor.ErrStopped},
	{"stuck, cut off, pending", nil, func(t *testing.T, svc plainService, stuck chan struct{}) {
		stuckClosure(t, svc, stuck)
		svc.CutOff(true)
	}, nil},
	{"stuck, killed", nil, func(t *testing.T, svc plainService, stuck chan struct{}) {
		stuckClosure(t, svc, stuck)
		svc.Kill()
	}, actor.ErrStopped},
	{"stuck in its constructor", nil, func(_ *testing.T, svc plainService, _ chan struct{}) {
		_ = svc.DoContext(context.Background(), actortest.Ignore)
		actortest.Serve(context.WithValue(actortest.Supervised(context.Background()), key{}, true), svc)
		synctest.Wait()
	}, nil},
}

// Do returns at once, whatever its service is doing. In a bubble a Do that waits
// is a deadlock or moves the clock.
func TestL13DoNeverBlocks(t *testing.T) {
	for _, c := range conditions {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stuck := make(chan struct{})
				svc := actor.New(func(ctx context.Context) (*actortest.Plain, error) {
					if ctx.Value(key{}) != nil {
						<-stuck
					}
					return &actortest.Plain{}, nil
				}, append(c.options, actortest.Quiet())...)
				c.make(t, svc, stuck)
				start := time.Now()
				for range 100 {
					if err := svc.Do(func(*actortest.Plain) {}); err != c.want {
						t.Errorf("Do = %v, want %v", err, c.want)
					}
					_ = svc.Info()
				}
				f := actor.Async(svc, actortest.Number) // no more than Do
				if waited := time.Since(start); waited != 0 {
					t.Errorf("waited for %v", waited)
				}
				close(stuck)
				svc.Kill()
				synctest.Wait()
				_, _ = f.Await(context.Background())
			})
		})
	}
}

// What takes a context waits until it ends, and no longer; if it has ended, not at
// all.
func TestL13ContextBoundsWaiting(t *testing.T) {
	for _, w := range waits {
		for _, limit := range []time.Duration{0, time.Second, time.Hour} {
			t.Run(w.name+" "+limit.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					svc := bounded("stuck")
					b := actortest.Occupy(t, svc)
					w.prepare(t, svc)
					ctx, cancel := context.WithTimeout(context.Background(), limit)
					defer cancel()
					start := time.Now()
					err, _ := w.wait(ctx, svc)
					if waited := time.Since(start); waited != limit {
						t.Errorf("waited for %v: %v", waited, err)
					}
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("the error is %v", err)
					}
					b.LetGo()
					actortest.Stop(t, svc)
				})
			})
		}
	}
}

// The same if the context is cancelled by hand, and has a cause.
func TestL13CancelEndsWaiting(t *testing.T) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := bounded("stuck")
				b := actortest.Occupy(t, svc)
				w.prepare(t, svc)
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan error, 1)
				go func() {
					err, _ := w.wait(ctx, svc)
					ended <- err
				}()
				synctest.Wait()
				if len(ended) > 0 {
					t.Errorf("did not wait: %v", <-ended)
				}
				cancel()
				synctest.Wait()
				if len(ended) == 0 {
					t.Error("waits on")
				} else if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("the error is %v", err)
				}
				b.LetGo()
				actortest.Stop(t, svc)
			})
		})
	}
}

// Waiting parks: while it lasts nothing runs, so that a bubble comes to rest.
func TestL13WaitingParks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("stuck")
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*actortest.Plain) {})
		for _, w := range waits {
			if w.name != "Stop" {
				go func() { _, _ = w.wait(context.Background(), svc) }()
			}
		}
		synctest.Wait() // would not return
		b.LetGo()
		synctest.Wait()
		actortest.Stop(t, svc)
	})
}
