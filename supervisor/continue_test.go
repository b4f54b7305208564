package supervisor_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A service that continues its start is up: the next child is started, and Start returns.
// A crash in it is one of a service that was up, and is restarted.
func TestSUPContinuesWhenItIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type index struct{ full bool }
		silent := slog.New(slog.DiscardHandler)
		fill := make(chan struct{})
		crash := true
		svc := actor.New(func(ctx context.Context) (*index, error) {
			actor.Continue(ctx, func(x *index) {
				<-fill
				if crash {
					crash = false
					panic("crash")
				}
				x.full = true
			})
			return &index{}, nil
		}, actor.WithName("index"), actor.WithLogger(silent))
		next := actor.New(func(context.Context) (*index, error) { return &index{}, nil }, actor.WithName("next"))
		tree := supervisor.New("tree", supervisor.Spec{Children: []supervisor.Child{{Service: svc}, {Service: next}}, Logger: silent})
		if err := tree.Start(t.Context()); err != nil || !tree.Up() {
			t.Fatalf("Start = %v, up: %v", err, tree.Up())
		}
		close(fill)
		full, err := actor.Get(t.Context(), svc, func(x *index) bool { return x.full })
		if !full || err != nil || svc.Info().Incarnation != 2 {
			t.Errorf("full: %v, %v, in incarnation %d", full, err, svc.Info().Incarnation)
		}
		if err := tree.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
