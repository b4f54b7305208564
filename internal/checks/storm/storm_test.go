package storm

import (
	"bytes"
	"flag"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	stormTime = flag.Duration("storm.time", 2*time.Second, "how long a storm lasts")
	stormSeed = flag.Uint64("storm.seed", 0, "repeats the operations of this seed; 0: others each time")
)

const (
	workers = 10
	// An operation that takes this long hangs: none waits for more than some tenths of a
	// second of its own, and the machine may be busy.
	patience = 30 * time.Second
)

// Operations at random: what was sent is accounted for to the last closure, nothing hangs,
// and nothing is left over. Which operations a worker does, and with what, depends on the seed
// alone; how they meet does not.
func TestStorm(t *testing.T) {
	seed := *stormSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	// Registered first, so that it looks last.
	t.Cleanup(func() {
		if !t.Failed() {
			goleak.VerifyNone(t)
		}
		if t.Failed() {
			t.Logf("repeat the operations with: go test -run TestStorm -race -cpu %d ./storm -storm.seed=%d -storm.time=%v",
				runtime.GOMAXPROCS(0), seed, *stormTime)
		}
	})
	w := newWorld(t)
	var group sync.WaitGroup
	over := time.Now().Add(*stormTime)
	for n := range workers {
		u := &worker{world: w, seed: seed, number: n}
		w.workers[n] = u
		group.Go(func() {
			for time.Now().Before(over) && !t.Failed() {
				u.step()
			}
			u.leave()
		})
	}
	if !w.await(&group) {
		t.Fatal("the storm hangs")
	}
	w.close()
	w.settle()
}

// await waits for the workers, and looks after each operation meanwhile.
func (w *world) await(group *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return true
		case <-tick.C:
		}
		for _, u := range w.workers {
			if what, since := u.doing(); what != "" && time.Since(since) > patience {
				w.hangs(fmt.Sprintf("%s of worker %d", what, u.number))
				return false
			}
		}
	}
}

// soon reports whether something comes true.
func soon(is func() bool) bool {
	for begun := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(begun) > patience/2 {
			return false
		}
	}
	return true
}

// ends waits for the end of something that is about to be.
func (w *world) ends(what string, wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		wait()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		w.hangs(what)
	}
}

// hangs fails the test with what all goroutines do.
func (w *world) hangs(what string) {
	var stacks bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
	w.t.Errorf("%s takes more than %v\n\n%s", what, patience, &stacks)
}
