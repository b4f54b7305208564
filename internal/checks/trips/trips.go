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
	story       []string // with names of what is run through; see told
	prepare     func(t *testing.T) prepared
}{
	{"do", "A Do", []string{
		"The sender: `Service.Do` makes the function a job, and since nothing is queued and the owner sleeps, " +
			"`Mailbox.handOver` takes a ticket, gives it the job and wakes it.",
		"The owner: `Consumer.Wait` returns in `core.loop`, `incarnation.wakes`, `Consumer.Next` takes the job, `tell.run` calls the " +
			"function, `Consumer.Done` ends the turn. Nothing waits, so `incarnation.parks`, and the owner sleeps.",
	}, prepareDo},
	{"call", "A Call", []string{
		"The caller: `Call` takes a place for the answer (`newCall`), `core.ask` finds out which service it calls from, if any " +
			"(`callerOf`), `core.put` queues the call, and `core.await` waits.",
		"The owner: `reply.claim` has the turn, `typedCall.call` calls the function, `reply.answer` settles the call and wakes the caller, " +
			"who takes the result and gives the place back (`typedCall.free`).",
	}, prepareCall},
	{"restart", "A crash with restart", []string{
		"The service is a child of a supervisor, and has crashed once before: so it keeps its last closures.",
		"The closure panics in `core.loop`, whose deferred function has `core.crashed` make the `newPanicError`, answer the caller and " +
			"keep the crash (`incarnation.keepCrash`). What `incarnation.live` has deferred follows: `core.conclude` with `core.clearQueue`, `core.closeState`, " +
			"`core.settle`. So `Service.Serve` returns.",
		"The child's goroutine, in `process.main`, takes the supervisor's turn (`Supervisor.takeTurn`), enters the exit (`Supervisor.exit`), " +
			"asks `decide` and the budget (`budget.spend`), and launches itself again (`Supervisor.launch`). The next `incarnation.live` has " +
			"`core.construct` call the constructor, says that it is up (`Supervisor.isUp`), and sleeps.",
	}, prepareRestart},
	{"stop", "A Stop", []string{
		"The caller: `core.Stop` looks whether it is called by a service (`core.awaitedBy`), closes the mailbox (`core.drainQueue`), which wakes " +
			"the owner, and waits for `Done`.",
		"The owner: `core.loop` finds the mailbox closed and empty, and nothing beside it (`incarnation.linger`), and ends. What `incarnation.live` " +
			"has deferred follows: `core.conclude` with `core.clearQueue`, `core.closeState`, `core.settle`, which closes `Done`.",
	}, prepareStop},
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
