package supervisor_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

type tally struct{ n int }

type tallyService = actor.Service[tally]

// tallyProxy is what nanogen makes.
type tallyProxy struct{ *tallyService }

// A struct of a proxy and a view that embeds the proxy is the service.
type tallyWithView struct {
	tallyProxy
	*actor.View[int]
}

// One that embeds no more of the proxy than an interface says, and one that has it in a
// field, are children of their own, which serve a service.
type (
	tallyBehindInterface struct {
		supervisor.Service
		*actor.View[int]
	}
	tallyInField struct {
		proxy tallyProxy
		view  *actor.View[int]
	}
)

func (f tallyInField) Serve(ctx context.Context) error { return f.proxy.Serve(ctx) }

// A struct of a proxy and a view as a child keeps the queue through restarts, or a warning
// says that it does not.
func TestSUPProxyAndViewAsAChild(t *testing.T) {
	type both = func(tallyProxy, *actor.View[int]) supervisor.Service
	for _, row := range []struct {
		name string
		make both
		kept bool
		warn int
	}{
		{"the proxy", func(p tallyProxy, _ *actor.View[int]) supervisor.Service { return p }, true, 0},
		{"both embedded", func(p tallyProxy, v *actor.View[int]) supervisor.Service { return tallyWithView{p, v} }, true, 0},
		{"a pointer", func(p tallyProxy, v *actor.View[int]) supervisor.Service { return &tallyWithView{p, v} }, true, 0},
		{"an interface", func(p tallyProxy, v *actor.View[int]) supervisor.Service { return tallyBehindInterface{p, v} }, false, 1},
		{"a field", func(p tallyProxy, v *actor.View[int]) supervisor.Service { return tallyInField{p, v} }, false, 1},
		{"a supervisor of it", func(p tallyProxy, _ *actor.View[int]) supervisor.Service { return above(p) }, true, 0},
		{"a supervisor of it, behind an interface", func(p tallyProxy, v *actor.View[int]) supervisor.Service {
			return tallyBehindInterface{above(p), v}
		}, false, 1},
		{"a function that says so", func(p tallyProxy, _ *actor.View[int]) supervisor.Service {
			return supervisor.Func(func(ctx context.Context) error { return p.Serve(actor.Supervised(ctx, "")) })
		}, true, 0},
		{"a function", func(p tallyProxy, _ *actor.View[int]) supervisor.Service { return supervisor.Func(p.Serve) }, false, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				warnings := new(warningLog)
				svc := actor.New(func(context.Context) (*tally, error) { return &tally{}, nil },
					actor.WithLogger(slog.New(warnings)))
				child := row.make(tallyProxy{svc}, actor.NewView(svc, func(s *tally) int { return s.n }))
				root := supervisor.New("root", supervisor.Spec{Logger: slog.New(warnings), Children: []supervisor.Child{{Name: "a", Service: child}}})
				start(t, root)
				ran := 0
				for range 3 { // it is told once
					gate := make(chan struct{})
					_ = svc.Do(func(*tally) { <-gate; panic("crash") })
					_ = svc.Do(func(*tally) { ran++ })
					close(gate)
					synctest.Wait()
				}
				if want := map[bool]int{true: 3}[row.kept]; ran != want {
					t.Errorf("%d of what was queued has run: want %d", ran, want)
				}
				stop(t, root)
				if warnings.n != row.warn {
					t.Errorf("%d warnings: want %d", warnings.n, row.warn)
				}
			})
		})
	}
}

// above returns a supervisor that gives up when p crashes.
func above(p tallyProxy) *supervisor.Supervisor {
	return supervisor.New("above", supervisor.Spec{MaxRestarts: supervisor.NoRestarts, Children: []supervisor.Child{{Service: p}}})
}

// warningLog is a handler that counts the warnings of a queue that is not kept.
type warningLog struct{ n int }

func (w *warningLog) Enabled(context.Context, slog.Level) bool { return true }
func (w *warningLog) WithAttrs([]slog.Attr) slog.Handler       { return w }
func (w *warningLog) WithGroup(string) slog.Handler            { return w }

func (w *warningLog) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "not kept through restarts") {
		w.n++
	}
	return nil
}
