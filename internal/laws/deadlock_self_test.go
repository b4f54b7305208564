package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A service that waits for itself, in whatever way, is refused at once, with the
// context passed on and without, and nothing is queued.
func TestL10SelfCall(t *testing.T) {
	for _, w := range waits {
		if w.name == "Stop" {
			continue // takes effect after the closure: L11
		}
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { selfCall(t, w, false) })
		})
		t.Run(w.name+" with the context", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { selfCall(t, w, true) })
		})
	}
}

func selfCall(t *testing.T, w wait, pass bool) {
	svc := bounded("self")
	ran := svc.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) error {
		w.prepare(t, svc)
		if !pass {
			ctx = context.Background()
		}
		before := svc.Info()
		err, site := w.wait(ctx, svc)
		expectCycle(t, err, []string{"self"}, []string{site})
		after := svc.Info()
		if w.name == "Await" {
			before.Accepted++ // and taken back: skipped at its turn
			before.Queued++
		}
		if after.Accepted != before.Accepted || after.Queued != before.Queued {
			t.Errorf("something was queued: %+v, then %+v", before, after)
		}
		return err
	})
	// It is the closure's error, and so says nothing of the caller's call.
	if ran == nil || actor.OutcomeOf(ran) != actor.Ran {
		t.Errorf("the closure's own error: %v (%v)", ran, actor.OutcomeOf(ran))
	}
	actortest.Stop(t, svc)
	if i := svc.Info(); w.name == "Await" && i.Skipped != 1 {
		t.Errorf("the call that was taken back: %+v", i)
	}
	actortest.Balanced(t, svc.Info())
}

// The same in a constructor and in Close, where no closure runs.
func TestL10SelfCallOutsideClosures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var svc *actor.Service[onClose]
		call := func() error {
			return svc.Run(context.Background(), func(*onClose) error { return nil })
		}
		var built, closed error
		svc = actor.New(func(context.Context) (*onClose, error) {
			built = call()
			return &onClose{func() error { closed = call(); return nil }}, nil
		}, actor.WithName("self"), actortest.Quiet())
		// An end after which it goes on to queue: otherwise Close finds it stopped.
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		actortest.Do(t, svc, actortest.Panics)
		synctest.Wait()
		expectCycle(t, built, []string{"self"}, nil)
		expectCycle(t, closed, []string{"self"}, nil)
		actortest.Stop(t, svc)
	})
}

// onClose is a T whose Close is what a test wants.
type onClose struct{ close func() error }

func (c *onClose) Close() error { return c.close() }

// The call of the error is named too, and the caller of Async can see what became
// of a future that was refused.
func TestL10RefusedFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("self")
		var f *actor.Future[int]
		ran := false
		actortest.Do(t, svc, func(*actortest.Plain) {
			f = actor.Async(svc, func(*actortest.Plain) (int, error) { ran = true; return 1, nil })
			if _, err := f.Await(context.Background()); !errors.Is(err, actor.ErrSelfCall) {
				t.Errorf("Await = %v", err)
			}
		})
		synctest.Wait()
		_, err := f.Await(context.Background()) // everybody learns that it was taken back
		actortest.Within(t, "a later Await", err, actor.ErrSelfCall, actor.NotRun)
		actortest.Stop(t, svc)
		if ran {
			t.Error("the call that was taken back ran")
		}
	})
}

// A future of itself that the service does not await is answered as any other.
func TestL10OwnFutureAwaitedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("self")
		var f *actor.Future[int]
		actortest.Do(t, svc, func(*actortest.Plain) { f = actor.Async(svc, func(p *actortest.Plain) (int, error) { return 7, nil }) })
		synctest.Wait()
		if n, err := f.Await(context.Background()); n != 7 || err != nil {
			t.Errorf("Await = %v, %v", n, err)
		}
		actortest.Do(t, svc, func(*actortest.Plain) { // it has been answered: nothing to wait for
			if n, err := f.Await(context.Background()); n != 7 || err != nil {
				t.Errorf("Await on the service itself = %v, %v", n, err)
			}
		})
		actortest.Stop(t, svc)
	})
}
