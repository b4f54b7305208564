package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A hook, or a logger, that is told of the end of a service, and waits for that end, would wait
// for itself: it gets an error at once, which says where it waits; and of another service's end
// it is told.
func TestL10AwaitDownInWhatIsToldOfTheEnd(t *testing.T) {
	for part, options := range map[string]func(f func()) []actor.Option{
		"hook": func(f func()) []actor.Option {
			return []actor.Option{actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) { f() })}
		},
		"logger": func(f func()) []actor.Option { return []actor.Option{actor.WithLogger(slog.New(&handles{f: f}))} },
	} {
		for name, end := range map[string]func(svc *actor.Service[actortest.Plain]){
			"Stop": func(svc *actor.Service[actortest.Plain]) { _ = svc.Stop(context.Background()) },
			"Kill": func(svc *actor.Service[actortest.Plain]) { svc.Kill() },
		} {
			t.Run(part+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					other := actor.Start(new(actortest.Plain), actortest.Quiet())
					var svc *actor.Service[actortest.Plain]
					var self, of error
					told := false
					svc = actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil }, options(func() {
						if told {
							return
						}
						told = true
						_, self = actor.AwaitDown(context.Background(), svc)
						go other.Kill()
						_, of = actor.AwaitDown(context.Background(), other)
					})...)
					_ = svc.Do(func(*actortest.Plain) {})
					begun := time.Now()
					end(svc)
					var cycle *actor.DeadlockError
					if !errors.Is(self, actor.ErrSelfCall) || !errors.As(self, &cycle) || !strings.Contains(cycle.Cycle[0].Site, "await_own_end_test.go") {
						t.Errorf("of its end: %v", self)
					}
					if !told || of != nil || time.Since(begun) != 0 {
						t.Errorf("told: %t; of another's end: %v; after %v", told, of, time.Since(begun))
					}
				})
			})
		}
	}
}
