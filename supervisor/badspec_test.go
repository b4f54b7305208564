package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A tree that can not be started will not run its services: whoever waits for one
// of them is answered, and not kept waiting for a Serve that never comes.
func TestSUPBadSpecAnswersCallers(t *testing.T) {
	type thing struct{}
	svc := actor.New(func(context.Context) (*thing, error) { return new(thing), nil },
		actor.WithLogger(slog.New(slog.DiscardHandler)))
	waiting := actor.Async(svc, func(*thing) (int, error) { return 1, nil })
	tree := supervisor.New("tree", supervisor.Spec{
		Period:   -1,
		Children: []supervisor.Child{{Service: svc}, {Service: (*actor.Service[thing])(nil)}},
	})
	var bad *supervisor.SpecError
	if err := tree.Serve(context.Background()); !errors.As(err, &bad) || len(bad.Faults) != 2 {
		t.Fatalf("Serve = %v", err)
	}
	if _, err := waiting.Await(context.Background()); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("Await = %v", err)
	}
}
