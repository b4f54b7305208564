package laws_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/nils"
)

type starter struct{}

func (starter) Before() []any        { return nil }
func (starter) Name() string         { return "" }
func (starter) Logger() *slog.Logger { return nil }

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithBatch(1, func(*actortest.Plain) error { return nil }))
	defer svc.Kill()
	t.Chdir("../../actor") // where the source of what is exported is
	exported(t, svc).Walk(t)
}

// exported is all that the package exports, for a service WithBatch.
func exported(t *testing.T, svc *actor.Service[actortest.Plain]) *nils.Table {
	to, err := actor.NewRecipient(svc, func(*actortest.Plain, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return &nils.Table{
		Funcs: map[string]any{
			"Async": actor.Async[actortest.Plain, int], "AsyncBatched": actor.AsyncBatched[actortest.Plain, int], "AsyncContext": actor.AsyncContext[actortest.Plain, int], "AwaitDown": actor.AwaitDown[actortest.Plain], "Call": actor.Call[actortest.Plain, int],
			"CallBatched": actor.CallBatched[actortest.Plain, int], "CallContext": actor.CallContext[actortest.Plain, int],
			"CallLater": actor.CallLater[actortest.Plain, int], "Continue": actor.Continue[actortest.Plain], "Detach": actor.Detach, "Exit": actor.Exit, "Get": actor.Get[actortest.Plain, int],
			"Go": actor.Go[actortest.Plain], "Inspect": actor.Inspect[actortest.Plain, int], "Lookup": actor.Lookup[plainService],
			"Move": actor.Move[int], "New": actor.New[actortest.Plain], "NewBurstView": actor.NewBurstView[actortest.Plain, int],
			"NewPanicError": func(value any, service string, f func()) { actor.NewPanicError(value, service, f) }, "NewRecipient": actor.NewRecipient[actortest.Plain, int],
			"NewView": actor.NewView[actortest.Plain, int], "OutcomeOf": actor.OutcomeOf, "PanicElsewhere": actor.PanicElsewhere, "Pipe": actor.Pipe[actortest.Plain, int],
			"PipeContext": actor.PipeContext[actortest.Plain, int], "ProxyOf": actor.ProxyOf[actortest.Plain], "Retry": actor.Retry[int],
			"Route": actor.Route[actortest.Plain], "Self": actor.Self[actortest.Plain], "Start": actor.Start[actortest.Plain],
			"Supervised": actor.Supervised, "Wait": actor.Wait[actortest.Plain], "WaitOutside": actor.WaitOutside, "Watch": actor.Watch[actortest.Plain, actortest.Plain],
			"WithBatch": actor.WithBatch[actortest.Plain], "WithCapacity": actor.WithCapacity, "WithDeadLetters": actor.WithDeadLetters,
			"WithDrainTime": actor.WithDrainTime, "WithFilteredInterceptor": actor.WithFilteredInterceptor, "WithHistory": actor.WithHistory, "WithInterceptor": actor.WithInterceptor,
			"WithLogger": actor.WithLogger, "WithName": actor.WithName, "WithOutcome": actor.WithOutcome, "WithOSThread": actor.WithOSThread,
			"WithOverflow": actor.WithOverflow, "WithPipeLimit": actor.WithPipeLimit, "WithQueuePolicy": actor.WithQueuePolicy,
			"WithSlowClosure": actor.WithSlowClosure, "WithTimes": actor.WithTimes, "WithoutClose": actor.WithoutClose,
		},
		Types: map[string]any{
			"Service": svc, "Proxy": actor.ProxyOf(svc), "Router": actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { return svc }),
			"Future": actor.Async(svc, func(*actortest.Plain) (int, error) { return 1, nil }), "Timer": svc.WhenIdle(1, func(*actortest.Plain) {}),
			"View": actor.NewView(svc, numberOf), "Recipient": to, "Recording": svc.Record(1), "Reply": actor.Reply[int]{},
			"Caller": actor.Caller{}, "Closure": actor.Closure{}, "ClosureRecord": actor.ClosureRecord{},
			"DeadlockError": &actor.DeadlockError{}, "Histogram": actor.Histogram{}, "Outcome": actor.NotRun,
			"PanicError": &actor.PanicError{}, "State": new(actor.State), "WaitsFor": actor.WaitsFor{},
		},
		Nones: []any{(*actor.Service[actortest.Plain])(nil), zeroProxy{}, actor.Proxy[actortest.Plain]{}, actor.Router[actortest.Plain]{}},
		Data:  []string{"DeadlockError", "PanicError", "State"},
		May: []string{
			"OutcomeOf 0", "WithOutcome 0", "NewPanicError 0", "NewPanicError 2", // no error, runtime.Goexit, an unknown function
			"DeadlockError.Is 0", "Timer.Cancel nil", "Service.StartedBy 0",
		},
		Args: []any{svc, starter{}, &actortest.Plain{}, slog.New(slog.DiscardHandler), context.Canceled, new(int)},
	}
}
