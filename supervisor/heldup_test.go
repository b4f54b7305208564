package supervisor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// held is services a, b and c, where the constructor of a calls what a test says.
type held struct {
	a, b, c *actor.Service[number]
	calls   func() error // by the constructor of a
}

func newHeld() *held {
	h := &held{b: service("b"), c: service("c")}
	h.a = actor.New(func(context.Context) (*number, error) {
		if h.calls != nil {
			if err := h.calls(); err != nil {
				return nil, err
			}
		}
		return new(number), nil
	}, actor.WithName("a"), actor.WithLogger(quiet))
	return h
}

func call(s *actor.Service[number]) error {
	return s.Run(context.Background(), func(*number) error { return nil })
}

func below(name string, cs ...*actor.Service[number]) supervisor.Child {
	var all []supervisor.Child
	for _, c := range cs {
		all = append(all, supervisor.Child{Service: c})
	}
	return supervisor.Child{Service: supervisor.New(name, children(all...))}
}

// expectHeld demands that err is a cycle of those services, by the ends of their names.
func expectHeld(t *testing.T, err error, want ...string) {
	t.Helper()
	d, ok := errors.AsType[*actor.DeadlockError](err)
	if !ok {
		t.Errorf("%v: want a DeadlockError", err)
		return
	}
	var got []string
	for _, w := range d.Cycle {
		got = append(got, w.Service[strings.LastIndexByte(w.Service, '/')+1:])
	}
	if strings.Join(got, " ") != strings.Join(want, " ") || !strings.Contains(err.Error(), "in the start of ") {
		t.Errorf("cycle of %v: %v", got, err)
	}
}

// A constructor that calls what is started after it would wait for ever.
func TestL10ConstructorCallsWhatComesLater(t *testing.T) {
	for name, row := range map[string]struct {
		tree func(*held) supervisor.Spec
		call func(*held) error
		want []string
	}{
		"a sibling": {
			func(h *held) supervisor.Spec {
				return children(supervisor.Child{Service: h.c}, supervisor.Child{Service: h.a}, supervisor.Child{Service: h.b})
			},
			func(h *held) error { return call(h.b) }, []string{"a", "b"},
		},
		"one below a sibling": {
			func(h *held) supervisor.Spec { return children(supervisor.Child{Service: h.a}, below("mid", h.b)) },
			func(h *held) error { return call(h.b) }, []string{"a", "b"},
		},
		"a sibling of one above": {
			func(h *held) supervisor.Spec { return children(below("mid", h.a), supervisor.Child{Service: h.b}) },
			func(h *held) error { return call(h.b) }, []string{"a", "b"},
		},
		"by another that waits for it": {
			func(h *held) supervisor.Spec {
				return children(supervisor.Child{Service: h.c}, supervisor.Child{Service: h.a}, supervisor.Child{Service: h.b})
			},
			func(h *held) error {
				h.c.Do(func(*number) { _ = call(h.b) })
				synctest.Wait()
				return call(h.c)
			}, []string{"a", "c", "b"},
		},
		"by another that is asked to": {
			func(h *held) supervisor.Spec {
				return children(supervisor.Child{Service: h.c}, supervisor.Child{Service: h.a}, supervisor.Child{Service: h.b})
			},
			func(h *held) error {
				return h.c.Run(context.Background(), func(*number) error { return call(h.b) })
			}, []string{"c", "b", "a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHeld()
				var got error
				h.calls = func() error { got = row.call(h); return nil }
				root := supervisor.New("root", row.tree(h))
				began := time.Now()
				start(t, root)
				if d := time.Since(began); d != 0 {
					t.Errorf("Start took %v", d)
				}
				expectHeld(t, got, row.want...)
				stop(t, root)
			})
		})
	}
}

// Stop and Pause of a service do not wait for its start.
func TestL10ConstructorStopsWhatComesLater(t *testing.T) {
	for name, end := range map[string]func(context.Context, *actor.Service[number]) error{
		"Stop": func(ctx context.Context, b *actor.Service[number]) error { return b.Stop(ctx) },
		"Pause": func(ctx context.Context, b *actor.Service[number]) error {
			defer b.Resume()
			return b.Pause(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHeld()
				h.calls = func() error { return end(t.Context(), h.b) }
				root := supervisor.New("root", children(supervisor.Child{Service: h.a}, supervisor.Child{Service: h.b}))
				start(t, root)
				stop(t, root)
			})
		})
	}
}

// The same when a group is restarted: those after it wait for it again.
func TestL10ConstructorCallsWhatIsRestartedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHeld()
		root := supervisor.New("root", supervisor.Spec{Strategy: supervisor.RestForOne, Logger: quiet,
			Children: []supervisor.Child{{Service: h.a}, {Service: h.b}}})
		start(t, root)
		var got error
		h.calls = func() error { got = call(h.b); return nil }
		h.a.Do(func(*number) { panic(errCrash) })
		expectStates(t, root, "a:up b:up")
		expectHeld(t, got, "a", "b")
		stop(t, root)
	})
}

// A service that is to end, and calls one of its group that has ended, would wait for itself,
// whatever the group ends for; or is told that the other has stopped.
func TestL10EndsOfAGroup(t *testing.T) {
	for name, restarts := range map[string]int{"a restart": supervisor.Unlimited, "giving up": supervisor.NoRestarts, "Stop": supervisor.Unlimited} {
		synctest.Test(t, func(t *testing.T) {
			h, d := newHeld(), service("d")
			root := supervisor.New("root", supervisor.Spec{Strategy: supervisor.OneForAll, Logger: quiet, MaxRestarts: restarts,
				Children: []supervisor.Child{{Service: h.b}, {Service: h.c}, {Service: d}}})
			start(t, root)
			began, refused := time.Now(), make(chan error, 1)
			h.b.Do(func(*number) {
				time.Sleep(time.Second) // the others have ended by then
				refused <- call(h.c)
			})
			synctest.Wait()
			if name == "Stop" {
				go root.Stop(context.Background())
			} else {
				d.Do(func(*number) { panic(errCrash) })
			}
			err := <-refused
			if took := time.Since(began); took != time.Second || !errors.Is(err, actor.ErrNotRun) {
				t.Errorf("%s: after %v: %v", name, took, err)
			}
			if name == "Stop" != errors.Is(err, actor.ErrStopped) {
				t.Errorf("%s: %v", name, err)
			}
			if name != "Stop" {
				expectHeld(t, err, "b", "c")
			}
			_ = root.Stop(context.Background())
		})
	}
}

// What is called in a constructor and will be up is waited for: what is started at the same
// time, or restarted by itself; and nothing is to be waited for in what is only sent.
func TestL10ConstructorCallsWhatWillBeUp(t *testing.T) {
	two := func(h *held, s supervisor.Spec) supervisor.Spec {
		hour := &supervisor.Backoff{Min: time.Hour, Max: time.Hour}
		s.Logger, s.Children = quiet, []supervisor.Child{{Service: h.a}, {Service: h.b, Backoff: hour}}
		return s
	}
	synctest.Test(t, func(t *testing.T) { // together
		h := newHeld()
		h.calls = func() error { return call(h.b) }
		root := supervisor.New("root", two(h, supervisor.Spec{Together: true}))
		start(t, root)
		stop(t, root)
	})
	synctest.Test(t, func(t *testing.T) { // together, and that is tried again
		h := newHeld()
		fails := true
		h.b = actor.New(func(context.Context) (*number, error) {
			if fails {
				fails = false
				return nil, errCrash
			}
			return new(number), nil
		}, actor.WithName("b"), actor.WithLogger(quiet))
		h.calls = func() error { time.Sleep(time.Minute); return call(h.b) }
		root := supervisor.New("root", two(h, supervisor.Spec{Together: true}))
		began := time.Now()
		start(t, root)
		if d := time.Since(began); d != time.Hour {
			t.Errorf("Start took %v", d)
		}
		stop(t, root)
	})
	synctest.Test(t, func(t *testing.T) { // sent
		h := newHeld()
		h.calls = func() error { return h.b.Do(func(*number) {}) }
		root := supervisor.New("root", two(h, supervisor.Spec{}))
		start(t, root)
		stop(t, root)
	})
	synctest.Test(t, func(t *testing.T) { // both are restarted, each by itself
		h := newHeld()
		root := supervisor.New("root", two(h, supervisor.Spec{}))
		start(t, root)
		h.calls = func() error { return call(h.b) }
		h.b.Do(func(*number) { panic(errCrash) })
		synctest.Wait()
		h.a.Do(func(*number) { panic(errCrash) })
		expectStates(t, root, "a:starting b:waiting")
		time.Sleep(time.Hour)
		expectStates(t, root, "a:up b:up")
		stop(t, root)
	})
	synctest.Test(t, func(t *testing.T) { // another tree, which has not been started yet
		h := newHeld()
		h.calls = func() error { return call(h.b) }
		root := supervisor.New("root", children(supervisor.Child{Service: h.a}))
		other := supervisor.New("other", children(supervisor.Child{Service: h.b}))
		up := pending(func() error { return root.Start(context.Background()) })
		synctest.Wait()
		start(t, other)
		if err := <-up; err != nil {
			t.Errorf("Start = %v", err)
		}
		stop(t, root)
		stop(t, other)
	})
}
