package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{N: 3}, nil }, actortest.Quiet(), actor.WithCapacity(1))
		defer svc.Kill()
		actortest.Do(t, svc, func(*actortest.Plain) {}) // and full it is
		tries := 0
		get := func(context.Context) (int, error) {
			tries++
			return actor.Async(svc, func(p *actortest.Plain) (int, error) { return p.N, nil }).Await(ctx)
		}
		start := time.Now()
		_, err := actor.Retry(ctx, 4, 10*time.Millisecond, get)
		if d := time.Since(start); !errors.Is(err, actor.ErrMailboxFull) || tries != 4 || d != 70*time.Millisecond {
			t.Errorf("%v after %d tries and %v", err, tries, d)
		}
		time.AfterFunc(15*time.Millisecond, func() { go func() { _ = svc.Serve(ctx) }() })
		tries = 0
		if n, err := actor.Retry(ctx, 4, 10*time.Millisecond, get); n != 3 || err != nil || tries != 3 {
			t.Errorf("%d, %v after %d tries", n, err, tries)
		}
		// A context that ends, while it waits.
		svc.Kill()
		short, cancel := context.WithTimeout(ctx, 25*time.Millisecond)
		defer cancel()
		tries, start = 0, time.Now()
		_, err = actor.Retry(short, 100, 10*time.Millisecond, get)
		if d := time.Since(start); !errors.Is(err, actor.ErrStopped) || tries != 2 || d != 25*time.Millisecond {
			t.Errorf("%v after %d tries and %v", err, tries, d)
		}
	})
}

// A context that has ended ends the tries, also when the time to wait is over at the same
// instant.
func TestL16RetryLooksAtItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, wait := range []time.Duration{0, time.Millisecond} {
			for range 100 {
				ctx, cancel := context.WithTimeout(context.Background(), wait)
				tries := 0
				_, err := actor.Retry(ctx, 20, wait, func(context.Context) (int, error) {
					tries++
					return 0, actor.ErrMailboxFull
				})
				cancel()
				if tries != 1 || !errors.Is(err, actor.ErrMailboxFull) {
					t.Fatalf("wait %v: %v after %d tries", wait, err, tries)
				}
			}
		}
	})
}

// Only what was not run, and may be run another time, is tried again.
func TestL4RetryOfWhatWasNotRunOnly(t *testing.T) {
	ctx := context.Background()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	refusing := actor.Start(&actortest.Plain{}, actor.WithInterceptor(func(actor.Closure, func() error) error { return errors.New("no") }))
	defer actortest.Stop(t, refusing)
	for name, call := range map[string]func(svc *actor.Service[actortest.Plain]) error{
		"ran": func(*actor.Service[actortest.Plain]) error { return nil },
		"its own": func(svc *actor.Service[actortest.Plain]) error {
			return svc.Run(ctx, func(*actortest.Plain) error { return errors.New("own") })
		},
		"crashed": func(svc *actor.Service[actortest.Plain]) error { return svc.Run(ctx, noChange) },
		"ended": func(svc *actor.Service[actortest.Plain]) error {
			return svc.Run(ended, actortest.Nothing[actortest.Plain])
		},
		"refused": func(*actor.Service[actortest.Plain]) error {
			return refusing.Run(ctx, actortest.Nothing[actortest.Plain])
		},
		"deadlock": func(svc *actor.Service[actortest.Plain]) (err error) {
			_ = svc.Run(ctx, func(*actortest.Plain) error { err = svc.Run(ctx, actortest.Nothing[actortest.Plain]); return nil })
			return err
		},
	} {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		tries := 0
		_, _ = actor.Retry(ctx, 3, 0, func(context.Context) (int, error) {
			tries++
			return 0, call(svc)
		})
		if tries != 1 {
			t.Errorf("%s: %d tries", name, tries)
		}
		svc.Kill()
	}
}

func TestRetryBadInput(t *testing.T) {
	ctx := context.Background()
	call := func(context.Context) (int, error) { return 0, nil }
	actortest.Misuse(t, "actor", map[string]func(){
		"Retry of 0 tries":                 func() { _, _ = actor.Retry(ctx, 0, 0, call) },
		"after -1ns":                       func() { _, _ = actor.Retry(ctx, 1, -1, call) },
		"Retry with a nil context or call": func() { _, _ = actor.Retry[int](ctx, 1, 0, nil) },
	})
}
