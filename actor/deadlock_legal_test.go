package actor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
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
				svc := actor.Start(&plain{}, quiet())
				gate, called := make(chan struct{}), make(chan error, 1)
				do := func(ctx context.Context, _ *plain) {
					go func() {
						<-gate
						ctx, cancel := test.ctx(ctx)
						defer cancel()
						called <- svc.Run(ctx, nothing)
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
				stop(t, svc)
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
		start func(t *testing.T, a, b plainService, callBack func(*plain)) (end func())
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
					end := test.start(t, a, b, func(*plain) { called <- a.Run(context.Background(), nothing) })
					synctest.Wait()
					end()
					synctest.Wait()
					if err := <-called; err != nil {
						t.Errorf("refused: %v", err)
					}
					stop(t, a)
					stop(t, b)
					if t.Failed() {
						break
					}
				}
			})
		})
	}
}

func answeredCall(t *testing.T, a, b plainService, callBack func(*plain)) (end func()) {
	gate := make(chan struct{})
	do(t, a, func(*plain) {
		err := b.Run(context.Background(), func(*plain) error { <-gate; return nil })
		if err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	synctest.Wait()
	do(t, b, callBack)
	return func() { close(gate) }
}

func answeredFuture(t *testing.T, a, b plainService, callBack func(*plain)) (end func()) {
	gate := make(chan struct{})
	f := actor.Async(b, func(*plain) (int, error) { <-gate; return 0, nil })
	do(t, a, func(*plain) {
		if _, err := f.Await(context.Background()); err != nil {
			t.Errorf("Await = %v", err)
		}
	})
	synctest.Wait()
	do(t, b, callBack)
	return func() { close(gate) }
}

func givenRoom(t *testing.T, a, b plainService, callBack func(*plain)) (end func()) {
	blocked := occupy(t, b)
	do(t, b, callBack)
	do(t, a, func(*plain) {
		if err := b.DoContext(context.Background(), ignore); err != nil {
			t.Errorf("DoContext = %v", err)
		}
	})
	return blocked.letGo
}

func endedContext(t *testing.T, a, b plainService, callBack func(*plain)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	do(t, a, func(*plain) {
		err := b.Run(ctx, func(p *plain) error { <-ctx.Done(); callBack(p); return nil })
		within(t, "Run", err, context.Canceled, actor.Unknown)
	})
	return cancel
}

// A goroutine that has a closure's context waits on the service's behalf only as
// long as that closure runs.
func TestL10ClosureIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bounded("a"), bounded("b")
		gate, called := make(chan struct{}), make(chan error, 1)
		start := func(ctx context.Context, _ *plain) {
			go func() {
				err := b.Run(ctx, func(*plain) error {
					<-gate
					called <- a.Run(context.Background(), nothing)
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
		stop(t, a)
		stop(t, b)
	})
}

// A closure that its service was cut off from is nobody's: it may call the next
// incarnation.
func TestL10LostClosureCallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
		served := serve(supervised(context.Background()), svc)
		gate, called := make(chan struct{}), make(chan error, 1)
		do(t, svc, func(*plain) { <-gate; called <- svc.Run(context.Background(), nothing) })
		synctest.Wait()
		svc.CutOff(true)
		serve(supervised(context.Background()), svc)
		close(gate)
		if err := <-called; err != nil {
			t.Errorf("refused: %v", err)
		}
		<-served
		stop(t, svc)
	})
}
