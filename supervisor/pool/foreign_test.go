package pool_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/internal/nils"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func hostilePool() *pool.Pool[int] {
	return pool.NewWith(2, func(context.Context) (*int, error) { return new(int), nil },
		supervisor.Spec{Logger: silent}, actor.WithLogger(silent), actor.WithCapacity(2))
}

// exported is what a pool may be asked, and by what.
func exported(p *pool.Pool[int]) *nils.Table {
	return &nils.Table{
		Funcs: map[string]any{
			"Gather": pool.Gather[int, int], "Call": actor.Call[int, int], "CallContext": actor.CallContext[int, int], "Wait": actor.Wait[int],
			"AsyncContext": actor.AsyncContext[int, int], "CallLater": actor.CallLater[int, int],
		},
		Types: map[string]any{"Pool": p},
		Args:  []any{p, supervisor.Child{}, "0", starter{}},
	}
}

// Whatever of a pool is given a context that misbehaves, at whichever of its questions, harms
// the goroutine that brought it, and nothing else: the members go on, and the pool ends.
func TestL17ContextsOfAPool(t *testing.T) {
	names := slices.Sorted(maps.Keys(exported(hostilePool()).Calls(t, t.Context())))
	if len(names) < 10 {
		t.Fatalf("only %v take a context", names)
	}
	for _, name := range names {
		for _, manner := range append([]string{hostile.CallsBack}, hostile.Names...) {
			for _, state := range []string{"declared", "idle", "busy"} {
				for at := int64(1); at < 30 && contextOfAPool(t, name, manner, state, at); at++ {
				}
			}
		}
	}
}

// contextOfAPool reports whether the context was asked that question.
func contextOfAPool(t *testing.T, name, manner, state string, at int64) (reached bool) {
	fault := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, %s, which %s at question %d: "+format, append([]any{name, state, manner, at}, args...)...)
	}
	synctest.Test(t, func(t *testing.T) {
		p := hostilePool()
		within, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if state != "declared" {
			if err := p.Start(within); err != nil {
				t.Fatal(err)
			}
		}
		gate := make(chan struct{})
		if state == "busy" {
			p.Broadcast(func(*int) { <-gate })
			synctest.Wait()
		}
		m, release := hostile.NewCalling(manner, func() {
			within, cancel := context.WithTimeout(context.Background(), time.Second/10)
			defer cancel()
			p.Snapshot()
			p.Broadcast(func(*int) {})
			_ = actor.Wait(within, p, func(*int) {})
			_, _ = pool.Gather(within, p, func(*int) (int, error) { return 0, nil })
		})
		base, cancel2 := context.WithTimeout(context.Background(), time.Second)
		defer cancel2()
		ctx := &hostile.Context{Context: base, Manner: m, At: at}
		call := exported(p).Calls(t, ctx)[name]
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			call()
		}()
		time.Sleep(2 * time.Second)
		close(gate)
		p.Snapshot()
		for i, m := range p.Members() {
			if err := m.Run(within, actortest.Nothing); err != nil && state != "declared" && !errors.Is(err, actor.ErrStopped) && m.Info().State != actor.Pending {
				fault("member %d: %v", i, err)
			}
			if state == "declared" {
				break
			}
		}
		release()
		if err := p.Stop(within); errors.Is(err, context.DeadlineExceeded) {
			fault("Stop: %v", err)
		}
		<-over
		<-p.Done()
		reached = ctx.Reached()
	})
	return reached
}

// A context that ends the goroutine on which it is asked does not pass for a success.
func TestL17GatherThatIsNotWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hostilePool()
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		m, _ := hostile.New("calls Goexit")
		elsewhere := 0
		for at := int64(1); at < 20; at++ {
			ctx := &hostile.Context{Context: t.Context(), Manner: m, At: at}
			over := make(chan error, 1)
			go func() {
				defer close(over)
				_, err := pool.Gather(ctx, p, func(*int) (int, error) { return 0, nil })
				over <- err
			}()
			err, ok := <-over
			if ok && ctx.Reached() {
				elsewhere++
			}
			if ok && (err != nil) != ctx.Reached() {
				t.Errorf("question %d, which was asked: %t: %v", at, ctx.Reached(), err)
			}
		}
		if elsewhere == 0 {
			t.Error("all is asked by the caller")
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// An error that misbehaves, and that a member returns or panics with, harms the caller or that
// member: the others go on, and the pool ends.
func TestL17ErrorsOfAPool(t *testing.T) {
	names := slices.Sorted(maps.Keys(exported(hostilePool()).Errors(t, t.Context(), context.Canceled)))
	if len(names) < 8 {
		t.Fatalf("only %v take an error", names)
	}
	for _, name := range names {
		actortest.EachError(t, name, func(t *testing.T, _ string, err error, release func()) {
			p := hostilePool()
			if err := p.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			call := exported(p).Errors(t, ctx, err)[name]
			over := make(chan struct{})
			go func() {
				defer close(over)
				defer func() { _ = recover() }()
				call()
			}()
			time.Sleep(2 * time.Second)
			begun := time.Now()
			p.Snapshot()
			if took := time.Since(begun); took > 0 {
				t.Errorf("Snapshot takes %v", took)
			}
			within, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_ = p.Stop(within)
			<-p.Done()
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("Stop takes %v", took)
			}
			release()
			<-over
		})
	}
}
