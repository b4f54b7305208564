// Package chaos crashes services, to see what becomes of those who use them.
package chaos

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// A Target is a service, and a way to crash it.
type Target struct {
	Name string

	crash func(context.Context) error // returns when it has crashed, with the crash
	up    func(context.Context) error // returns when it is there again
}

// Crash crashes the service, and returns when its next incarnation is at work.
func (t Target) Crash(ctx context.Context) error {
	if err := t.crash(ctx); actor.OutcomeOf(err) != actor.Crashed {
		return fmt.Errorf("chaos: %s has not crashed: %v", t.Name, err)
	}
	if err := t.up(ctx); err != nil {
		return fmt.Errorf("chaos: %s does not come back: %w", t.Name, err)
	}
	return nil
}

// Service is a service that panics in a closure.
func Service[T any](name string, svc *actor.Service[T]) Target {
	return Target{
		Name:  name,
		crash: func(ctx context.Context) error { return svc.Run(ctx, func(*T) error { panic("chaos") }) },
		up:    up(svc),
	}
}

// Members are the members of a pool.
func Members[T any](name string, members []*actor.Service[T]) (targets []Target) {
	for i, member := range members {
		targets = append(targets, Service(fmt.Sprintf("%s/%d", name, i), member))
	}
	return targets
}

// Store is the store: in the middle of a batch, so that nothing of that is done; and, if
// it has a database, where it commits, before that and after it.
func Store(s store.Store) []Target {
	switch svc := s.(type) {
	case store.MemoryService:
		return []Target{Service("store", svc.Service())}
	case store.WriterService:
		at := func(p store.Point) Target {
			return Target{
				Name: "store " + string(p),
				crash: func(ctx context.Context) error {
					_, err := actor.CallBatched(ctx, svc.Service(), func(w *store.Writer) (struct{}, error) {
						w.CrashAt(p)
						return struct{}{}, nil
					})
					return err
				},
				up: up(svc.Service()),
			}
		}
		return []Target{Service("store", svc.Service()), at(store.BeforeCommit), at(store.AfterCommit)}
	}
	return nil
}

// up has a closure wait behind the crash, which the next incarnation runs.
func up[T any](svc *actor.Service[T]) func(context.Context) error {
	return func(ctx context.Context) error { return actor.Wait(ctx, svc, func(*T) {}) }
}
