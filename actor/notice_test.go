package actor_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// noticing is a supervisor's context of Serve that says it will give notice of its end.
func noticing() (ctx context.Context, end func()) {
	parent, cancel := context.WithCancel(context.Background())
	ctx = actor.WithPlace(parent, actor.Place{Path: "tree/svc", Notices: true})
	return ctx, func() { cancel(); actor.Notice(ctx) }
}

func declared() *actor.Service[plain] {
	return actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
}

// A service whose supervisor gives notice ends as it would if it watched its context:
// what was accepted runs, and what comes is refused.
func TestSTATENoticeEndsTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := noticing()
		svc := declared()
		served := serve(ctx, svc)
		b := occupy(t, svc)
		ran := false
		do(t, svc, func(*plain) { ran = true })
		end()
		if got := svc.Info().State; got != actor.Draining {
			t.Errorf("the service is %v", got)
		}
		b.letGo()
		if err := <-served; err != nil || !ran {
			t.Errorf("Serve = %v; what had been accepted has run: %t", err, ran)
		}
		svc.Kill()
	})
}

// Who is served with a context that is derived from the supervisor's, or as the second
// with the same one, is given no notice, and watches it.
func TestSTATENoticeIsForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := noticing()
		derived, cancel := context.WithCancel(ctx)
		defer cancel()
		for _, served := range []<-chan error{
			serve(ctx, declared()), serve(ctx, declared()), serve(derived, declared()),
		} {
			defer func() {
				if err := <-served; err != nil {
					t.Errorf("Serve = %v", err)
				}
			}()
		}
		synctest.Wait()
		end()
	})
}

// A notice that comes before the service has begun finds nobody, and is not needed.
func TestSTATENoticeBeforeServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := noticing()
		end()
		svc := declared()
		if err := <-serve(ctx, svc); err != nil {
			t.Errorf("Serve = %v", err)
		}
		actor.Notice(ctx)                  // late, and twice
		actor.Notice(context.Background()) // nobody's
		svc.Kill()
	})
}
