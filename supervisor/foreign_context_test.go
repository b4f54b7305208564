package supervisor_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/internal/nils"
	"github.com/bruskajp/nano_services/supervisor"
)

// takers are all calls of a tree that take a context.
func takers(t *testing.T, root *supervisor.Supervisor, ctx context.Context) map[string]func() {
	x := nils.Table{
		Funcs: map[string]any{
			"Lookup": supervisor.Lookup[*supervisor.Supervisor], "Ready": supervisor.Ready, "ShutdownTime": supervisor.ShutdownTime,
		},
		Types: map[string]any{"Supervisor": root, "Func": supervisor.Func(func(context.Context) error { return nil })},
		Args:  []any{supervisor.Child{Name: "added", Service: actor.New(build, actor.WithLogger(quiet))}, "child"},
	}
	return x.Calls(t, ctx)
}

// Whatever of a tree is given a context that misbehaves, at whichever of its questions and in
// whatever state the tree is, harms the goroutine that brought it, and nothing else: the
// tree goes on meanwhile, and ends.
func TestL17ContextsOfASupervisor(t *testing.T) {
	names := slices.Sorted(maps.Keys(takers(t, supervisor.New("root", supervisor.Spec{}), t.Context())))
	if len(names) < 10 {
		t.Fatalf("only %v take a context", names)
	}
	for _, name := range names {
		for _, manner := range hostile.Names {
			for _, state := range []string{"idle", "starting", "up", "busy"} {
				for at := int64(1); at < 30 && contextOfASupervisor(t, name, manner, state, at); at++ {
				}
			}
		}
	}
}

// contextOfASupervisor reports whether the context was asked that question.
func contextOfASupervisor(t *testing.T, name, manner, state string, at int64) (reached bool) {
	fault := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, %s, which %s at question %d: "+format, append([]any{name, state, manner, at}, args...)...)
	}
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(build, actor.WithName("neighbour"), actor.WithLogger(quiet))
		p := newPuppet()
		p.awaits = state == "starting"
		free := func() {}
		root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
			{Service: svc}, {Name: "child", Service: p, Shutdown: 10 * time.Second}}})
		if state == "up" || state == "busy" {
			start(t, root)
		}
		if state == "busy" {
			free = p.hang()
		}
		m, release := hostile.New(manner)
		base, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		ctx := &hostile.Context{Context: base, Manner: m, At: at}
		call := takers(t, root, ctx)[name]
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			call()
		}()
		time.Sleep(2 * time.Second)
		root.Snapshot()
		within, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := root.Add(within, supervisor.Child{Name: "another", Service: newPuppet()}); errors.Is(err, context.DeadlineExceeded) && state != "starting" {
			fault("Add: %v", err)
		}
		if state == "up" || state == "busy" {
			if err := svc.Run(within, func(*number) error { return nil }); err != nil && !errors.Is(err, actor.ErrStopped) {
				fault("a neighbour: %v", err)
			}
		}
		release()
		free()
		ctx2, cancel2 := context.WithTimeout(context.Background(), time.Minute)
		defer cancel2()
		if err := root.Stop(ctx2); errors.Is(err, context.DeadlineExceeded) {
			fault("Stop: %v", err)
		}
		<-over
		<-root.Done()
		reached = ctx.Reached()
	})
	return reached
}
