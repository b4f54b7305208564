package laws_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A goroutine that a closure started, and does not wait for, may call back.
func TestL10GoroutineCallsBack(t *testing.T) {
	for _, test := range []struct {
		name  string
		after bool // it calls when the closure has returned
		ctx   func(context.Context) (context.Context, context.CancelFunc)
	}{
		{"bare", false, func(context.Context) (context.Context, context.CancelFunc) {
			return context.Background(), func() {}
		}},
		{"with the context, later", true, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return ctx, func() {}
		}},
		{"with a value, later", true, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithValue(ctx, key{}, 1), func() {}
		}},
		{"without cancel", false, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithoutCancel(ctx), func() {}
		}},
		{"without cancel, with a value", false, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithValue(context.WithoutCancel(ctx), key{}, 1), func() {}
		}},
		{"detached, with a timeout", false, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(actor.Detach(ctx), time.Hour)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
				gate, called := make(chan struct{}), make(chan error, 1)
				do := func(ctx context.Context, _ *actortest.Plain) {
					go func() {
						<-gate
						ctx, cancel := test.ctx(ctx)
						defer cancel()
						called <- svc.Run(ctx, actortest.Nothing)
					}()
					if !test.after {
						close(gate)
						time.Sleep(time.Second) // it calls meanwhile
					}
				}
				if err := svc.DoContext(context.Background(), do); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if test.after {
					close(gate)
				}
				if err := <-called; err != nil {
					t.Errorf("refused: %v", err)
				}
				actortest.Stop(t, svc)
			})
		})
	}
}

type key struct{}

// A wait that is over is no part of a cycle, even if the one who waited has not
// come to notice. In each row A waits for B, and B does not call A before that has
// ended: start has A wait, and end, called when it does, ends the wait and has B
// call back.
func TestL10WaitIsOver(t *testing.T) {
	for _, test := range []struct {
		name  string
		start func(t *testing.T, a, b plainService, callBack func(*actortest.Plain)) (end func())
	}{
		{"a call that was answered", answeredCall},
		{"a future that was answered", answeredFuture},
		{"room that was given", givenRoom},
		{"a context that has ended", endedContext},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 50 {
					a, b := bounded("a"), bounded("b")
					called := make(chan error, 1)
					end := test.start(t, a, b, func(*actortest.Plain) { called <- a.Run(context.Background(), actortest.Nothing) })
					synctest.Wait()
					end()
					synctest.Wait()
					if err := <-called; err != nil {
						t.Errorf("refused: %v", err)
					}
					actortest.Stop(t, a)
					actortest.Stop(t, b)
					if t.Failed() {
						break
					}
				}
			})
		})
	}
}

func answeredCall(t *testing.T, a, b plainService, callBack func(*actortest.Plain)) (end func()) {
	gate := make(chan struct{})
	actortest.Do(t, a, func(*actortest.Plain) {
		err := b.Run(context.Background(), func(*actortest.Plain) error { <-gate; return nil })
		if err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	synctest.Wait()
	actortest.Do(t, b, callBack)
	return func() { close(gate) }
}

func answeredFuture(t *testing.T, a, b plainService, callBack func(*actortest.Plain)) (end func()) {
	gate := make(chan struct{})
	f := actor.Async(b, func(*actortest.Plain) (int, error) { <-gate; return 0, nil })
	actortest.Do(t, a, func(*actortest.Plain) {
		if _, err := f.Await(context.Background()); err != nil {
			t.Errorf("Await = %v", err)
		}
	})
	synctest.Wait()
	actortest.Do(t, b, callBack)
	return func() { close(gate) }
}

func givenRoom(t *testing.T, a, b plainService, callBack func(*actortest.Plain)) (end func()) {
	blocked := actortest.Occupy(t, b)
	actortest.Do(t, b, callBack)
	actortest.Do(t, a, func(*actortest.Plain) {
		if err := b.DoContext(context.Background(), actortest.Ignore); err != nil {
			t.Errorf("DoContext = %v", err)
		}
	})
	return blocked.LetGo
}

func endedContext(t *testing.T, a, b plainService, callBack func(*actortest.Plain)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	actortest.Do(t, a, func(*actortest.Plain) {
		err := b.Run(ctx, func(p *actortest.Plain) error { <-ctx.Done(); callBack(p); return nil })
		actortest.Within(t, "Run", err, context.Canceled, actor.Unknown)
	})
	return cancel
}

// A goroutine that has a closure's context waits on the service's behalf only as
// long as that closure runs.
func TestL10ClosureIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bounded("a"), bounded("b")
		gate, called := make(chan struct{}), make(chan error, 1)
		start := func(ctx context.Context, _ *actortest.Plain) {
			go func() {
				err := b.Run(ctx, func(*actortest.Plain) error {
					<-gate
					called <- a.Run(context.Background(), actortest.Nothing)
					return nil
				})
				if err != nil {
					t.Errorf("Run = %v", err)
				}
			}()
			time.Sleep(time.Second) // until it waits
		}
		if err := a.DoContext(context.Background(), start); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		close(gate)
		if err := <-called; err != nil {
			t.Errorf("refused: %v", err)
		}
		synctest.Wait()
		actortest.Stop(t, a)
		actortest.Stop(t, b)
	})
}

// A closure that its service was cut off from is nobody's: it may call the next
// incarnation.
func TestL10LostClosureCallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		gate, called := make(chan struct{}), make(chan error, 1)
		actortest.Do(t, svc, func(*actortest.Plain) { <-gate; called <- svc.Run(context.Background(), actortest.Nothing) })
		synctest.Wait()
		svc.CutOff(true)
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		close(gate)
		if err := <-called; err != nil {
			t.Errorf("refused: %v", err)
		}
		<-served
		actortest.Stop(t, svc)
	})
}
