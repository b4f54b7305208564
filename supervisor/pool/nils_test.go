package pool_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/internal/nils"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

type starter struct{}

func (starter) Before() []any        { return nil }
func (starter) Name() string         { return "" }
func (starter) Logger() *slog.Logger { return nil }

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	p := pool.New(2, func(context.Context) (*int, error) { return new(int), nil })
	x := nils.Table{
		Funcs: map[string]any{"Gather": pool.Gather[int, int], "New": pool.New[int], "NewWith": pool.NewWith[int]},
		Types: map[string]any{"Pool": p},
		May:   []string{"Pool.Add 0", "Pool.Remove 0", "Pool.StartedBy 0"}, // the error comes first
		Args:  []any{p, starter{}, supervisor.Child{}, supervisor.Spec{}},
	}
	x.Walk(t)
}
