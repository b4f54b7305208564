package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
)

// lastMoment is the unit of how long the user's code is waited for when the context has ended:
// one for what the supervisor is about, and two for what it cuts off.
const lastMoment = 100 * time.Millisecond

// polite answers all that it is asked.
type polite struct{ rogue }

func (p *polite) CutOff(bool) string { return "what is running" }

// crowdOf are n children of which a method misbehaves, between two that are polite; released,
// those that hang end.
func crowdOf(n int, method string, m hostile.Manner, named, hangs bool) (cs []supervisor.Child, free func()) {
	var frees []func()
	for i := range n + 2 {
		p := newPuppet()
		if hangs {
			frees = append(frees, p.hang())
		}
		r := rogue{p, method, m}
		c := supervisor.Child{Name: fmt.Sprint(i), Service: &r, Shutdown: supervisor.Forever}
		switch {
		case i == 0 || i == n+1:
			r.method = ""
			c.Service = &polite{r}
		case method == "Requests":
			c.Service = server{&r}
		case !named:
			c.Name = ""
		}
		cs = append(cs, c)
	}
	return cs, func() {
		for _, f := range frees {
			f()
		}
	}
}

// Several children do not answer: what takes a context is over when that has ended, but for a
// last moment that is one for all of them, and what takes none waits for all together. Those
// that answer are heard.
func TestL17ManyChildren(t *testing.T) {
	for _, method := range []string{"Name", "SignalsReady", "Done", "Abandon", "CutOff", "Info", "Requests"} {
		for _, n := range []int{1, 7} {
			actortest.EachManner(t, fmt.Sprint(n, method), func(t *testing.T, m hostile.Manner, release func()) {
				took := func(what string, most time.Duration, f func()) {
					t.Helper()
					began := time.Now()
					f()
					if d := time.Since(began); d > most {
						t.Errorf("%s took %v, of at most %v", what, d, most)
					}
				}
				within := func(what string, d time.Duration, f func(ctx context.Context)) {
					t.Helper()
					ctx, cancel := context.WithTimeout(t.Context(), d)
					defer cancel()
					took(what, d+3*lastMoment, func() { f(ctx) })
				}
				tree := func(named, hangs bool) (root *supervisor.Supervisor, free func()) {
					cs, free := crowdOf(n, method, m, named, hangs)
					took("New", time.Second, func() { root = supervisor.New("root", children(cs...)) })
					return root, free
				}
				root, _ := tree(false, false)
				within("Stop of a tree at rest", lastMoment, func(ctx context.Context) { root.Stop(ctx) })

				root, _ = tree(true, false)
				within("Start", lastMoment, func(ctx context.Context) { root.Start(ctx) })
				within("Stop", lastMoment, func(ctx context.Context) { root.Stop(ctx) })

				root, free := tree(true, true)
				took("Start", time.Second, func() { start(t, root) })
				took("Snapshot", time.Second, func() { root.Snapshot() })
				took("another Snapshot", 0, func() {
					for i, c := range root.Snapshot().Children[:n+2] {
						if i%(n+1) == 0 && c.Service == nil {
							t.Errorf("%s has not been heard", c.Name)
						}
					}
				})
				within("Add", lastMoment, func(ctx context.Context) {
					cs, _ := crowdOf(1, method, m, true, false)
					cs[1].Name = "new"
					_ = root.Add(ctx, cs[1])
				})
				var err error
				within("Stop of what hangs", lastMoment, func(ctx context.Context) { err = root.Stop(ctx) })
				stuck, ok := errors.AsType[*supervisor.StuckError](err)
				for _, name := range []string{"root/0", fmt.Sprint("root/", n+1)} {
					if !ok || !slices.ContainsFunc(stuck.Children, func(s supervisor.Stuck) bool {
						return s.Path == name && s.Running == "what is running"
					}) {
						t.Errorf("%s has not been heard: %v", name, err)
					}
				}
				free()
				release()
				synctest.Wait()
			})
		}
	}
}

// The hooks of several services do not return: a Stop whose context has ended does not wait for
// one after the other, and lists nothing that does not run.
func TestL17ManyHooks(t *testing.T) {
	const n = 20
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var cs []supervisor.Child
		var svcs []*actor.Service[number]
		for i := range n {
			svc := actor.New(build, actor.WithName(fmt.Sprint(i)), actor.WithLogger(quiet),
				actor.WithDeadLetters(func(actor.DeadLetter) { <-gate }))
			svcs = append(svcs, svc)
			cs = append(cs, supervisor.Child{Service: svc, Shutdown: supervisor.Forever})
		}
		root := supervisor.New("root", children(cs...))
		start(t, root)
		for _, svc := range svcs {
			for range 2 {
				_ = svc.Do(func(*number) { <-gate })
			}
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := root.Stop(ctx)
		if d := time.Since(began); d > time.Second+3*lastMoment {
			t.Errorf("Stop took %v", d)
		}
		if stuck, ok := errors.AsType[*supervisor.StuckError](err); !ok || len(stuck.Children) != n {
			t.Errorf("Stop = %v", err)
		}
		close(gate)
	})
}
