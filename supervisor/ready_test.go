package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// selfReady is a puppet that is up as soon as it lives, if it does not fail.
type selfReady struct{ *puppet }

func (s *selfReady) Serve(ctx context.Context) error {
	return s.live(ctx, func() { supervisor.Ready(ctx) })
}

// A service is up when its constructor has returned, a supervisor when its
// children are, a function once it is launched; the next one is started then.
func TestSUPUpBeforeTheNextIsStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		at := map[string]time.Duration{}
		slow := func(name string) *actor.Service[number] {
			return actor.New(func(context.Context) (*number, error) {
				at[name] = time.Since(began)
				time.Sleep(time.Second)
				return new(number), nil
			}, actor.WithName(name), actor.WithLogger(quiet))
		}
		fn := supervisor.Func(func(ctx context.Context) error {
			time.Sleep(time.Second)
			<-ctx.Done()
			return nil
		})
		root := supervisor.New("root", children(
			supervisor.Child{Service: slow("first")},
			supervisor.Child{Service: supervisor.New("inner", children(
				supervisor.Child{Service: slow("second")}, supervisor.Child{Service: slow("third")}))},
			supervisor.Child{Name: "fn", Service: fn},
			supervisor.Child{Service: slow("fourth")},
		))
		start(t, root)
		if got := time.Since(began); got != 4*time.Second {
			t.Errorf("Start took %v", got)
		}
		for name, want := range map[string]time.Duration{
			"first": 0, "second": time.Second, "third": 2 * time.Second, "fourth": 3 * time.Second,
		} {
			if at[name] != want {
				t.Errorf("%s was started after %v, want %v", name, at[name], want)
			}
		}
		stop(t, root)
	})
}

// Ready counts once, from the present life, and only where it is awaited.
func TestSUPReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		supervisor.Ready(context.Background()) // of no child: nothing
		var j journal
		var lives []context.Context
		up := make(chan struct{})
		f := supervisor.Func(func(ctx context.Context) error {
			if lives = append(lives, ctx); len(lives) == 2 {
				supervisor.Ready(lives[0]) // the former life's
				return errCrash
			}
			<-up
			supervisor.Ready(ctx)
			supervisor.Ready(ctx)
			<-ctx.Done()
			return nil
		})
		root := supervisor.New("root", logged(&j, supervisor.Spec{Children: []supervisor.Child{
			{Name: "f", Service: f, AwaitReady: true},
		}}))
		started := pending(func() error { return root.Start(t.Context()) })
		expectStates(t, root, "f:starting")
		close(up)
		if err := <-started; err != nil {
			t.Fatal(err)
		}
		j.expect(t, "started root/f")
		stop(t, root)
	})
}

// A child that is ready and has ended normally has done what it had to: the start goes on.
func TestSUPEndsNormallyWhenItIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := supervisor.Func(func(ctx context.Context) error { supervisor.Ready(ctx); return nil })
		root := supervisor.New("root", children(
			supervisor.Child{Name: "migrate", Service: done, AwaitReady: true, Restart: supervisor.Transient},
			supervisor.Child{Name: "p", Service: newPuppet()},
		))
		start(t, root)
		expectStates(t, root, "migrate:exited p:up")
		stop(t, root)
	})
}

// unready is a child that returns nil before it is ready in each life after the first ready
// ones, which last until an order comes.
func unready(ready int) (supervisor.Child, *puppet) {
	p := newPuppet()
	lives := 0
	f := supervisor.Func(func(ctx context.Context) error {
		if lives++; lives > ready {
			return nil
		}
		supervisor.Ready(ctx)
		return p.Serve(ctx)
	})
	return supervisor.Child{Name: "u", Service: f, AwaitReady: true, Restart: supervisor.Transient}, p
}

// A child that returns nil before it is ready, which it was to say, has not started: each
// way of starting one says so.
func TestSUPNeverReady(t *testing.T) {
	const why = "ended before it was ready"
	other := func() supervisor.Child { return supervisor.Child{Name: "o", Service: newPuppet()} }
	wants := func(t *testing.T, err error) {
		t.Helper()
		var failed *supervisor.StartError
		if !errors.As(err, &failed) || failed.Child != "root/u" || failed.Err.Error() != why {
			t.Errorf("%v", err)
		}
	}
	for _, row := range []struct {
		name string
		run  func(t *testing.T, j *journal)
	}{
		{"boot", func(t *testing.T, _ *journal) {
			u, _ := unready(0)
			root := supervisor.New("root", children(u, other()))
			wants(t, root.Start(t.Context()))
			expectStates(t, root, "u:exited o:new")
		}},
		{"together", func(t *testing.T, _ *journal) {
			u, _ := unready(0)
			spec := children(other(), u)
			spec.Together = true
			wants(t, supervisor.New("root", spec).Start(t.Context()))
		}},
		{"add", func(t *testing.T, _ *journal) {
			u, _ := unready(0)
			root := supervisor.New("root", children(other()))
			start(t, root)
			wants(t, root.Add(t.Context(), u))
			expectStates(t, root, "o:up")
			stop(t, root)
		}},
		{"restart by name", func(t *testing.T, _ *journal) {
			u, p := unready(1)
			root := supervisor.New("root", children(u, other()))
			start(t, root)
			p.exit(nil)
			expectStates(t, root, "u:exited o:up")
			wants(t, root.Restart(t.Context(), "u"))
			expectStates(t, root, "u:exited o:up")
			stop(t, root)
		}},
		{"one for one", func(t *testing.T, j *journal) { neverReadyAgain(t, j, supervisor.OneForOne) }},
		{"one for all", func(t *testing.T, j *journal) { neverReadyAgain(t, j, supervisor.OneForAll) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { row.run(t, new(journal)) })
		})
	}
}

// neverReadyAgain has a child crash that is not ready in its next lives.
func neverReadyAgain(t *testing.T, j *journal, strategy supervisor.Strategy) {
	u, p := unready(1)
	root := supervisor.New("root", logged(j, supervisor.Spec{
		Strategy: strategy, MaxRestarts: 2, Children: []supervisor.Child{u}}))
	start(t, root)
	p.crash()
	<-root.Done()
	const why = "ended before it was ready"
	gaveUp := "supervisor: root gave up after 2 restarts within 5s: root/u: " + why
	j.expect(t, "started root/u", "exited root/u: crash", "restarting root/u (1)",
		"exited root/u: "+why, "restarting root/u (2)", "exited root/u: "+why,
		"gave up root: "+gaveUp, "stopped root: "+gaveUp)
}

// What knows by itself when it is up, and ends normally before, has not failed, although
// AwaitReady is set: a supervisor that is stopped while it starts.
func TestSUPSupervisorStoppedBeforeItIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.awaits = true
		inner := supervisor.New("inner", children(supervisor.Child{Name: "p", Service: p}))
		root := supervisor.New("root", children(
			supervisor.Child{Service: inner, AwaitReady: true},
			supervisor.Child{Name: "o", Service: newPuppet()}))
		started := pending(func() error { return root.Start(t.Context()) })
		synctest.Wait()
		stop(t, inner)
		if err := <-started; err != nil {
			t.Error(err)
		}
		expectStates(t, root, "inner:exited o:up")
		stop(t, root)
	})
}

// One that was up and failed at once has not failed to start: the start goes on, and
// then it is restarted.
func TestSUPFailsWhenItIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		lives := 0
		brief := supervisor.Func(func(ctx context.Context) error {
			supervisor.Ready(ctx)
			if lives++; lives == 1 {
				return errCrash
			}
			<-ctx.Done()
			return nil
		})
		var cs []supervisor.Child
		for _, name := range []string{"a", "brief", "b"} {
			cs = append(cs, supervisor.Child{Name: name, Service: newPuppet()})
		}
		cs[1].Service, cs[1].AwaitReady = brief, true
		root := supervisor.New("root", logged(&j, supervisor.Spec{Strategy: supervisor.RestForOne, Children: cs}))
		start(t, root)
		j.expect(t, "started root/a", "started root/brief", "started root/b", "exited root/brief: crash",
			"restarting root/brief (1)", "started root/brief", "started root/b")
		stop(t, root)
	})
}

// Serve with a context that has ended already returns nil, and leaves nothing.
func TestSUPServeWithAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.awaits = true
		root := supervisor.New("root", children(supervisor.Child{Name: "p", Service: p}))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := root.Serve(ctx); err != nil {
			t.Errorf("Serve = %v", err)
		}
		expectStates(t, root, "p:terminated")
		stop(t, root)
	})
}

// The StartTimeout of a supervisor covers all that is below it.
func TestSUPStartTimeoutOfASupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newPuppet(), newPuppet()
		b.awaits = true
		inner := supervisor.New("inner", children(
			supervisor.Child{Name: "a", Service: a}, supervisor.Child{Name: "b", Service: b}))
		root := supervisor.New("root", children(supervisor.Child{Service: inner, StartTimeout: time.Second}))
		began := time.Now()
		var failed *supervisor.StartError
		if err := root.Start(t.Context()); !errors.As(err, &failed) || failed.Child != "root/inner" {
			t.Errorf("Start = %v", err)
		}
		if d := time.Since(began); d != time.Second {
			t.Errorf("after %v", d)
		}
		expectStates(t, inner, "a:terminated b:terminated")
	})
}

// The end of a start's context is not all that is to be told of a child that has been tried: the
// reason of its last try is what its owner can mend.
func TestSUPStartTellsTheLastTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*number, error) { return nil, errCrash }, actor.WithName("db"), actor.WithLogger(quiet))
		inner := supervisor.New("inner", children(supervisor.Child{Service: svc, Backoff: &supervisor.Backoff{Min: time.Second}}))
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := root.Start(ctx)
		var failed *supervisor.StartError
		if !errors.As(err, &failed) || failed.Child != "root/inner/db" || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(failed, errCrash) {
			t.Errorf("Start = %v", err)
		}
		if want := "supervisor: start of root/inner/db: context deadline exceeded, the last try: actor: root/inner/db: constructor: crash"; failed.Error() != want {
			t.Errorf("%v, want %s", failed, want)
		}
	})
}

// A panic of a constructor at the start is its error.
func TestSUPConstructorPanicsAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*number, error) { panic(errCrash) },
			actor.WithName("svc"), actor.WithLogger(quiet))
		root := supervisor.New("root", children(supervisor.Child{Service: svc}))
		var p *actor.PanicError
		err := root.Start(t.Context())
		if !errors.As(err, &p) || p.Service != "root/svc" || !errors.Is(err, errCrash) {
			t.Errorf("Start = %v", err)
		}
	})
}

// A back-off takes its jitter from the source that it was given.
func TestSUPBackoffInATree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		root, ps := trio(t, &j, supervisor.Spec{MaxRestarts: supervisor.Unlimited}, func(i int, c *supervisor.Child) {
			c.Backoff = &supervisor.Backoff{
				Min: time.Second, Max: 4 * time.Second, Jitter: 0.5, Healthy: 10 * time.Second,
				Rand: func() float64 { return 0.5 },
			}
		})
		ps[0].crash()
		time.Sleep(750*time.Millisecond + 10*time.Second - 1) // almost healthy
		ps[0].crash()
		time.Sleep(1500*time.Millisecond + 10*time.Second)
		ps[0].crash()
		j.expect(t,
			"exited root/a: crash", "restarting root/a (1) in 750ms", "started root/a",
			"exited root/a: crash", "restarting root/a (2) in 1.5s", "started root/a",
			"exited root/a: crash", "restarting root/a (3) in 750ms")
		stop(t, root)
	})
}

// The StartTimeout of a child with a Backoff bounds all its tries at boot together, the
// last one included.
func TestSUPBootTriesShareAStartTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		svc := actor.New(func(ctx context.Context) (*number, error) {
			if tries++; tries == 1 {
				time.Sleep(8 * time.Second)
				return nil, errCrash
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}, actor.WithLogger(quiet))
		root := supervisor.New("root", children(supervisor.Child{
			Name: "a", Service: svc, StartTimeout: 10 * time.Second, Backoff: &supervisor.Backoff{Min: time.Second},
		}))
		begin := time.Now()
		err := root.Start(t.Context())
		if took := time.Since(begin); err == nil || took != 10*time.Second || tries != 2 {
			t.Errorf("Start = %v, after %v and %d tries", err, took, tries)
		}
	})
}
