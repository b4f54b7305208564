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

// Work may call its own service back, with its context and without, also when it is
// busy, and several at once.
func TestL10WorkCallsItsOwnService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actor.WithCapacity(1), actortest.Quiet())
		for i := range 8 {
			err := svc.RunContext(t.Context(), func(ctx context.Context, _ *basket) error {
				return actor.PipeContext(ctx, svc, func(ctx context.Context) (int, error) {
					if i%2 == 0 {
						ctx = context.Background()
					}
					return actor.Call(ctx, svc, func(*basket) (int, error) { time.Sleep(time.Second); return i, nil })
				}, func(_ context.Context, b *basket, n int, err error) { b.put(n, err) })
			})
			if err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
		if all := got(t, svc); len(all) != 8 {
			t.Errorf("%v", all)
		}
		actortest.Do(t, svc, func(b *basket) {
			for _, err := range b.errs {
				if err != nil {
					t.Error(err)
				}
			}
		})
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// stopper has a Stop of svc wait on the goroutine of another service.
func stopper(by *actor.Service[actortest.Plain], svc *actor.Service[basket]) *actor.Future[int] {
	return actor.Async(by, func(*actortest.Plain) (int, error) { return 0, svc.Stop(context.Background()) })
}

// A Stop waits for work: work that waits for the one that stops closes a cycle.
func TestL10StopWaitsForWorkThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boss, svc := actor.Start(&actortest.Plain{}, actor.WithName("boss"), actortest.Quiet()), actor.Start(&basket{}, actortest.Quiet())
		refused := make(chan error, 1)
		err := actor.PipeContext(t.Context(), svc, func(ctx context.Context) (int, error) {
			time.Sleep(time.Second)
			_, err := actor.Get(ctx, boss, func(p *actortest.Plain) int { return p.N })
			refused <- err
			return 0, nil
		}, func(context.Context, *basket, int, error) {})
		if err != nil {
			t.Error(err)
		}
		stopped := stopper(boss, svc)
		var deadlock *actor.DeadlockError
		if err := <-refused; !errors.As(err, &deadlock) || len(deadlock.Cycle) != 2 || deadlock.Cycle[1].Service != "boss" {
			t.Errorf("Get = %v", err)
		}
		if _, err := stopped.Await(t.Context()); err != nil {
			t.Error(err)
		}
		actortest.Stop(t, boss)
	})
}

// A Call does not wait for work: who is called by the service's work may call the
// service meanwhile.
func TestL10CallIsNoWaitForWork(t *testing.T) {
	whileWorkWaits(t, func(svc *actor.Service[basket]) {
		if _, err := actor.Get(context.Background(), svc, func(b *basket) int { return len(b.got) }); err != nil {
			t.Errorf("Get = %v", err)
		}
	})
}

// The other way round: a Stop is refused, and changes nothing, when the work waits
// already.
func TestL10StopIsRefusedForWork(t *testing.T) {
	whileWorkWaits(t, func(svc *actor.Service[basket]) {
		var deadlock *actor.DeadlockError
		if err := svc.Stop(context.Background()); !errors.As(err, &deadlock) {
			t.Errorf("Stop = %v", err)
		}
	})
}

// whileWorkWaits calls f in a closure of a service that work of another one, svc, waits
// for: the work is done all the same.
func whileWorkWaits(t *testing.T, f func(svc *actor.Service[basket])) {
	synctest.Test(t, func(t *testing.T) {
		boss, svc := actor.Start(&actortest.Plain{N: 4}, actortest.Quiet()), actor.Start(&basket{}, actortest.Quiet())
		ready := make(chan struct{})
		actortest.Do(t, boss, func(*actortest.Plain) {
			<-ready // the work's call is queued behind this closure
			f(svc)
		})
		err := actor.PipeContext(t.Context(), svc, func(ctx context.Context) (int, error) {
			return actor.Get(ctx, boss, func(p *actortest.Plain) int { return p.N })
		}, func(_ context.Context, b *basket, n int, err error) { b.put(n, err) })
		if err != nil {
			t.Error(err)
		}
		synctest.Wait()
		close(ready)
		synctest.Wait()
		if all := got(t, svc); len(all) != 1 || all[0] != 4 {
			t.Errorf("%v", all)
		}
		actortest.Stop(t, svc)
		actortest.Stop(t, boss)
	})
}

// Work that is to give a later answer, and waits for the one that waits for it, closes
// a cycle; work that is detached from the call does not.
func TestL10WorkForALaterAnswer(t *testing.T) {
	for detached := range 2 {
		synctest.Test(t, func(t *testing.T) {
			asker, svc := actor.Start(&actortest.Plain{N: 3}, actortest.Quiet()), actor.Start(&desk{}, actortest.Quiet())
			found := make(chan error, 1)
			asked := actor.Async(asker, func(*actortest.Plain) (int, error) {
				return actor.CallLater(context.Background(), svc, func(ctx context.Context, d *desk, r actor.Reply[int]) {
					if detached == 1 {
						ctx = actor.Detach(ctx)
						d.waiting = append(d.waiting, r)
					}
					err := actor.PipeContext(ctx, svc, func(ctx context.Context) (int, error) {
						n, err := actor.Get(ctx, asker, func(p *actortest.Plain) int { return p.N })
						found <- err
						return n, err
					}, func(_ context.Context, _ *desk, n int, err error) { r.Answer(n, nil) })
					if err != nil {
						t.Error(err)
					}
				})
			})
			synctest.Wait()
			if detached == 1 {
				actortest.Do(t, svc, func(d *desk) { d.answer(0, nil) })
			}
			_, err := asked.Await(t.Context())
			var deadlock *actor.DeadlockError
			if got := <-found; err != nil || errors.As(got, &deadlock) != (detached == 0) {
				t.Errorf("detached: %d; %v, %v", detached, got, err)
			}
			actortest.Stop(t, asker)
			actortest.Stop(t, svc)
		})
	}
}

// Work stops its own service like one of its closures: it does not wait for itself.
func TestL10WorkStopsItsOwnService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actortest.Quiet())
		err := actor.PipeContext(t.Context(), svc, func(ctx context.Context) (int, error) {
			return 0, svc.Stop(ctx)
		}, func(_ context.Context, b *basket, n int, err error) {
			if err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Error(err)
		}
		<-svc.Done()
	})
}
