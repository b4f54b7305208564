package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A caller who has an answer finds the closure in the numbers, whatever the answer is. The turn
// goes on meanwhile, with the commit of a batch that takes its time, and the service may be
// cut off from that: the numbers stay.
func TestL3AnsweredIsCounted(t *testing.T) {
	refused := errors.New("refused")
	failed := errors.New("failed")
	for _, row := range []struct {
		name string
		call func(ctx context.Context, svc *actor.Service[actortest.Plain]) error
		err  error
		want numbers
	}{
		{"returned", func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			return svc.Run(ctx, func(*actortest.Plain) error { return nil })
		}, nil, numbers{accepted: 1, executed: 1}},
		{"returned an error", func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			return svc.RunContext(ctx, func(context.Context, *actortest.Plain) error { return failed })
		}, failed, numbers{accepted: 1, executed: 1}},
		{"a future", func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			_, err := actor.Async(svc, func(*actortest.Plain) (int, error) { return 1, nil }).Await(ctx)
			return err
		}, nil, numbers{accepted: 1, executed: 1}},
		{"refused by an interceptor", func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			return svc.Run(context.WithValue(ctx, refused, true), func(*actortest.Plain) error { return nil })
		}, actor.ErrRefused, numbers{accepted: 1, dead: 1}},
		{"answered later", func(ctx context.Context, svc *actor.Service[actortest.Plain]) error {
			var reply actor.Reply[int]
			answer := make(chan error)
			go func() {
				_, err := actor.CallLater(ctx, svc, func(_ context.Context, _ *actortest.Plain, r actor.Reply[int]) { reply = r })
				answer <- err
			}()
			synctest.Wait()
			reply.Answer(1, nil)
			return <-answer
		}, nil, numbers{accepted: 1, executed: 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil },
					actor.WithLogger(slog.New(slog.DiscardHandler)),
					actor.WithBatch(1, func(*actortest.Plain) error { <-gate; return nil }),
					actor.WithInterceptor(func(c actor.Closure, run func() error) error {
						if c.Context().Value(refused) != nil {
							return refused
						}
						return run()
					}))
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				synctest.Wait()
				if err := row.call(t.Context(), svc); !errors.Is(err, row.err) {
					t.Errorf("answer %v", err)
				}
				if got := numbersOf(svc.Info()); got != row.want {
					t.Errorf("who has the answer finds %+v; want %+v", got, row.want)
				}
				svc.CutOff(true)
				if got := numbersOf(svc.Info()); got != row.want {
					t.Errorf("cut off: %+v; want %+v", got, row.want)
				}
				close(gate)
				<-served
				if got := numbersOf(svc.Info()); got != row.want {
					t.Errorf("in the end: %+v; want %+v", got, row.want)
				}
				svc.Kill()
			})
		})
	}
}
