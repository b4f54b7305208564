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
const patience = 10 * time.Second

// watchdog looks from outside of the bubbles whether runs go on. A sync.Mutex that is held
// across a step hangs: who waits for it is not durably blocked (golang/go#77687), so the run
// waits for ever that all is quiet.
type watchdog struct {
	once sync.Once
	mu   sync.Mutex
	runs map[*kernel]uint64 // beats when last looked
}

var watching watchdog

// start is called outside of a bubble.
func (w *watchdog) start() {
	w.once.Do(func() {
		w.mu.Lock()
		w.runs = map[*kernel]uint64{}
		w.mu.Unlock()
		go w.look()
	})
}

func (w *watchdog) begin(k *kernel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs[k] = 0
}

func (w *watchdog) end(k *kernel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.runs, k)
}

func (w *watchdog) look() {
	for range time.Tick(patience) {
		w.mu.Lock()
		var hangs *kernel
		for k, before := range w.runs {
			now := k.beats.Load()
			if now == before && now > 0 {
				hangs = k
			}
			w.runs[k] = now
		}
		w.mu.Unlock()
		if hangs != nil {
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
