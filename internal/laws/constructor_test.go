package laws_test

import (
	"context"
	"errors"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A constructor that returns an error has failed, whatever else it returns.
func TestConstructorWithValueAndErrorFails(t *testing.T) {
	failed := errors.New("half made")
	ran := false
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, failed }, actortest.Quiet())
	if err := svc.Do(func(*actortest.Plain) { ran = true }); err != nil {
		t.Fatal(err)
	}
	if err := svc.Serve(context.Background()); !errors.Is(err, failed) {
		t.Error("Serve returned", err)
	}
	if i := svc.Info(); ran || i.State != actor.Down || i.Dead != 1 {
		t.Errorf("ran: %t, %+v", ran, i)
	}
	svc.Kill()
}
