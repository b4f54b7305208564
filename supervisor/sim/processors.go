package sim

import (
	"runtime"
	"sync"
)

// Runs have one processor: what becomes ready in one step and has no name of its own, as
// goroutines that a loop has made, is told apart by the numbers of goroutines, and the
// runtime numbers them in the order in which they were made only as long as their maker
// stays on one processor. On a busy machine it moves now and then, in the middle of a loop.
// Nothing is lost by it: of a run one step is taken at a time.
var processors struct {
	mu     sync.Mutex
	users  int
	before int // as it was without them
}

// oneProcessor sets GOMAXPROCS to 1 until the function that it returns is called, or those of
// others who use it meanwhile.
func oneProcessor() (restore func()) {
	p := &processors
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users++; p.users == 1 {
		p.before = runtime.GOMAXPROCS(1)
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.users--; p.users == 0 {
			runtime.GOMAXPROCS(p.before)
		}
	}
}
