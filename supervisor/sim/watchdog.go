package sim

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// patience is how long, of real time, a run may go without a step.
var patience = 10 * time.Second

// watchdog looks from outside of the bubbles whether the runs of a test go on. A sync.Mutex that is held
// across a step hangs: who waits for it is not durably blocked (golang/go#77687), so the run
// waits for ever that all is quiet.
type watchdog struct {
	over chan struct{}
	ends sync.WaitGroup

	mu   sync.Mutex
	run  *kernel // nil: none
	last uint64  // its beats when last looked
}

// watch is called outside of a bubble, as end is.
func watch() *watchdog {
	w := &watchdog{over: make(chan struct{})}
	w.ends.Go(w.look)
	return w
}

func (w *watchdog) end() {
	close(w.over)
	w.ends.Wait()
}

// at says which run there is now. A nil watchdog does not look.
func (w *watchdog) at(k *kernel) {
	if w != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.run, w.last = k, 0
	}
}

// hangs returns the run if it has taken no step since the latest look.
func (w *watchdog) hangs() *kernel {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.run == nil {
		return nil
	}
	before := w.last
	if w.last = w.run.beats.Load(); w.last != before || before == 0 {
		return nil
	}
	return w.run
}

func (w *watchdog) look() {
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for {
		select {
		case <-w.over:
			return
		case <-tick.C:
		}
		if hangs := w.hangs(); hangs != nil {
			buf := make([]byte, 1<<20)
			text := hang(string(buf[:runtime.Stack(buf, true)]))
			fmt.Fprintf(os.Stderr, "sim: %s: seed %v: no step has ended for %v\n%s\n", hangs.run.sim.Name(), hangs.run.seed, patience, text)
			panic("sim: a run hangs: see above")
		}
	}
}

// hang says which goroutines of a dump wait for a lock.
func hang(dump string) string {
	var locks, others []string
	for g := range strings.SplitSeq(dump, "\n\n") {
		head, _, _ := strings.Cut(g, "\n")
		switch {
		case strings.Contains(head, "sync.Mutex.Lock") || strings.Contains(head, "sync.RWMutex"):
			locks = append(locks, g)
		case strings.Contains(head, "synctest bubble") && (strings.Contains(head, "running") || strings.Contains(head, "runnable") || strings.Contains(head, "syscall") || strings.Contains(head, "IO wait")):
			others = append(others, g)
		}
	}
	switch {
	case len(locks) > 0:
		return "a lock is held across a step, for which these wait:\n\n" + strings.Join(locks, "\n\n")
	case len(others) > 0:
		return "these compute, or wait for something outside of the run:\n\n" + strings.Join(others, "\n\n")
	}
	return dump
}
