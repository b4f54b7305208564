package httpserver_test

import (
	"net/http"
	"testing"

	"github.com/bruskajp/nano_services/internal/nils"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	srv := func() *http.Server { return &http.Server{Addr: "127.0.0.1:0"} }
	x := nils.Table{
		Funcs: map[string]any{
			"New": httpserver.New, "WithListener": httpserver.WithListener, "WithOnShutdown": httpserver.WithOnShutdown,
			"WithTLS": httpserver.WithTLS,
		},
		Types: map[string]any{"Server": httpserver.New(srv())},
		May:   []string{"Server.Name nil", "Server.SignalsReady nil"},
		Args:  []any{srv()},
	}
	x.Walk(t)
}
