package actor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Who asks a service that hangs, and gives up, leaves nothing behind in it.
func TestInspectGivenUpLeavesNothing(t *testing.T) {
	for what, ask := range map[string]func(context.Context, *Service[int]) error{
		"Inspect": func(ctx context.Context, s *Service[int]) error {
			_, err := Inspect(ctx, s, func(n *int) int { return *n })
			return err
		},
		"Pause": func(ctx context.Context, s *Service[int]) error { return s.Pause(ctx) },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := Start(new(int))
				gate := make(chan struct{})
				s.Do(func(*int) { <-gate })
				synctest.Wait()
				for range 10 {
					ctx, cancel := context.WithTimeout(context.Background(), time.Second)
					if err := ask(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("of a service that hangs: %v", err)
					}
					cancel()
				}
				if n := s.notes.get().requested(); n != 0 {
					t.Errorf("%d requests are left", n)
				}
				s.Resume()
				close(gate)
				if err := s.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
