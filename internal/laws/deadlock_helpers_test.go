package laws_test

//lint:file-ignore ST1008 the wait comes first, and where it is done after it, on the same line

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// wait is a way to wait for a service. It returns the error and where the waiting
// is done.
type wait struct {
	name string
	full bool // needs a service without room; the others need one with room
	wait func(ctx context.Context, svc *actor.Service[actortest.Plain]) (err error, site string)
}

type plainService = *actor.Service[actortest.Plain]

var waits = []wait{
	{"Run", false, func(ctx context.Context, svc plainService) (error, string) {
		return svc.Run(ctx, actortest.Nothing), actortest.Here()
	}},
	{"RunContext", false, func(ctx context.Context, svc plainService) (error, string) {
		return svc.RunContext(ctx, actortest.NothingContext), actortest.Here()
	}},
	{"Call", false, func(ctx context.Context, svc plainService) (error, string) {
		return actortest.Second(actor.Call(ctx, svc, actortest.Number)), actortest.Here()
	}},
	{"CallContext", false, func(ctx context.Context, svc plainService) (error, string) {
		return actortest.Second(actor.CallContext(ctx, svc, actortest.NumberContext)), actortest.Here()
	}},
	{"Get", false, func(ctx context.Context, svc plainService) (error, string) {
		return actortest.Second(actor.Get(ctx, svc, (*actortest.Plain).Value)), actortest.Here()
	}},
	{"Wait", false, func(ctx context.Context, svc plainService) (error, string) {
		return actor.Wait(ctx, svc, func(*actortest.Plain) {}), actortest.Here()
	}},
	{"Await", false, func(ctx context.Context, svc plainService) (error, string) {
		return actortest.Second(actor.Async(svc, actortest.Number).Await(ctx)), actortest.Here()
	}},
	{"room for a call", true, func(ctx context.Context, svc plainService) (error, string) {
		return svc.Run(ctx, actortest.Nothing), actortest.Here()
	}},
	{"room for DoContext", true, func(ctx context.Context, svc plainService) (error, string) {
		return svc.DoContext(ctx, actortest.Ignore), actortest.Here()
	}},
	{"Stop", false, func(ctx context.Context, svc plainService) (error, string) {
		return svc.Stop(ctx), actortest.Here()
	}},
}

// bounded starts a service that has room for one closure.
func bounded(name string) plainService {
	return actor.Start(&actortest.Plain{}, actor.WithName(name), actor.WithCapacity(1), actortest.Quiet())
}

// prepare gives a busy service what w needs.
func (w wait) prepare(t testing.TB, svc plainService) {
	t.Helper()
	if w.full {
		actortest.Do(t, svc, func(*actortest.Plain) {})
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
