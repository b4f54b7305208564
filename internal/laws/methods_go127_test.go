//go:build go1.27

package laws_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// The methods mean what the functions mean.
func TestMethodsOfGo127(t *testing.T) {
	ctx := context.Background()
	svc := actor.Start(&actortest.Plain{N: 1}, actortest.Quiet(), actor.WithHistory(4))
	mistake := errors.New("mistake")

	if n, err := svc.Get(ctx, func(p *actortest.Plain) int { return p.N }); n != 1 || err != nil {
		t.Errorf("Get = %d, %v", n, err)
	}
	if n, err := svc.Call(ctx, func(p *actortest.Plain) (int, error) { p.N++; return p.N, mistake }); n != 2 || err != mistake {
		t.Errorf("Call = %d, %v", n, err)
	}
	self, err := svc.CallContext(ctx, func(ctx context.Context, _ *actortest.Plain) (*actor.Service[actortest.Plain], error) {
		return actor.Self[actortest.Plain](ctx), nil
	})
	if self != svc || err != nil {
		t.Errorf("CallContext = %p, %v", self, err)
	}
	var line string
	answer := svc.Async(func(p *actortest.Plain) (string, error) { return strings.Repeat("x", p.N), nil })
	line = actortest.Here()
	if s, err := answer.Await(ctx); s != "xx" || err != nil {
		t.Errorf("Await = %q, %v", s, err)
	}
	if h := svc.History(); len(h) != 4 {
		t.Errorf("history %v", h)
	} else if file, _, _ := strings.Cut(line, ":"); !strings.Contains(h[3].Site, file) || !strings.Contains(h[0].Site, file) {
		t.Errorf("the sites are %q and %q", h[0].Site, h[3].Site)
	}
	actortest.Stop(t, svc)
	if _, err := svc.Get(ctx, func(p *actortest.Plain) int { return p.N }); actor.OutcomeOf(err) != actor.NotRun {
		t.Errorf("Get of a stopped service: %v", err)
	}
}

func TestMethodsOfGo127RefuseNil(t *testing.T) {
	ctx := context.Background()
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	for name, call := range map[string]func(){
		"Call":        func() { _, _ = svc.Call[int](ctx, nil) },
		"CallContext": func() { _, _ = svc.CallContext[int](ctx, nil) },
		"Get":         func() { _, _ = svc.Get[int](ctx, nil) },
		"Async":       func() { svc.Async[int](nil) },
	} {
		func() {
			defer func() {
				if v := recover(); v != "actor: "+name+" of a nil closure" {
					t.Errorf("%s of nil: %v", name, v)
				}
			}()
			call()
		}()
	}
}
