package sim

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A Run inside of a run is refused: to a client, in a closure, and nowhere else.
func TestNestedRunIsRefused(t *testing.T) {
	if why := nested(); why != "" {
		t.Error(why)
	}
	ran := false
	refused := func(t *testing.T) {
		t.Chdir(t.TempDir()) // what fails is kept
		Run(t, func(s *Sim) {
			Run(t, func(*Sim) { ran = true }, Runs(1))
			ran = true
		}, Runs(1))
	}
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "nested, which is to fail", F: refused}})
	if ok || ran {
		t.Errorf("it passes: %v; it ran: %v", ok, ran)
	}
	Run(t, func(s *Sim) {
		svc := newService("svc", func() *cell { return &cell{} })
		tree(s, supervisor.Child{Service: svc})
		inside, err := actor.Get(s.Context(), svc, func(*cell) string { return nested() })
		if !strings.Contains(inside, "inside of a run") || err != nil {
			s.Errorf("%q, %v", inside, err)
		}
	}, Runs(2))
}

// What a goroutine that is no service's does between two operations is no step, and so nothing
// that the simulation has in another order.
func TestNoStepBetweenOperations(t *testing.T) {
	steps := func(between func()) int {
		s := quickly(t, func(s *Sim) {
			svc := newService("list", func() *list { return &list{} })
			tree(s, supervisor.Child{Service: svc})
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					_ = svc.Do(func(l *list) { l.add("a") })
					between()
					_ = svc.Do(func(l *list) { l.add("b") })
				})
			}
			s.Block(all.Wait)
		}, 1)
		sd := seed{"default", 0, 1}
		return s.once(sd, explore(sd), nil, false).kern.at
	}
	var mu sync.Mutex
	shared := 0
	add := func() {
		for range 10 {
			mu.Lock()
			shared++
			mu.Unlock()
		}
	}
	if without, with := steps(func() {}), steps(add); with != without || shared != 20 {
		t.Errorf("%d steps, and %d with memory that is shared", without, with)
	}
}

// A lock that is held across a step hangs. The watchdog ends the process, and says who waits
// for it where.
func TestLockHeldAcrossAStep(t *testing.T) {
	if os.Getenv(apart) != "" {
		patience = 200 * time.Millisecond
		Run(t, lockAcrossAStep, Runs(100))
		return
	}
	failsApart(t, "TestLockHeldAcrossAStep: seed ", "a lock is held across a step", "sim.lockAcrossAStep.func")
}

// A goroutine that a run leaves behind is a failure of the run.
func TestLeftBehindIsAFailure(t *testing.T) {
	if os.Getenv(apart) != "" {
		t.Chdir(t.TempDir()) // what fails is kept
		Run(t, func(*Sim) { go func() { <-make(chan int) }() }, Runs(2))
		return
	}
	failsApart(t, "run 0 failed: when all was stopped, goroutines of the run remained blocked")
}

// apart is in the environment of a test that is run in a process of its own.
const apart = "NANO_SIM_TEST_APART"

// failsApart runs the test once more, in a process of its own, which is to fail and say that.
func failsApart(t *testing.T, wanted ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), apart+"=1")
	out, err := cmd.CombinedOutput()
	for _, want := range wanted {
		if err == nil || !strings.Contains(string(out), want) {
			t.Fatalf("%v; nothing like %q in\n%s", err, want, out)
		}
	}
}

func lockAcrossAStep(s *Sim) {
	svc := newService("list", func() *list { return &list{} })
	tree(s, supervisor.Child{Service: svc})
	var mu sync.Mutex
	for _, name := range []string{"a", "b"} {
		s.Go(name, func(ctx context.Context) {
			mu.Lock()
			defer mu.Unlock()
			_ = actor.Wait(ctx, svc, func(l *list) { l.add(name) })
		})
	}
}
