// Package actortest has what the tests of several packages ask of a service: to be
// started, kept busy, stopped and looked at. It uses the exported API only, so that
// what a test sees with it is what a user sees.
//
// A helper that takes a testing.TB makes the test fail if what it does is refused.
package actortest

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// Quiet is for services that log what a test provokes.
func Quiet() actor.Option { return actor.WithLogger(slog.New(slog.DiscardHandler)) }

// Do is Do of a closure that has to be accepted.
func Do[T any](t testing.TB, svc *actor.Service[T], f func(*T)) {
	t.Helper()
	if err := svc.Do(f); err != nil {
		t.Errorf("Do = %v", err)
	}
}

// Stop is a Stop that has to succeed.
func Stop(t testing.TB, svc interface{ Stop(context.Context) error }) {
	t.Helper()
	if err := svc.Stop(context.Background()); err != nil {
		t.Errorf("Stop = %v", err)
	}
}

// Serve has another goroutine call Serve, once, and returns where its result comes.
// The channel is closed when that goroutine ends, also without a result.
func Serve(ctx context.Context, svc interface{ Serve(context.Context) error }) <-chan error {
	served := make(chan error, 1)
	go func() {
		defer close(served)
		served <- svc.Serve(ctx)
	}()
	return served
}

// Supervised is a context for Serve as a supervisor gives it: the service stays pending
// between two incarnations, and keeps its queue.
func Supervised(ctx context.Context) context.Context { return actor.Supervised(ctx, "") }

// KeepServing is a very small supervisor: it serves svc again and again, each time on
// another goroutine, until ctx ends or the service does. The channel is closed when it
// has given up.
func KeepServing[T any](ctx context.Context, svc *actor.Service[T]) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for ctx.Err() == nil {
			err, ok := <-Serve(Supervised(ctx), svc)
			if ok && errors.Is(err, actor.ErrStopped) {
				return
			}
		}
		svc.Abandon()
	}()
	return gone
}

// Panics is a closure that crashes its service.
func Panics[T any](*T) { panic("boom") }

// Nothing is the closure of a Run.
func Nothing[T any](*T) error { return nil }

// NothingContext is the closure of a RunContext.
func NothingContext[T any](context.Context, *T) error { return nil }

// Ignore is the closure of a DoContext.
func Ignore[T any](context.Context, *T) {}

// Number is the closure of a Call.
func Number[T any](*T) (int, error) { return 0, nil }

// NumberContext is the closure of a CallContext.
func NumberContext[T any](context.Context, *T) (int, error) { return 0, nil }

// Second returns the error of a call.
func Second[V any](_ V, err error) error { return err }
