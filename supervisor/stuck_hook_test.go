package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A hook, or a logger, that is told of a service's end and still runs at a deadline is named:
// among what is stuck, and in the error of the service's own Stop.
func TestSUPWhatIsToldIsNamedAtTheDeadline(t *testing.T) {
	for part, row := range map[string]struct {
		options func(hang func()) []actor.Option
		running string
	}{
		"a hook": {func(hang func()) []actor.Option {
			return []actor.Option{actor.WithLogger(quiet), actor.WithDeadLetters(func(actor.DeadLetter) { hang() })}
		}, "TestSUPWhatIsToldIsNamedAtTheDeadline.func"},
		"a logger": {func(hang func()) []actor.Option {
			return []actor.Option{actor.WithLogger(slog.New(handler(func(slog.Record) { hang() })))}
		}, "handler.Handle"},
	} {
		for who, waits := range map[string]func(root *supervisor.Supervisor, s *actor.Service[int]) error{
			"at the child's deadline": func(root *supervisor.Supervisor, _ *actor.Service[int]) error { return root.Stop(context.Background()) },
			"at that of Stop":         func(root *supervisor.Supervisor, _ *actor.Service[int]) error { return root.Stop(within(time.Second)) },
			"at that of its own":      func(_ *supervisor.Supervisor, s *actor.Service[int]) error { return s.Stop(within(time.Second)) },
		} {
			t.Run(part+"/"+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					gate := make(chan struct{})
					s := actor.New(func(context.Context) (*int, error) { return new(int), nil },
						append(row.options(func() { <-gate }), actor.WithQueuePolicy(actor.FailQueue))...)
					root := supervisor.New("root", children(supervisor.Child{Name: "s", Service: s, Shutdown: 2 * time.Second}))
					start(t, root)
					_ = s.DoContext(context.Background(), func(ctx context.Context, _ *int) { _ = s.Do(func(*int) {}); actor.Exit(ctx, errCrash) })
					synctest.Wait()
					err := waits(root, s)
					var stuck *supervisor.StuckError
					if own := strings.HasSuffix(who, "own"); own && !strings.Contains(err.Error(), row.running) {
						t.Errorf("the error is %v", err)
					} else if !own && (!errors.As(err, &stuck) || len(stuck.Children) != 1 ||
						!strings.Contains(stuck.Children[0].Running, row.running) || !strings.Contains(stuck.Children[0].Stack, row.running)) {
						t.Errorf("stuck is %v", err)
					}
					close(gate)
					_ = root.Stop(context.Background())
				})
			})
		}
	}
}

func within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	context.AfterFunc(ctx, cancel)
	return ctx
}
