package supervisor_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/internal/nils"
	"github.com/bruskajp/nano_services/supervisor"
)

type starter struct{}

func (starter) Before() []any        { return nil }
func (starter) Name() string         { return "" }
func (starter) Logger() *slog.Logger { return nil }

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	tree := supervisor.New("tree", supervisor.Spec{})
	x := nils.Table{
		Funcs: map[string]any{
			"Lookup": supervisor.Lookup[*supervisor.Supervisor], "New": supervisor.New, "Ready": supervisor.Ready,
			"ShutdownTime": supervisor.ShutdownTime,
		},
		Types: map[string]any{
			"Supervisor": tree, "Func": supervisor.Func(func(context.Context) error { return nil }), "Kind": supervisor.Started,
			"ChildState": supervisor.Up, "Restart": supervisor.Permanent, "Strategy": supervisor.OneForAll,
			"Node": supervisor.Node{}, "GaveUpError": &supervisor.GaveUpError{}, "SpecError": &supervisor.SpecError{}, "StartError": &supervisor.StartError{},
			"StuckError": &supervisor.StuckError{},
		},
		May:  []string{"Supervisor.SignalsReady nil", "Supervisor.StartedBy 0", "Func.Serve 0"}, // a Func gets what there is
		Args: []any{starter{}, supervisor.New("another", supervisor.Spec{}), supervisor.Child{}},
		Data: []string{"GaveUpError", "SpecError", "StartError", "StuckError"},
	}
	x.Walk(t)
}
