// Package treetest runs services for tests.
package treetest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Silent is for services that are to crash.
var Silent = slog.New(slog.DiscardHandler)

// Quiet has a service log nothing.
func Quiet() actor.Option { return actor.WithLogger(Silent) }

// Start starts services, in their order, and stops them at the end of the test.
func Start(t testing.TB, services ...supervisor.Service) {
	t.Helper()
	spec := supervisor.Spec{MaxRestarts: supervisor.Unlimited, Logger: Silent}
	for _, s := range services {
		spec.Children = append(spec.Children, supervisor.Child{Service: s})
	}
	tree := supervisor.New("test", spec)
	if err := tree.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
