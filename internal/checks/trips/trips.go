package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
)

// trips are made by a service that has nothing to do, as most have most of the time,
// and without options. Each but Stop has been made once before, so that what only the
// first one needs is there.
var trips = []struct {
	name, title string
	prepare     func(t *testing.T) prepared
}{
	{"do", "A Do", prepareDo},
	{"call", "A Call", prepareCall},
	{"restart", "A crash with restart", prepareRestart},
	{"stop", "A Stop", prepareStop},
}

type counter struct{ n int }

func (c *counter) add()                { c.n++ }
func (c *counter) value() (int, error) { return c.n, nil }

func prepareDo(t *testing.T) prepared {
	svc := actor.Start(&counter{})
	actortest.Do(t, svc, (*counter).add)
	return prepared{
		trip: func() {
			if err := svc.Do((*counter).add); err != nil {
				t.Error(err)
			}
		},
		end: func() { actortest.Stop(t, svc) },
	}
}

func prepareCall(t *testing.T) prepared {
	svc := actor.Start(&counter{})
	call := func() {
		if _, err := actor.Call(context.Background(), svc, (*counter).value); err != nil {
			t.Error(err)
		}
	}
	call()
	return prepared{trip: call, end: func() { actortest.Stop(t, svc) }}
}

func prepareStop(t *testing.T) prepared {
	svc := actor.Start(&counter{})
	actortest.Do(t, svc, (*counter).add)
	return prepared{
		trip: func() {
			if err := svc.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		},
		end: func() {},
	}
}

// prepareRestart has a supervisor, whose child crashes with a call.
func prepareRestart(t *testing.T) prepared {
	build := func(context.Context) (*counter, error) { return &counter{}, nil }
	svc := actor.New(build, actortest.Quiet())
	tree := supervisor.New("tree", supervisor.Spec{
		Children: []supervisor.Child{{Name: "counter", Service: svc}},
		Logger:   slog.New(slog.DiscardHandler),
	})
	if err := tree.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	crash := func() {
		_, err := actor.Call(context.Background(), svc, func(*counter) (int, error) { panic("boom") })
		if _, ok := errors.AsType[*actor.PanicError](err); !ok {
			t.Error(err)
		}
	}
	crash()
	synctest.Wait()
	return prepared{trip: crash, end: func() { actortest.Stop(t, tree) }}
}
