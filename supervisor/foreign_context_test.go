package supervisor_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
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
		for _, manner := range append([]string{hostile.CallsBack}, hostile.Names...) {
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
		m, release := hostile.NewCalling(manner, func() { callBack(root) })
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

// callBack has a tree do and say what it can.
func callBack(root *supervisor.Supervisor) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second/10)
	defer cancel()
	root.Snapshot()
	_, _, _, _ = root.Children(), root.Name(), root.Err(), root.Done()
	_ = root.Add(ctx, supervisor.Child{Name: "of a call back", Service: newPuppet()})
	_ = root.Terminate(ctx, "of a call back")
	_ = root.Remove(ctx, "of a call back")
	_, _ = supervisor.Lookup[*supervisor.Supervisor](root, "root")
}

// causal is a context whose cause is the user's.
func causal(cause error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	return ctx, func() { cancel(cause) }
}

// A context of Serve that ends with a cause that misbehaves is a stop.
func TestL17CauseOfServe(t *testing.T) {
	actortest.EachError(t, "a cause", func(t *testing.T, _ string, err error, release func()) {
		ctx, end := causal(err)
		svc := actor.New(build, actor.WithLogger(quiet))
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: svc}))
		served := pending(func() error { return root.Serve(ctx) })
		synctest.Wait()
		end()
		synctest.Wait()
		stop(t, root) // also if its context does not say that it has ended
		release()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// A context of Serve that misbehaves harms who brings it: the supervisor can be looked at
// meanwhile, and served with another one.
func TestL17ContextOfServe(t *testing.T) {
	for _, method := range hostile.Methods {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, release func()) {
			root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: newPuppet()}))
			go func() {
				defer func() { _ = recover() }()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				defer runtime.Goexit()
				cancel()
				_ = root.Serve(&hostile.Context{Context: ctx, Manner: m, Method: method})
			}()
			synctest.Wait()
			root.Snapshot()
			if m.Name == "blocks" {
				release()
				synctest.Wait()
			}
			start(t, root)
			expectStates(t, root, "a:up")
			stop(t, root)
		})
	}
}

// That of Start is asked by who brought it, and not on the goroutine of the tree, which would
// end the process.
func TestL17ContextOfStart(t *testing.T) {
	for _, method := range hostile.Methods {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, release func()) {
			root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: newPuppet()}))
			go func() {
				defer func() { _ = recover() }()
				_ = root.Start(&hostile.Context{Context: context.Background(), Manner: m, Method: method})
			}()
			synctest.Wait()
			root.Snapshot()
			release()
			synctest.Wait()
			stop(t, root)
		})
	}
}

// One that panics when it is asked why it has ended leaves no tree that starts: Start is not
// there any more to say that it does.
func TestL17ContextOfStartThatPanicsAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newPuppet()
		a.awaits = true
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: a}))
		m, _ := hostile.New("panics")
		base, cancel := context.WithCancel(context.Background())
		var armed atomic.Bool
		panicked := make(chan any, 1)
		go func() {
			defer func() { panicked <- recover() }()
			_ = root.Start(&hostile.Context{Context: base, Manner: m, Method: "Err", Armed: &armed})
		}()
		synctest.Wait()
		expectStates(t, root, "a:starting")
		armed.Store(true)
		cancel()
		if v := <-panicked; v == nil {
			t.Error("Start did not panic")
		}
		synctest.Wait()
		expectStates(t, root, "a:terminated")
		stop(t, root)
	})
}

// A request whose context panics when it is asked for Done is not done: who made it has not
// been told that it is.
func TestL17RequestWhoseContextPanicsIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: newPuppet()}))
		start(t, root)
		m, _ := hostile.New("panics")
		ctx := &hostile.Context{Context: context.Background(), Manner: m, Method: "Done"}
		for what, request := range map[string]func() error{
			"Add":       func() error { return root.Add(ctx, supervisor.Child{Name: "b", Service: newPuppet()}) },
			"Terminate": func() error { return root.Terminate(ctx, "a") },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s did not panic", what)
					}
				}()
				_ = request()
			}()
			synctest.Wait()
			expectStates(t, root, "a:up")
		}
		stop(t, root)
	})
}

// A tree that runs asks the context of its start nothing any more, since that may have gone
// bad meanwhile: children are restarted, added and run by supervisors below without.
func TestL17ContextThatGoesBad(t *testing.T) {
	for _, method := range hostile.Methods {
		for _, start := range []func(*supervisor.Supervisor, context.Context) error{
			(*supervisor.Supervisor).Start, (*supervisor.Supervisor).Serve,
		} {
			actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, _ func()) {
				a := newPuppet()
				below := supervisor.New("below", children(supervisor.Child{Name: "a", Service: a}))
				root := supervisor.New("root", children(supervisor.Child{Service: below}))
				var bad atomic.Bool
				ctx := &hostile.Context{Context: context.Background(), Manner: m, Method: method, Armed: &bad}
				go func() { _ = start(root, ctx) }()
				synctest.Wait()
				bad.Store(true)
				a.crash()
				expectStates(t, below, "a:up")
				for _, s := range []*supervisor.Supervisor{root, below} {
					if err := s.Add(context.Background(), supervisor.Child{Name: "b", Service: newPuppet()}); err != nil {
						t.Error(err)
					}
				}
				for _, err := range []error{
					root.Terminate(context.Background(), "below"), root.Restart(context.Background(), "below"),
				} {
					if err != nil {
						t.Error(err)
					}
				}
				expectStates(t, root, "below:up b:up")
				stop(t, root)
			})
		}
	}
}

// Nor do the services of such a tree, when they end or begin again: what each of them
// carries of its labels was asked at the start.
func TestL17ServicesUnderAContextThatGoesBad(t *testing.T) {
	for _, method := range hostile.Methods {
		for _, start := range []func(*supervisor.Supervisor, context.Context) error{
			(*supervisor.Supervisor).Start, (*supervisor.Supervisor).Serve,
		} {
			actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, _ func()) {
				svc := actor.New(build, actor.WithLogger(quiet))
				below := supervisor.New("below", children(supervisor.Child{Name: "a", Service: svc}))
				root := supervisor.New("root", children(supervisor.Child{Service: below}))
				var bad atomic.Bool
				ctx := &hostile.Context{Context: context.Background(), Manner: m, Method: method, Armed: &bad}
				go func() { _ = start(root, ctx) }()
				synctest.Wait()
				work := func(what string, f func(*number)) {
					t.Helper()
					for range 2 { // it carries a label when it is woken
						_ = svc.Do(func(*number) {})
						synctest.Wait()
					}
					if err := svc.Do(f); err != nil {
						t.Errorf("%s: %v", what, err)
					}
					synctest.Wait()
				}
				work("the first", func(*number) {})
				bad.Store(true)
				work("crashes", func(*number) { panic("crash") })
				expectStates(t, below, "a:up")
				work("the second", func(*number) {})
				if err := below.Restart(context.Background(), "a"); err == nil {
					t.Error("it was not up")
				}
				if err := below.Terminate(context.Background(), "a"); err != nil {
					t.Error(err)
				}
				if err := svc.Err(); err != nil {
					t.Errorf("it has ended with %v", err)
				}
				if err := below.Restart(context.Background(), "a"); err != nil {
					t.Error(err)
				}
				work("the third", func(*number) {})
				stop(t, root)
			})
		}
	}
}
