package observer_test

import (
	"net/http"
	"testing"

	"github.com/bruskajp/nano_services/internal/nils"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	x := nils.Table{
		Funcs: map[string]any{"Allow": observer.Allow, "Handler": observer.Handler},
		May:   []string{"Allow 0"},
		Args:  []any{supervisor.New("tree", supervisor.Spec{}), new(http.Request)},
		Nones: []any{(*supervisor.Supervisor)(nil)},
	}
	x.Walk(t)
}
