package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Whatever does not come up, Start ends with its context, and says for which child it waited.
func TestSUPStartIsBounded(t *testing.T) {
	free := make(chan struct{})
	hangs := func(context.Context) (*number, error) { <-free; return new(number), nil }
	db := func() supervisor.Child {
		return supervisor.Child{Shutdown: supervisor.Forever,
			Service: actor.New(hangs, actor.WithName("db"), actor.WithLogger(quiet))}
	}
	deaf := supervisor.Func(func(context.Context) error { <-free; return nil })
	under := func(name string, s supervisor.Spec) *supervisor.Supervisor {
		s.Logger = quiet
		return supervisor.New(name, s)
	}
	for name, row := range map[string]struct {
		child string
		spec  func() supervisor.Spec
	}{
		"a constructor hangs": {"root/db", func() supervisor.Spec { return children(db()) }},
		"below another": {"root/mid/db", func() supervisor.Spec {
			return children(supervisor.Child{Service: under("mid", children(db()))})
		}},
		"of what embeds a supervisor": {"root/mid/db", func() supervisor.Spec {
			return children(supervisor.Child{Service: branch{under("mid", children(db()))}})
		}},
		"a function is not ready": {"root/f", func() supervisor.Spec {
			return children(supervisor.Child{Name: "f", Service: deaf, AwaitReady: true, Shutdown: time.Hour})
		}},
		"together": {"root/db", func() supervisor.Spec {
			s := children(supervisor.Child{Name: "f", Service: deaf, Shutdown: time.Hour}, db())
			s.Together = true
			return s
		}},
		"it is tried again": {"root/p", func() supervisor.Spec {
			p := newPuppet()
			p.awaits = true
			p.failNext(1000)
			return children(supervisor.Child{Name: "p", Service: p, Backoff: &supervisor.Backoff{}})
		}},
		"one that is up does not end": {"root/db", func() supervisor.Spec {
			return children(supervisor.Child{Name: "f", Service: deaf, Shutdown: supervisor.Forever}, db())
		}},
		"the hook hangs": {"root/db", func() supervisor.Spec {
			s := children(supervisor.Child{Name: "p", Service: newPuppet()}, db())
			s.OnEvent = func(supervisor.Event) { <-free }
			return s
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free = make(chan struct{})
				defer close(free)
				root := supervisor.New("root", row.spec())
				ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
				defer cancel()
				began := time.Now()
				err := root.Start(ctx)
				if d := time.Since(began); d != 1500*time.Millisecond {
					t.Errorf("Start took %v", d)
				}
				failed, ok := errors.AsType[*supervisor.StartError](err)
				if !ok || failed.Child != row.child || !errors.Is(failed, context.DeadlineExceeded) {
					t.Errorf("Start = %v", err)
				}
				if !isClosed(root.Done()) {
					t.Error("it is not down")
				}
			})
		})
	}
}

// Whatever the supervisor is doing, and whatever hangs, what takes a context waits no longer
// than it.
func TestSUPContextsBound(t *testing.T) {
	hangs := make(chan struct{})
	slow := func(ctx context.Context) error { <-hangs; return nil }
	ops := []struct {
		name string
		op   func(*scene, context.Context) error
	}{
		{"Add", func(x *scene, ctx context.Context) error {
			return x.root.Add(ctx, supervisor.Child{Name: "new", Service: supervisor.Func(slow), AwaitReady: true})
		}},
		{"Terminate", func(x *scene, ctx context.Context) error { return x.root.Terminate(ctx, "c") }},
		{"Restart", func(x *scene, ctx context.Context) error { return x.root.Restart(ctx, "c") }},
		{"Remove", func(x *scene, ctx context.Context) error { return x.root.Remove(ctx, "c") }},
		{"Stop", func(x *scene, ctx context.Context) error { return x.root.Stop(ctx) }},
	}
	for _, d := range doing {
		for _, o := range ops {
			for i := range 4 {
				nested, strategy := i%2 == 1, supervisor.OneForOne+supervisor.Strategy(i/2)
				synctest.Test(t, func(t *testing.T) {
					hangs = make(chan struct{})
					x := newScene(nested, strategy, false)
					x.ends = make(chan struct{}) // c does not end
					d.set(x)
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					began := time.Now()
					err := o.op(x, ctx)
					if took := time.Since(began); took > time.Minute {
						t.Errorf("%s, %s took %v: %v", d.name, o.name, took, err)
					}
					close(hangs)
					x.goOn()
					x.root.Stop(context.Background())
				})
			}
		}
	}
}

// Stop does not wait for the hook when its context has ended.
func TestSUPStopIsNotHeldUpByTheHook(t *testing.T) {
	for _, before := range []time.Duration{0, 300 * time.Millisecond} {
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free := make(chan struct{})
				defer close(free)
				spec := children(supervisor.Child{Name: "p", Service: newPuppet()})
				spec.OnEvent = func(supervisor.Event) { <-free }
				root := supervisor.New("root", spec)
				start(t, root)
				ctx, cancel := context.WithTimeout(t.Context(), before)
				defer cancel()
				began := time.Now()
				root.Stop(ctx)
				if d := time.Since(began); d != before {
					t.Errorf("Stop took %v", d)
				}
			})
		})
	}
}
