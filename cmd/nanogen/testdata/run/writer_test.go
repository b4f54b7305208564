package run

import (
	"context"
	"fmt"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// What takes an io.Writer writes to a service through an adapter.
func TestAdapterOfAWriter(t *testing.T) {
	ctx := context.Background()
	log := NewLogService(actor.WithLogger(silent))
	served := make(chan error)
	go func() { served <- log.Serve(ctx) }()
	if _, err := fmt.Fprintf(logWriter{ctx, log}, "%d lines", 2); err != nil {
		t.Error(err)
	}
	if text, err := log.Text(ctx); text != "2 lines" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if err := log.Stop(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
