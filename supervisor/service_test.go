package supervisor_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Services inside a tree: handle and queue survive restarts, also those of the
// supervisor itself by its parent.

// The handle and the queue survive a restart, the state is fresh, and the caller
// of the closure that crashed learns it.
func TestSUPServiceSurvivesItsCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("db")
		var j journal
		root := supervisor.New("root", logged(&j, children(supervisor.Child{Service: svc})))
		start(t, root)
		hold := make(chan struct{})
		got := make(chan int, 3)
		svc.Do(func(n *number) { got <- n.next(); <-hold })
		svc.Do(func(*number) { panic(errCrash) })
		svc.Do(func(n *number) { got <- n.next() })
		crashed := pending(func() error { return svc.Run(t.Context(), func(*number) error { panic("again") }) })
		synctest.Wait()
		svc.Do(func(n *number) { got <- n.next() })
		close(hold)
		err := <-crashed
		var p *actor.PanicError
		if actor.OutcomeOf(err) != actor.Crashed || !errors.As(err, &p) || p.Service != "root/db" {
			t.Errorf("the caller got %v", err)
		}
		synctest.Wait()
		if a, b, c := <-got, <-got, <-got; a != 1 || b != 1 || c != 1 {
			t.Errorf("ran on states %d %d %d: each on a fresh one", a, b, c)
		}
		if got := root.Children()[0].Restarts; got != 2 {
			t.Errorf("%d restarts", got)
		}
		for _, e := range j.take() {
			if e.Kind == supervisor.Exited && !errors.As(e.Err, &p) {
				t.Errorf("the supervisor saw %v", e.Err)
			}
		}
		stop(t, root)
	})
}

// A supervisor that gives up and is restarted by its parent: handles and queues
// of its services go on. If its parent does not, everything is answered.
func TestSUPQueueWhenTheSupervisorGivesUp(t *testing.T) {
	for _, goesOn := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			a, b := service("a"), service("b")
			p := newPuppet()
			inner := supervisor.New("inner", supervisor.Spec{
				MaxRestarts: supervisor.NoRestarts,
				Children:    []supervisor.Child{{Service: a}, {Service: b}, {Name: "p", Service: p}},
			})
			spec := children(supervisor.Child{Service: inner, Backoff: &supervisor.Backoff{Min: time.Second}})
			if !goesOn {
				spec.MaxRestarts = supervisor.NoRestarts
			}
			root := supervisor.New("root", spec)
			start(t, root)
			var holds [2]chan struct{}
			var calls [2]<-chan error
			for i, svc := range []*actor.Service[number]{a, b} {
				hold := make(chan struct{})
				holds[i] = hold
				svc.Do(func(*number) { <-hold })
				calls[i] = calling(svc)
			}
			synctest.Wait()
			p.crash()
			synctest.Wait() // b is told first
			close(holds[1])
			synctest.Wait()
			close(holds[0])
			synctest.Wait()
			if goesOn {
				if a.Info().State != actor.Pending || len(calls[0]) > 0 {
					t.Errorf("between two lives: %v", a.Info())
				}
				time.Sleep(time.Second)
			}
			for i := range calls {
				switch err := <-calls[i]; {
				case goesOn && err != nil:
					t.Errorf("call %d after the restart: %v", i, err)
				case !goesOn && !errors.Is(err, actor.ErrStopped):
					t.Errorf("call %d after giving up: %v", i, err)
				}
			}
			if err := b.Do(func(*number) {}); goesOn != (err == nil) {
				t.Errorf("Do afterwards = %v", err)
			}
			stop(t, root)
		})
	}
}

// A supervisor that gave up and then can not be started again, for a while, keeps
// the queues of those that had been started by each try.
func TestSUPQueueWhenTheSupervisorCanNotStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, p := service("db"), newPuppet()
		p.awaits = true
		inner := supervisor.New("inner", supervisor.Spec{
			MaxRestarts: supervisor.NoRestarts,
			Children:    []supervisor.Child{{Service: svc}, {Name: "p", Service: p}},
		})
		root := supervisor.New("root", children(supervisor.Child{
			Service: inner, Backoff: &supervisor.Backoff{Min: time.Second},
		}))
		up := pending(func() error { return root.Start(t.Context()) })
		synctest.Wait()
		p.ready()
		if err := <-up; err != nil {
			t.Fatal(err)
		}
		p.failNext(2)
		p.crash()
		time.Sleep(1500 * time.Millisecond) // one try has failed
		ran := 0
		if err := svc.Do(func(*number) { ran++ }); err != nil {
			t.Errorf("Do while its supervisor is tried again: %v", err)
		}
		call := pending(func() error {
			return svc.Run(context.Background(), func(*number) error { ran++; return nil })
		})
		time.Sleep(10 * time.Second)
		p.ready()
		if err := <-call; err != nil || ran != 2 {
			t.Errorf("Run = %v; %d ran", err, ran)
		}
		stop(t, root)
	})
}

// A service that was added lives as long as that life of the supervisor: who
// waits for it is answered when the supervisor is restarted without it.
func TestSUPAddedServiceIsAnsweredAtARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, added := newPuppet(), service("added")
		inner := supervisor.New("inner", supervisor.Spec{
			MaxRestarts: supervisor.NoRestarts, Children: []supervisor.Child{{Name: "p", Service: p}},
		})
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		start(t, root)
		if err := inner.Add(t.Context(), supervisor.Child{Service: added}); err != nil {
			t.Fatal(err)
		}
		hold := make(chan struct{})
		added.Do(func(*number) { <-hold })
		call := calling(added)
		synctest.Wait()
		p.crash()
		synctest.Wait() // the supervisor waits for it to end
		close(hold)
		if err := <-call; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Run = %v", err)
		}
		expectStates(t, inner, "p:up")
		stop(t, root)
	})
}

// A terminated child and one that has ended normally refuse at once; Restart opens
// them again. One that waits out a back-off queues.
func TestSUPDownRefusesAndBackoffQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told, ended, crashed := service("told"), service("ended"), service("crashed")
		root := supervisor.New("root", children(
			supervisor.Child{Service: told},
			supervisor.Child{Service: ended, Restart: supervisor.Transient},
			supervisor.Child{Service: crashed, Backoff: &supervisor.Backoff{Min: time.Second}},
		))
		start(t, root)
		if err := root.Terminate(t.Context(), "told"); err != nil {
			t.Fatal(err)
		}
		ended.DoContext(t.Context(), func(ctx context.Context, _ *number) { actor.Exit(ctx, nil) })
		crashed.Do(func(*number) { panic(errCrash) })
		expectStates(t, root, "told:terminated ended:exited crashed:waiting")
		for _, svc := range []*actor.Service[number]{told, ended} {
			if err := svc.Do(func(*number) {}); !errors.Is(err, actor.ErrStopped) {
				t.Errorf("%s: Do = %v", svc.Name(), err)
			}
			name := strings.TrimPrefix(svc.Name(), "root/")
			if err := root.Restart(t.Context(), name); err != nil {
				t.Errorf("Restart = %v", err)
			}
			if n, err := actor.Get(t.Context(), svc, (*number).next); n != 1 || err != nil {
				t.Errorf("%s after Restart: %d, %v", svc.Name(), n, err)
			}
		}
		began := time.Now()
		if n, err := actor.Get(t.Context(), crashed, (*number).next); n != 1 || err != nil {
			t.Errorf("after the delay: %d, %v", n, err)
		}
		if d := time.Since(began); d != time.Second {
			t.Errorf("served after %v", d)
		}
		stop(t, root)
	})
}

// Goexit in a closure ends the goroutine that serves. The supervisor sees a
// failure, and the next incarnation gets another goroutine.
func TestSUPGoexitInAClosure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("db")
		root := supervisor.New("root", children(supervisor.Child{Service: svc}))
		start(t, root)
		for i := range 3 {
			err := svc.Run(t.Context(), func(*number) error { runtime.Goexit(); return nil })
			if !errors.Is(err, actor.ErrGoexit) || actor.OutcomeOf(err) != actor.Crashed {
				t.Errorf("Run = %v", err)
			}
			if n, err := actor.Get(t.Context(), svc, (*number).next); n != 1 || err != nil {
				t.Errorf("afterwards: %d, %v", n, err)
			}
			if c := root.Children()[0]; !errors.Is(c.Err, actor.ErrGoexit) || c.Restarts != i+1 {
				t.Errorf("the supervisor saw %+v", c)
			}
		}
		stop(t, root)
	})
}

// A service that was stopped for good is no failure, in whatever moment: its
// supervisor goes on without it, and spends no budget.
func TestSUPDeliberateStopIsNoFailure(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{supervisor.OneForOne, supervisor.OneForAll} {
		synctest.Test(t, func(t *testing.T) {
			early, late, p := service("early"), service("late"), newPuppet()
			root := supervisor.New("root", supervisor.Spec{
				Strategy: strategy, MaxRestarts: 1, Logger: quiet,
				Children: []supervisor.Child{
					{Service: early}, {Service: late},
					{Name: "p", Service: p, Backoff: &supervisor.Backoff{Min: time.Second}},
				},
			})
			start(t, root)
			stop(t, early)
			expectStates(t, root, "early:exited late:up p:up")
			p.crash()
			synctest.Wait()
			late.Kill() // under one-for-all it waits to be restarted
			time.Sleep(2 * time.Second)
			expectStates(t, root, "early:exited late:exited p:up")
			if err := root.Restart(t.Context(), "late"); !errors.Is(err, actor.ErrStopped) {
				t.Errorf("Restart = %v", err)
			}
			stop(t, root)
		})
	}
}

// The same when the supervisor is restarted by its parent.
func TestSUPDeliberateStopSurvivesTheSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, p := service("db"), newPuppet()
		inner := supervisor.New("inner", supervisor.Spec{
			MaxRestarts: supervisor.NoRestarts,
			Children:    []supervisor.Child{{Service: svc}, {Name: "p", Service: p}},
		})
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		start(t, root)
		stop(t, svc)
		p.crash()
		expectStates(t, root, "inner:up")
		expectStates(t, inner, "db:exited p:up")
		stop(t, root)
	})
}

// The path in the tree is the name, in logs and in errors.
func TestSUPPathIsTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("db")
		leaf := supervisor.Func(func(ctx context.Context) error { panic("leaf") })
		inner := supervisor.New("inner", children(supervisor.Child{Service: svc},
			supervisor.Child{Name: "leaf", Service: leaf, Restart: supervisor.Temporary}))
		var j journal
		root := supervisor.New("root", logged(&j, supervisor.Spec{Children: []supervisor.Child{{Service: inner}}}))
		start(t, root)
		synctest.Wait()
		if svc.Name() != "root/inner/db" {
			t.Errorf("Name() = %s", svc.Name())
		}
		err := svc.Run(t.Context(), func(*number) error { panic("boom") })
		if !strings.Contains(err.Error(), "root/inner/db") {
			t.Errorf("the error does not name it: %v", err)
		}
		synctest.Wait()
		for _, e := range j.take() {
			var p *actor.PanicError
			if e.Path == "root/inner/leaf" && e.Kind == supervisor.Exited &&
				(!errors.As(e.Err, &p) || p.Service != e.Path || !strings.Contains(p.Func, "TestSUPPathIsTheName")) {
				t.Errorf("the panic of a Func: %+v", p)
			}
		}
		stop(t, root)
	})
}
