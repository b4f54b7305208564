package laws_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// handles is a handler of its own for each logger.
type handles struct {
	hostile.Handler
	f func()
}

func (h *handles) Enabled(context.Context, slog.Level) bool      { return true }
func (h *handles) Handle(_ context.Context, r slog.Record) error { h.f(); return nil }

// Of many services whose hook, or logger, hangs all kills together wait for it 0.1 s, and of those
// whose hook returns each has told it when Kill returns.
func TestL17KillsBehindWhatHangs(t *testing.T) {
	for name, options := range map[string]func(f func()) []actor.Option{
		"a hook": func(f func()) []actor.Option {
			return []actor.Option{actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) { f() })}
		},
		"a logger": func(f func()) []actor.Option { return []actor.Option{actor.WithLogger(slog.New(&handles{f: f}))} },
	} {
		for at, serves := range map[string]bool{"declared": false, "in a closure": true} {
			t.Run(name+"/"+at, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					gate, closures := make(chan struct{}), make(chan struct{})
					kill := func(f func()) (took time.Duration) {
						svc := actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil }, options(f)...)
						if serves {
							actortest.Serve(context.Background(), svc)
							_ = svc.Do(func(*actortest.Plain) { <-closures })
							synctest.Wait()
						}
						_ = svc.Do(func(*actortest.Plain) {})
						begun := time.Now()
						svc.Kill()
						return time.Since(begun)
					}
					var all time.Duration
					for range 20 {
						all += kill(func() { <-gate })
					}
					if all != time.Second/10 {
						t.Errorf("20 kills took %v", all)
					}
					close(gate)
					synctest.Wait()
					for range 20 {
						told := 0
						if took := kill(func() { time.Sleep(time.Millisecond); told++ }); told == 0 || took > 2*time.Millisecond {
							t.Errorf("told %d times when Kill returned, after %v", told, took)
						}
					}
					close(closures)
				})
			})
		}
	}
}
