package topic_test

import (
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/nils"
)

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	svc := actor.Start(new(int))
	defer svc.Kill()
	x := nils.Table{
		Funcs: map[string]any{"Chan": topic.Chan[int], "Replay": topic.Replay, "Subscribe": topic.Subscribe[int, int]},
		Types: map[string]any{"Topic": new(topic.Topic[int])},
		Args:  []any{svc, new(topic.Topic[int])},
		Nones: []any{(*actor.Service[int])(nil), actor.Proxy[int]{}, actor.Router[int]{}},
	}
	x.Walk(t)
}
