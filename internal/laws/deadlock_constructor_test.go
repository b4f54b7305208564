package laws_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A constructor that waits for a goroutine to which it has passed its context waits for
// whatever that goroutine waits for, as a closure does.
func TestL10CycleThroughTheConstructorsGoroutine(t *testing.T) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := bounded("b")
				var a *actor.Service[actortest.Plain]
				var refused error
				var site string
				a = actor.New(func(ctx context.Context) (*actortest.Plain, error) {
					w.prepare(t, a)
					done := make(chan error)
					go func() {
						done <- b.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
							refused, site = w.wait(ctx, a)
							return nil
						})
					}()
					return new(actortest.Plain), <-done
				}, actor.WithName("a"), actor.WithCapacity(1))
				ended := make(chan error, 1)
				ctx, cancel := context.WithCancel(context.Background())
				go func() { ended <- a.Serve(ctx) }()
				synctest.Wait()
				expectCycle(t, refused, []string{"b", "a"}, []string{site})
				cancel()
				<-ended
				actortest.Stop(t, b)
			})
		})
	}
}

// When the constructor has returned, its context speaks for it no longer: what it has begun
// calls the service as any other goroutine does.
func TestL10ConstructorIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := make(chan error, 1)
		a := actor.New(func(ctx context.Context) (*actortest.Plain, error) {
			self := actor.Self[actortest.Plain](ctx)
			go func() {
				_ = self.Run(context.Background(), actortest.Nothing) // it is up now
				called <- self.Run(ctx, actortest.Nothing)
			}()
			return new(actortest.Plain), nil
		})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- a.Serve(ctx) }()
		if err := <-called; err != nil {
			t.Errorf("Run = %v", err)
		}
		cancel()
		<-ended
	})
}
