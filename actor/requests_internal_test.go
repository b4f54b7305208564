package actor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// left is what somebody who has asked a service may leave behind in it.
type left struct{ requests, recordings, watchers, observers int }

func leftIn(s *Service[int]) (l left) {
	n := s.diagnostics.Get()
	l.requests = n.requested()
	l.recordings = n.recordings.Going()
	if a := s.around.Load(); a != nil && a.observer != nil {
		l.observers = 1
	}
	if e := s.ends.Made(); e != nil {
		l.watchers = len(e.now())
	}
	return l
}

// Who asks a service that hangs, and gives up, leaves nothing behind in it.
func TestInspectGivenUpLeavesNothing(t *testing.T) {
	for what, ask := range map[string]func(context.Context, *Service[int]) error{
		"Inspect": func(ctx context.Context, s *Service[int]) error {
			_, err := Inspect(ctx, s, func(n *int) int { return *n })
			return err
		},
		"Pause": func(ctx context.Context, s *Service[int]) error { return s.Pause(ctx) },
		"Record": func(ctx context.Context, s *Service[int]) error {
			_, err := s.Record(3).Wait(ctx)
			return err
		},
		"AwaitDown": func(ctx context.Context, s *Service[int]) error {
			_, err := AwaitDown(ctx, s)
			return err
		},
		"a place in line": func(ctx context.Context, s *Service[int]) error {
			for s.Do(func(*int) {}) == nil { // until it is full
			}
			return s.DoContext(ctx, func(context.Context, *int) { panic("it was not accepted") })
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := Start(new(int), WithCapacity(10))
				gate := make(chan struct{})
				s.Do(func(*int) { <-gate })
				synctest.Wait()
				before := leftIn(s)
				for range 10 {
					ctx, cancel := context.WithTimeout(context.Background(), time.Second)
					if err := ask(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("of a service that hangs: %v", err)
					}
					cancel()
				}
				s.Resume()
				if after := leftIn(s); after != before {
					t.Errorf("%+v, and %+v before", after, before)
				}
				close(gate)
				if err := s.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
