package actor_test

//lint:file-ignore ST1008 the wait comes first, and where it is done after it, on the same line

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// wait is a way to wait for a service. It returns the error and where the waiting
// is done.
type wait struct {
	name string
	full bool // needs a service without room; the others need one with room
	wait func(ctx context.Context, svc *actor.Service[plain]) (err error, site string)
}

type plainService = *actor.Service[plain]

var waits = []wait{
	{"Run", false, func(ctx context.Context, svc plainService) (error, string) {
		return svc.Run(ctx, nothing), here()
	}},
	{"RunContext", false, func(ctx context.Context, svc plainService) (error, string) {
		return svc.RunContext(ctx, nothingContext), here()
	}},
	{"Call", false, func(ctx context.Context, svc plainService) (error, string) {
		return second(actor.Call(ctx, svc, number)), here()
	}},
	{"CallContext", false, func(ctx context.Context, svc plainService) (error, string) {
		return second(actor.CallContext(ctx, svc, numberContext)), here()
	}},
	{"Get", false, func(ctx context.Context, svc plainService) (error, string) {
		return second(actor.Get(ctx, svc, (*plain).value)), here()
	}},
	{"Wait", false, func(ctx context.Context, svc plainService) (error, string) {
		return actor.Wait(ctx, svc, func(*plain) {}), here()
	}},
	{"Await", false, func(ctx context.Context, svc plainService) (error, string) {
		return second(actor.Async(svc, number).Await(ctx)), here()
	}},
	{"room for a call", true, func(ctx context.Context, svc plainService) (error, string) {
		return svc.Run(ctx, nothing), here()
	}},
	{"room for DoContext", true, func(ctx context.Context, svc plainService) (error, string) {
		return svc.DoContext(ctx, ignore), here()
	}},
	{"Stop", false, func(ctx context.Context, svc plainService) (error, string) {
		return svc.Stop(ctx), here()
	}},
}

func nothingContext(context.Context, *plain) error       { return nil }
func number(*plain) (int, error)                         { return 0, nil }
func numberContext(context.Context, *plain) (int, error) { return 0, nil }
func ignore(context.Context, *plain)                     {}
func (p *plain) value() int                              { return p.n }
func second[V any](_ V, err error) error                 { return err }

// bounded starts a service that has room for one closure.
func bounded(name string) plainService {
	return actor.Start(&plain{}, actor.WithName(name), actor.WithCapacity(1), quiet())
}

// prepare gives a busy service what w needs.
func (w wait) prepare(t testing.TB, svc plainService) {
	t.Helper()
	if w.full {
		do(t, svc, func(*plain) {})
	}
}

// expectCycle demands that err is a refusal that names these services, each of
// which waits for the next one, and these sites, if they are known.
func expectCycle(t testing.TB, err error, names, sites []string) {
	t.Helper()
	var deadlock *actor.DeadlockError
	if !errors.As(err, &deadlock) {
		t.Errorf("no deadlock: %v", err)
		return
	}
	if actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, actor.ErrNotRun) {
		t.Errorf("the outcome is %v: %v", actor.OutcomeOf(err), err)
	}
	if self := errors.Is(err, actor.ErrSelfCall); self != (len(names) == 1) {
		t.Errorf("matches ErrSelfCall: %v: %v", self, err)
	}
	if len(deadlock.Cycle) != len(names) {
		t.Fatalf("the cycle has not %d waits: %v", len(names), err)
	}
	for i, w := range deadlock.Cycle {
		next := names[(i+1)%len(names)]
		if w.Service != names[i] || w.For != next {
			t.Errorf("wait %d is of %s for %s, want %s for %s", i, w.Service, w.For, names[i], next)
		}
		if i < len(sites) && !strings.HasSuffix(w.Site, sites[i]) {
			t.Errorf("wait %d is at %s, want %s", i, w.Site, sites[i])
		}
		for _, part := range []string{w.Service, w.For, w.Site} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the error does not name %s: %v", part, err)
			}
		}
	}
}
