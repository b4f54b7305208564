package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// What a supervisor makes of failures that come at a bad time or look like
// something else.

// A child that returns a context's error while nobody stopped it has failed.
func TestSUPOwnContextErrorIsAFailure(t *testing.T) {
	for _, err := range []error{
		context.Canceled, context.DeadlineExceeded, fmt.Errorf("query: %w", context.Canceled),
	} {
		synctest.Test(t, func(t *testing.T) {
			var j journal
			root, ps := trio(t, &j, supervisor.Spec{}, func(i int, c *supervisor.Child) {
				c.Restart = supervisor.Transient
			})
			ps[0].exit(err)
			j.expect(t, "exited root/a: "+err.Error(), "restarting root/a (1)", "started root/a")
			stop(t, root)
		})
	}
}

// And one that was told to end may return whatever it likes.
func TestSUPErrorAfterAStopIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children(supervisor.Child{
			Name: "a", Service: supervisor.Func(func(ctx context.Context) error { <-ctx.Done(); return errCrash }),
		}))
		start(t, root)
		stop(t, root)
		if err := root.Err(); err != nil {
			t.Errorf("Err() = %v", err)
		}
	})
}

// Serve looks at its own context: when that ends it returns nil.
func TestSUPServeEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: newPuppet()}))
		for range 3 { // and may be called again
			ctx, cancel := context.WithCancel(t.Context())
			ended := pending(func() error { return root.Serve(ctx) })
			expectStates(t, root, "a:up")
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Serve = %v", err)
			}
		}
	})
}

// Five children that crash once each at the same moment, against one budget of
// four.
func TestSUPFiveCrashesOneBudget(t *testing.T) {
	for allowed, want := range map[int]bool{4: true, 5: false} {
		synctest.Test(t, func(t *testing.T) {
			var cs []supervisor.Child
			var ps []*puppet
			for i := range 5 {
				ps = append(ps, newPuppet())
				cs = append(cs, supervisor.Child{Name: fmt.Sprint(i), Service: ps[i]})
			}
			root := supervisor.New("root", supervisor.Spec{MaxRestarts: allowed, Logger: quiet, Children: cs})
			start(t, root)
			for _, p := range ps {
				p.crash()
			}
			synctest.Wait()
			var gaveUp *supervisor.GaveUpError
			if got := errors.As(root.Err(), &gaveUp); got != want {
				t.Errorf("with a budget of %d: Err() = %v", allowed, root.Err())
			} else if got && (gaveUp.Restarts != 4 || gaveUp.Supervisor != "root" || !errors.Is(gaveUp, errCrash)) {
				t.Errorf("%+v", gaveUp)
			}
			stop(t, root)
		})
	}
}

// A stop that arrives while a child waits out its delay, or while a restart is
// tried for ever, is served at once.
func TestSUPStopOvertakesRestarts(t *testing.T) {
	for name, spec := range map[string]supervisor.Spec{
		"alone":        {MaxRestarts: supervisor.Unlimited},
		"all":          {MaxRestarts: supervisor.Unlimited, Strategy: supervisor.OneForAll},
		"rest":         {MaxRestarts: supervisor.Unlimited, Strategy: supervisor.RestForOne},
		"with a delay": {MaxRestarts: supervisor.Unlimited},
	} {
		t.Run(name, func(t *testing.T) {
			tries, enough := 0, make(chan struct{})
			failing := supervisor.Func(func(ctx context.Context) error {
				if tries++; tries == 100 {
					close(enough)
				}
				if tries == 1 {
					supervisor.Ready(ctx)
				}
				return errCrash
			})
			c := supervisor.Child{Name: "failing", Service: failing, AwaitReady: true}
			if name == "with a delay" {
				c.Backoff = &supervisor.Backoff{Min: time.Nanosecond, Max: time.Nanosecond}
			}
			spec.Children = append(spec.Children, supervisor.Child{Name: "a", Service: newPuppet()}, c)
			spec.Logger = quiet
			root := supervisor.New("root", spec)
			start(t, root)
			<-enough
			if got := len(root.Children()); got != 2 { // inspection as well
				t.Errorf("%d children", got)
			}
			if err := root.Terminate(t.Context(), "a"); err != nil { // and requests
				t.Errorf("Terminate = %v", err)
			}
			stop(t, root)
		})
	}
}

// Each failed attempt to restart counts, with every strategy: three restarts in
// all, the first one for the crash.
func TestSUPFailedRestartsCount(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{
		supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne,
	} {
		synctest.Test(t, func(t *testing.T) {
			root, ps := trio(t, nil, supervisor.Spec{Strategy: strategy}, func(i int, c *supervisor.Child) {
				c.AwaitReady = true
				c.Service = &selfReady{puppet: c.Service.(*puppet)}
			})
			ps[1].failNext(100)
			ps[1].crash()
			synctest.Wait()
			var gaveUp *supervisor.GaveUpError
			if !errors.As(root.Err(), &gaveUp) || gaveUp.Restarts != 3 || gaveUp.Child != "root/b" {
				t.Errorf("strategy %d: %v", strategy, root.Err())
			}
			if got := ps[1].born(); got != 1+3 {
				t.Errorf("strategy %d: %d lives", strategy, got)
			}
			stop(t, root)
		})
	}
}

// A child that failed during the restart of all, and again, does not bring its
// siblings back twice at once: each is served by one goroutine at any time.
func TestSUPOneLifeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, ps := trio(t, nil, supervisor.Spec{
			Strategy: supervisor.OneForAll, MaxRestarts: supervisor.Unlimited,
		})
		for i := range 30 {
			ps[i%3].failNext(i % 4)
			ps[(i+1)%3].crash()
			synctest.Wait()
			for k, p := range ps {
				p.mu.Lock()
				if p.running != 1 {
					t.Errorf("child %d runs %d times", k, p.running)
				}
				p.mu.Unlock()
			}
		}
		stop(t, root)
	})
}

// A child that crashes while its supervisor waits for the end of another is restarted at
// once, and what was asked for before comes after the wait.
func TestSUPCrashWhileAnotherIsTerminated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		root, ps := trio(t, &j, supervisor.Spec{}, func(i int, c *supervisor.Child) {
			c.Service.(*puppet).slow = time.Second
		})
		first := pending(func() error { return root.Terminate(t.Context(), "a") })
		synctest.Wait()
		second := pending(func() error { return root.Terminate(t.Context(), "b") })
		synctest.Wait() // it has to wait for a
		ps[1].crash()
		expectStates(t, root, "a:stopping b:up c:up")
		j.expect(t, "exited root/b: crash", "restarting root/b (1)", "started root/b")
		if err := errors.Join(<-first, <-second); err != nil {
			t.Error(err)
		}
		expectStates(t, root, "a:terminated b:terminated c:up")
		j.expect(t, "stopped root/a", "stopped root/b")
		stop(t, root)
	})
}

// A bystander that crashes by itself while the restart of all waits for another, and then
// for a delay, is told of, and is a part of that restart: it does not begin another.
func TestSUPCrashOfABystander(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		root, ps := trio(t, &j, supervisor.Spec{Strategy: supervisor.OneForAll, MaxRestarts: 1},
			func(i int, c *supervisor.Child) {
				c.Backoff = &supervisor.Backoff{Min: time.Minute}
				c.Service.(*puppet).slow = time.Second
			})
		ps[2].crash()
		synctest.Wait() // b is being stopped
		ps[0].crash()
		expectStates(t, root, "a:waiting b:stopping c:waiting")
		j.expect(t, "exited root/c: crash", "restarting root/c (1) in 1m0s", "exited root/a: crash")
		time.Sleep(2 * time.Second)
		expectStates(t, root, "a:waiting b:waiting c:waiting")
		time.Sleep(time.Minute)
		j.expect(t, "started root/a", "started root/b", "started root/c")
		expectLives(t, []int{2, 2, 2}, ps[:]...)
		stop(t, root)
	})
}

// The late exit of a goroutine that was cut off is not taken for one of the
// present life, and it is no longer listed at the end.
func TestSUPLateExitOfACutOffChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		root, ps := trio(t, &j, supervisor.Spec{Strategy: supervisor.OneForAll, MaxRestarts: 1},
			func(i int, c *supervisor.Child) { c.Shutdown = time.Second })
		free := ps[1].hang()
		ps[0].crash()
		time.Sleep(2 * time.Second)
		j.expect(t, "exited root/a: crash", "restarting root/a (1)", "cut off root/b",
			"started root/a", "started root/b", "started root/c")
		expectLives(t, []int{2, 2, 2}, ps[:]...) // on another goroutine
		free()
		expectStates(t, root, "a:up b:up c:up")
		j.expect(t)
		expectLives(t, []int{2, 2, 2}, ps[:]...)
		stop(t, root)
	})
}

// A StartTimeout also holds for what ignores its context: it is cut off, and the
// next try has another goroutine.
func TestSUPStartTimeoutOfAStuckChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		p := newPuppet()
		p.awaits = true
		root := supervisor.New("root", logged(&j, supervisor.Spec{Children: []supervisor.Child{
			{Name: "p", Service: p, StartTimeout: time.Second, Shutdown: time.Second},
		}}))
		up := pending(func() error { return root.Start(t.Context()) })
		synctest.Wait()
		p.ready()
		if err := <-up; err != nil {
			t.Fatal(err)
		}
		free := p.hang()
		p.crash()
		time.Sleep(2 * time.Second)
		j.expect(t, "started root/p", "exited root/p: crash", "restarting root/p (1)", "cut off root/p",
			"exited root/p: not up within its StartTimeout", "restarting root/p (2)")
		free()
		synctest.Wait()
		p.ready()
		j.expect(t, "started root/p")
		stop(t, root)
	})
}

// A supervisor that has given up, whatever for, lists no child as waiting, starting or up,
// although the queues of its services are kept for a parent that may restart it.
func TestSUPGivenUpListsNoneAsWaiting(t *testing.T) {
	hour := &supervisor.Backoff{Min: time.Hour, Max: time.Hour}
	// over is a spec whose child a waits out a delay when b spends the last of the budget.
	over := func(a, b *puppet) supervisor.Spec {
		return supervisor.Spec{Logger: quiet, MaxRestarts: 1, Children: []supervisor.Child{
			{Name: "a", Service: a, Backoff: hour}, {Name: "b", Service: b}, {Name: "c", Service: newPuppet()}}}
	}
	// boots is one whose child b can not be started while a waits for its next try.
	boots := func(a, b *puppet) supervisor.Spec {
		spec := over(a, b)
		spec.Together, b.awaits = true, true
		a.failNext(1)
		a.awaits = true
		return spec
	}
	for _, row := range []struct {
		name  string
		spec  func(a, b *puppet) supervisor.Spec
		below bool
		want  string
	}{
		{"budget", over, false, "a:terminated b:exited c:terminated"},
		{"budget of one below", over, true, "a:terminated b:exited c:terminated"},
		{"start", boots, false, "a:terminated b:exited c:terminated"},
		{"start of one below", boots, true, "a:terminated b:exited c:terminated"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := newPuppet(), newPuppet()
				s := supervisor.New("s", row.spec(a, b))
				root := s
				if row.below {
					spec := children(supervisor.Child{Service: s})
					spec.MaxRestarts = supervisor.NoRestarts
					root = supervisor.New("root", spec)
				}
				started := pending(func() error { return root.Start(t.Context()) })
				synctest.Wait()
				if !b.awaits {
					a.crash()
				}
				expectStates(t, s, map[bool]string{
					false: "a:waiting b:up c:up", true: "a:waiting b:starting c:up"}[b.awaits])
				b.crash()
				<-root.Done()
				if err := <-started; (err != nil) != b.awaits {
					t.Errorf("Start = %v", err)
				}
				expectStates(t, s, row.want)
				if row.below {
					expectStates(t, root, "s:exited")
				}
			})
		})
	}
}
