package storm

import (
	"bytes"
	"flag"
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
	// Those that do all operations, on what all have. Two more do those of their own kinds: what
	// takes a second, or has a goroutine for the whole storm, would hold up the others.
	workers = 10
	// An operation that takes so much longer than what it waits for hangs; the machine may be
	// busy.
	margin = 15 * time.Second
	// The same of what the storm waits for in the end.
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
	w.rage(seed, *stormTime)
	w.close()
	w.settle()
}

// rage has all workers do operations for a time. What blocks until the end of the world does so
// until all of them have returned.
func (w *world) rage(seed uint64, lasts time.Duration) {
	var group sync.WaitGroup
	begun := time.Now()
	for n := range w.workers {
		w.workers[n] = &worker{world: w, seed: seed, number: n, table: operations, lasts: lasts}
	}
	w.workers[workers].table = stubborn
	last := w.workers[workers+1]
	last.table, last.lasts = strange, lasts-2*inSome // it does one in any case
	for _, u := range w.workers {
		group.Go(func() {
			for u.step(); time.Since(begun) < u.lasts && !w.t.Failed(); {
				u.step()
			}
			u.leave()
		})
	}
	if !w.await(&group) {
		w.t.Fatal("the storm hangs")
	}
}

// await waits for the workers, and looks after each operation meanwhile.
func (w *world) await(group *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	tick := time.NewTicker(time.Second / 4)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return true
		case <-tick.C:
		}
		for _, u := range w.workers {
			if what := u.overdue(); what != "" {
				w.hangs(what, margin)
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
		w.hangs(what, patience)
	}
}

// hangs fails the test with what all goroutines do.
func (w *world) hangs(what string, more time.Duration) {
	var stacks bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
	w.t.Errorf("%s takes %v longer\n\n%s", what, more, &stacks)
}
