// Package workloads has what the systems are made to do: the same work for each, and a
// check that all of it was done.
package workloads

import (
	"fmt"
	"sync"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// Baseline is the system that ratios refer to.
const Baseline = "chan128"

// Workload is something that systems are made to do. A run of it does a given number
// of operations and reports to a Meter. Most workloads are the same with few operations
// and with many, and are run as slices: very often, and each time only for some
// milliseconds. The others have a number of operations of their own.
type Workload struct {
	Name  string
	About string // what one operation is

	// Ops is how many operations a run has that is not a slice, and Quick the same for
	// those who cannot wait; a Quick of 0 leaves the workload out then. An Ops of 0: the
	// runs are slices.
	Ops, Quick int

	// Rounds bounds how many runs are worth their time, where they are not slices.
	Rounds int

	// Alone says that a run needs a process of its own, because it measures memory or
	// leaves too much of it behind.
	Alone bool

	// Needs is the memory in MB without which a run is not tried.
	Needs int

	// Figures are what a run reports. None: one, the time of an operation, under the name
	// of the workload.
	Figures []Figure

	// Has reports whether the workload makes sense for the system.
	Has func(*systems.System) bool

	// Run does ops operations with s. It returns an error if not all of the work was
	// done.
	Run func(m *Meter, s *systems.System, ops int) error
}

// Figure is one of several results of a workload.
type Figure struct {
	Title string // under which it is reported and shown
	Unit  Unit
}

// Unit is what a figure counts.
type Unit uint8

// The units. The time of a Bytes figure is that of an operation.
const (
	Nanoseconds Unit = iota
	Bytes
)

// Sliced reports whether the runs of the workload are slices.
func (w *Workload) Sliced() bool { return w.Ops == 0 }

// Results returns the figures of a run: at least one.
func (w *Workload) Results() []Figure {
	if len(w.Figures) == 0 {
		return []Figure{{Title: w.Name}}
	}
	return w.Figures
}

// Titles returns the names under which results are shown, in order.
func (w *Workload) Titles() (titles []string) {
	for _, f := range w.Results() {
		titles = append(titles, f.Title)
	}
	return titles
}

// All returns the workloads in the order in which they are shown.
func All() []*Workload {
	var all []*Workload
	for _, family := range [][]*Workload{
		tells(), calls(), {ring(), spawn(), restart()}, served(), groups(), {tail()}, busy(), queues(), idlers(), curves(), {bounded()},
	} {
		all = append(all, family...)
	}
	return all
}

// share has n goroutines share the operations, waits for them, and returns the first
// error. work is called once by each, with its number and its part of ops.
func share(n, ops int, work func(i, ops int) error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	for i := range n {
		part := ops / n
		if i < ops%n {
			part++
		}
		wg.Go(func() {
			if err := work(i, part); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	wg.Wait()
	return first
}

// expect returns an error if what was counted is not what should have been.
func expect(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s: %d, and not %d: not all of the work was done", what, got, want)
	}
	return nil
}

// upTo returns the sum of the numbers from 1 to n.
func upTo(n int) int { return n * (n + 1) / 2 }

// startsServices is the Has of most workloads.
func startsServices(s *systems.System) bool { return s.Start != nil && !s.Reads }
