package actor_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/nils"
)

type starter struct{}

func (starter) Before() []any { return nil }
func (starter) Name() string  { return "" }

// Whatever is nil, or was never made, says so.
func TestNilIsSaid(t *testing.T) {
	svc := actor.Start(&plain{}, quiet(), actor.WithBatch(1, func(*plain) error { return nil }))
	defer svc.Kill()
	exported(t, svc).Walk(t)
}

// exported is all that the package exports, for a service WithBatch.
func exported(t *testing.T, svc *actor.Service[plain]) *nils.Table {
	to, err := actor.NewRecipient(svc, func(*plain, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return &nils.Table{
		Funcs: map[string]any{
			"Async": actor.Async[plain, int], "AsyncContext": actor.AsyncContext[plain, int], "AwaitDown": actor.AwaitDown[plain], "Call": actor.Call[plain, int],
			"CallBatched": actor.CallBatched[plain, int], "CallContext": actor.CallContext[plain, int],
			"CallLater": actor.CallLater[plain, int], "Continue": actor.Continue[plain], "Detach": actor.Detach, "Exit": actor.Exit, "Get": actor.Get[plain, int],
			"Go": actor.Go[plain], "Inspect": actor.Inspect[plain, int], "Lookup": actor.Lookup[plainService],
			"Move": actor.Move[int], "New": actor.New[plain], "NewBurstView": actor.NewBurstView[plain, int],
			"NewPanicError": func(value any, service string, f func()) { actor.NewPanicError(value, service, f) }, "NewRecipient": actor.NewRecipient[plain, int],
			"NewView": actor.NewView[plain, int], "OutcomeOf": actor.OutcomeOf, "PanicElsewhere": actor.PanicElsewhere, "Pipe": actor.Pipe[plain, int],
			"PipeContext": actor.PipeContext[plain, int], "ProxyOf": actor.ProxyOf[plain], "Retry": actor.Retry[int],
			"Route": actor.Route[plain], "Self": actor.Self[plain], "Start": actor.Start[plain],
			"Supervised": actor.Supervised, "Wait": actor.Wait[plain], "Watch": actor.Watch[plain, plain],
			"WithBatch": actor.WithBatch[plain], "WithCapacity": actor.WithCapacity, "WithDeadLetters": actor.WithDeadLetters,
			"WithDrainTime": actor.WithDrainTime, "WithHistory": actor.WithHistory, "WithInterceptor": actor.WithInterceptor,
			"WithLogger": actor.WithLogger, "WithName": actor.WithName, "WithOutcome": actor.WithOutcome, "WithOSThread": actor.WithOSThread,
			"WithOverflow": actor.WithOverflow, "WithPipeLimit": actor.WithPipeLimit, "WithQueuePolicy": actor.WithQueuePolicy,
			"WithSlowClosure": actor.WithSlowClosure, "WithTimes": actor.WithTimes, "WithoutClose": actor.WithoutClose,
		},
		Types: map[string]any{
			"Service": svc, "Proxy": actor.ProxyOf(svc), "Router": actor.Route(func(*actor.Service[plain]) *actor.Service[plain] { return svc }),
			"Future": actor.Async(svc, func(*plain) (int, error) { return 1, nil }), "Timer": svc.WhenIdle(1, func(*plain) {}),
			"View": actor.NewView(svc, numberOf), "Recipient": to, "Recording": svc.Record(1), "Reply": actor.Reply[int]{},
			"Caller": actor.Caller{}, "Closure": actor.Closure{}, "ClosureRecord": actor.ClosureRecord{},
			"DeadlockError": &actor.DeadlockError{}, "Histogram": actor.Histogram{}, "Outcome": actor.NotRun,
			"PanicError": &actor.PanicError{}, "State": new(actor.State), "WaitsFor": actor.WaitsFor{},
		},
		Nones: []any{(*actor.Service[plain])(nil), zeroProxy{}, actor.Proxy[plain]{}, actor.Router[plain]{}},
		Data:  []string{"DeadlockError", "PanicError", "State"},
		May: []string{
			"OutcomeOf 0", "WithOutcome 0", "NewPanicError 0", "NewPanicError 2", // no error, runtime.Goexit, an unknown function
			"DeadlockError.Is 0", "Timer.Cancel nil", "Service.StartedBy 0",
		},
		Args: []any{svc, starter{}, &plain{}, slog.New(slog.DiscardHandler), context.Canceled, new(int)},
	}
}
