package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// hollow is a context that ends and does not say why, as some that were merged do.
type hollow struct {
	context.Context
	over chan struct{}
}

func (h hollow) Done() <-chan struct{} { return h.over }
func (hollow) Err() error              { return nil }

// What ends with such a context is no success, and its error says that it was cancelled:
// whatever takes a context, ended before and while it waits.
func TestL5ContextThatDoesNotSayWhy(t *testing.T) {
	get := func(*actortest.Plain) int { return 42 }
	rows := map[string]struct {
		want actor.Outcome
		wait func(context.Context, *actor.Service[actortest.Plain]) error
	}{
		"Get": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.Get(ctx, svc, get)
			return err
		}},
		"RunContext": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			return svc.RunContext(ctx, func(context.Context, *actortest.Plain) error { return nil })
		}},
		"CallLater": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.CallLater(ctx, svc, func(_ context.Context, _ *actortest.Plain, r actor.Reply[int]) { r.Answer(1, nil) })
			return err
		}},
		"CallBatched": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.CallBatched(ctx, svc, func(*actortest.Plain) (int, error) { return 1, nil })
			return err
		}},
		"Await": {actor.Unknown, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.Async(svc, func(*actortest.Plain) (int, error) { return 1, nil }).Await(ctx)
			return err
		}},
		"Inspect": {0, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.Inspect(ctx, svc, get)
			return err
		}},
		"Pause": {0, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error { return svc.Pause(ctx) }},
		"Record": {0, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := svc.Record(9).Wait(ctx)
			return err
		}},
		"Stop": {0, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error { return svc.Stop(ctx) }},
		"Retry": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.Retry(ctx, 3, 0, func(ctx context.Context) (int, error) { return actor.Get(ctx, svc, get) })
			return err
		}},
		// Of those that are queued there is one more than there is room for.
		"DoContext, full": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_ = svc.Do(func(*actortest.Plain) {})
			return svc.DoContext(ctx, func(context.Context, *actortest.Plain) {})
		}},
		"Get, full": {actor.NotRun, func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_ = svc.Do(func(*actortest.Plain) {})
			_, err := actor.Get(ctx, svc, get)
			return err
		}},
	}
	for name, row := range rows {
		for _, before := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(1), actor.WithBatch(9, func(*actortest.Plain) error { return nil }))
				b := actortest.Occupy(t, svc)
				ctx := hollow{t.Context(), make(chan struct{})}
				if before {
					close(ctx.over)
				}
				got := make(chan error, 1)
				go func() { got <- row.wait(ctx, svc) }()
				synctest.Wait()
				if !before {
					close(ctx.over)
				}
				err := <-got
				if !errors.Is(err, context.Canceled) || row.want != 0 && actor.OutcomeOf(err) != row.want {
					t.Errorf("%s, ended before: %t: %v, and its outcome is %v", name, before, err, actor.OutcomeOf(err))
				}
				b.LetGo()
				svc.Resume() // a Pause holds although it was not waited for
				synctest.Wait()
				if n, err := actor.Get(t.Context(), svc, get); name != "Stop" && (n != 42 || err != nil) {
					t.Errorf("%s, ended before: %t: then a call returns %d, %v", name, before, n, err)
				}
				_ = svc.Stop(t.Context())
				if i := svc.Info(); i.Accepted != i.Executed+i.Dead+i.Skipped {
					t.Errorf("%s: %+v", name, i)
				}
			})
		}
	}
}

// Serve with such a context ends as with any other.
func TestL11ServeWithAContextThatDoesNotSayWhy(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
			ctx := hollow{t.Context(), make(chan struct{})}
			if before {
				close(ctx.over)
			}
			served := actortest.Serve(ctx, svc)
			synctest.Wait()
			if !before {
				close(ctx.over)
			}
			if err := <-served; err != nil {
				t.Errorf("ended before: %t: %v", before, err)
			}
			if s := svc.Info().State; s != actor.Down {
				t.Errorf("ended before: %t: %v", before, s)
			}
		})
	}
}

// A context that is derived from such a one, as that of a closure is, is ended by package
// context, which panics if there is no error.
func TestL5ContextOfAClosureThatDoesNotSayWhy(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			ctx := hollow{t.Context(), make(chan struct{})}
			err := svc.RunContext(hollow{t.Context(), nil}, func(context.Context, *actortest.Plain) error { return nil })
			if err != nil {
				t.Error(err)
			}
			var seen error
			outer := func(own context.Context, _ *actortest.Plain) error {
				if before {
					close(ctx.over)
				}
				done := own.Done()
				if !before {
					close(ctx.over)
				}
				<-done
				seen = own.Err()
				return nil
			}
			err = svc.RunContext(ctx, outer)
			if o := actor.OutcomeOf(err); o != actor.Unknown && o != actor.Ran {
				t.Errorf("%v: %v", o, err)
			}
			actortest.Stop(t, svc)
			if seen != context.Canceled {
				t.Errorf("the closure's context ended with %v", seen)
			}
		})
	}
}
