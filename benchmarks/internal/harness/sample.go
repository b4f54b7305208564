package harness

import (
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// Sample is what one run of a workload with one system gave.
type Sample struct {
	Ops     int
	Elapsed time.Duration
	Mallocs uint64
	Bytes   uint64
	Figures map[string]float64
}

// Measure runs a workload once, in this process.
func Measure(w *workloads.Workload, s *systems.System, ops int) (Sample, error) {
	var m workloads.Meter
	if err := w.Run(&m, s, ops); err != nil {
		return Sample{}, fmt.Errorf("%s of %s: %w", w.Name, s.Name, err)
	}
	if m.Ops > 0 {
		ops = m.Ops
	}
	return Sample{ops, m.Elapsed, m.Mallocs, m.Bytes, m.Figures}, nil
}

// per returns the time of one operation in nanoseconds.
func (s Sample) per() float64 { return float64(s.Elapsed) / float64(s.Ops) }

// figure returns the value of a figure, in its unit, and false if the run did not
// report it.
func (s Sample) figure(w *workloads.Workload, f workloads.Figure) (v float64, ok bool) {
	if len(w.Figures) == 0 {
		return s.per(), true
	}
	v, ok = s.Figures[f.Title]
	return v, ok
}
