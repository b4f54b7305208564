//go:build amd64 && !race && !purego

package actor_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// firstStack is what a goroutine begins with. To copy it into a larger one was a quarter of the life
// of a service that is asked once.
const firstStack = 2048

// TestNoStackGrowthInASpawn has a service live and end in a process in which no stack may grow: the
// runtime ends it, and says which function wanted more. Where the allocator takes more from the heap, once
// in some tens of objects, or notes one for the profile, it needs more of whoever allocates: then it is
// tried again. What is too deep always is so each time.
func TestNoStackGrowthInASpawn(t *testing.T) {
	if os.Getenv("NANO_FIRST_STACK") != "" {
		spawnInFirstStack(t)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for try := 1; ; try++ {
		cmd := exec.Command(exe, "-test.run=^TestNoStackGrowthInASpawn$")
		cmd.Env = append(os.Environ(), "NANO_FIRST_STACK=1", "GODEBUG=adaptivestackstart=0")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return
		}
		_, stack, _ := strings.Cut(string(out), "\ngoroutine ") // the first is the one that wanted more
		stack, _, _ = strings.Cut(stack, "\n\n")
		if try == 50 || !strings.Contains(stack, "runtime.mallocgc") {
			t.Fatalf("try %d: %v: %.100s\n%s", try, err, out, stack)
		}
	}
}

func spawnInFirstStack(t *testing.T) {
	grows(64) // the test's own stack, before it may not
	debug.SetGCPercent(-1)
	build := func(context.Context) (*int, error) { return new(int), nil }
	spawn := func() error {
		svc, served := actor.New(build), make(chan error)
		go func() { served <- svc.Serve(context.Background()) }()
		_, err := actor.Get(context.Background(), svc, func(n *int) int { *n++; return *n })
		return errors.Join(err, svc.Stop(context.Background()), <-served)
	}
	start := func() error {
		svc := actor.Start(new(int))
		err := svc.Do(func(n *int) { *n++ })
		return errors.Join(err, svc.Stop(context.Background()))
	}
	for i := range 22 {
		if i == 20 { // what is done once only is done
			debug.SetMaxStack(firstStack)
		}
		f := spawn
		if i%2 == 1 {
			f = start
		}
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	debug.SetMaxStack(1 << 30)
}

//go:noinline
func grows(n int) byte {
	var large [1024]byte
	if n == 0 {
		return large[0]
	}
	return grows(n-1) + large[n]
}
