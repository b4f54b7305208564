package laws_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Stop from one of the service's own closures does not wait for itself. It takes
// effect after that closure, and what was accepted runs.
func TestL11StopFromClosure(t *testing.T) {
	for _, through := range []string{"the closure", "a goroutine with its context"} {
		t.Run(through, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				build, made := maker(nil)
				svc := actor.New(build, actortest.Quiet())
				served := actortest.Serve(context.Background(), svc)
				ran := false
				err := svc.RunContext(context.Background(), func(ctx context.Context, c *closing) error {
					actortest.Do(t, svc, func(*closing) { ran = true })
					if through == "the closure" {
						actortest.Stop(t, svc)
					} else {
						stopped := make(chan error)
						go func() { stopped <- svc.Stop(ctx) }()
						if err := <-stopped; err != nil {
							t.Errorf("Stop = %v", err)
						}
					}
					actortest.InState(t, svc, actor.Draining)
					if err := svc.Do(actortest.Panics); err != actor.ErrStopped {
						t.Errorf("Do after Stop = %v", err)
					}
					if !actortest.IsOpen(svc.Done()) || len(c.closed) > 0 || ran {
						t.Error("Stop took effect before the closure had returned")
					}
					return nil
				})
				if err != nil {
					t.Errorf("the call that stopped the service: %v", err)
				}
				<-svc.Done()
				if err := <-served; err != nil || !ran {
					t.Errorf("Serve = %v, the accepted closure ran: %v", err, ran)
				}
				made().closedAtHome(t)
			})
		})
	}
}

// Stop and Kill in the constructor: there is a T all the same, and it is closed.
// What was accepted runs after a Stop and not after a Kill.
func TestL11EndFromConstructor(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*actor.Service[closing])
		runs bool
	}{
		{"Stop", func(svc *actor.Service[closing]) { _ = svc.Stop(context.Background()) }, true},
		{"Kill", (*actor.Service[closing]).Kill, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				build, made := maker(nil)
				var svc *actor.Service[closing]
				svc = actor.New(func(ctx context.Context) (*closing, error) {
					test.end(svc)
					return build(ctx)
				}, actortest.Quiet())
				ran := false
				actortest.Do(t, svc, func(*closing) { ran = true })
				<-actortest.Serve(actortest.Supervised(context.Background()), svc)
				<-svc.Done()
				actortest.InState(t, svc, actor.Ended)
				if ran != test.runs {
					t.Errorf("the accepted closure ran: %v", ran)
				}
				made().closedAtHome(t)
				actortest.Balanced(t, svc.Info())
			})
		})
	}
}

// Stop and Kill in Close, after a crash that a supervisor would have followed up:
// the service has ended all the same, and its queue is answered.
func TestL11EndFromClose(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*actor.Service[closing])
	}{
		{"Stop", func(svc *actor.Service[closing]) { _ = svc.Stop(context.Background()) }},
		{"Kill", (*actor.Service[closing]).Kill},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var svc *actor.Service[closing]
				build, made := maker(func() error { test.end(svc); return nil })
				svc = actor.New(build, actortest.Quiet())
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				b := actortest.Occupy(t, svc)
				actortest.Do(t, svc, actortest.Panics)
				queued := actor.Async(svc, func(*closing) (int, error) { return 0, nil })
				b.LetGo()
				<-served
				<-svc.Done()
				_, err := queued.Await(context.Background())
				actortest.Within(t, "the queued call", err, actor.ErrStopped, actor.NotRun)
				made().closedAtHome(t)
				actortest.Balanced(t, svc.Info())
			})
		})
	}
}

// Kill from one of the service's own closures cuts it off from that closure.
func TestL11KillFromClosure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		served := actortest.Serve(context.Background(), svc)
		synctest.Wait()
		err := svc.Run(context.Background(), func(c *closing) error {
			svc.Kill()
			if actortest.IsOpen(svc.Done()) || len(c.closed) > 0 {
				t.Errorf("after Kill: Done is open: %v, closed: %v", actortest.IsOpen(svc.Done()), c.closed)
			}
			return nil
		})
		actortest.Within(t, "the call that killed the service", err, actor.ErrStopped, actor.Unknown)
		<-served
		made().closedAtHome(t)
	})
}
