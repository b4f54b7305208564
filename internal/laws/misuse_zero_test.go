package laws_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// What was not made, and nil, say so: not a nil pointer somewhere inside.
func TestZeroAndNilPanic(t *testing.T) {
	ctx := t.Context()
	var none context.Context
	var router actor.Router[actortest.Plain]
	nothing := func(*actortest.Plain) {}
	for name, row := range map[string]struct {
		want string
		f    func()
	}{
		"zero Router.Do":    {"a Router is made by", func() { _ = router.Do(nothing) }},
		"zero Router":       {"a Router is made by", func() { _, _ = actor.Get(ctx, router, (*actortest.Plain).Value) }},
		"zero Service.Load": {"a Service is made by", func() { new(actor.Service[actortest.Plain]).Load() }},
		"zero Future.Await": {"a Future is made by", func() { _, _ = new(actor.Future[int]).Await(ctx) }},
		"zero Future.Done":  {"a Future is made by", func() { new(actor.Future[int]).Done() }},
		"zero View.Close":   {"a View is made by", func() { new(actor.View[int]).Close() }},
		"nil Timer.Err":     {"Err of a nil Timer", func() { _ = (*actor.Timer)(nil).Err() }},
		"Self of nil":       {"Self with a nil context", func() { actor.Self[actortest.Plain](none) }},
		"Lookup of nil":     {"Lookup with a nil context", func() { _, _ = actor.Lookup[*actor.Service[actortest.Plain]](none, "a") }},
		"Detach of nil":     {"Detach with a nil context", func() { actor.Detach(none) }},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				v := recover()
				if text, ok := v.(string); !ok || !strings.HasPrefix(text, "actor: ") || !strings.Contains(text, row.want) {
					t.Errorf("panic: %v", v)
				}
			}()
			row.f()
		})
	}
}
