package workloads

import (
	"runtime"
	"time"
)

// Meter takes the time and the allocations between its Start and Stop, and the figures
// that a workload reports itself. The zero value is ready to use; it serves one run.
type Meter struct {
	// OnStart and OnStop, if set, are called by Start before it begins and by Stop after
	// it has measured: a testing.B has a clock of its own.
	OnStart, OnStop func()

	// Ops is how many operations there were, if that is not what was asked for.
	Ops int

	Elapsed time.Duration
	Mallocs uint64
	Bytes   uint64
	Figures map[string]float64

	begin  time.Time
	before runtime.MemStats
}

// Start begins what is measured. The garbage of what went before is collected first,
// so that nobody pays for that of others.
func (m *Meter) Start() {
	runtime.GC()
	runtime.ReadMemStats(&m.before)
	if m.OnStart != nil {
		m.OnStart()
	}
	m.begin = time.Now()
}

// Stop ends what is measured.
func (m *Meter) Stop() {
	m.Elapsed = time.Since(m.begin)
	if m.OnStop != nil {
		m.OnStop()
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	m.Mallocs = after.Mallocs - m.before.Mallocs
	m.Bytes = after.TotalAlloc - m.before.TotalAlloc
}

// Report keeps one of the figures of the workload.
func (m *Meter) Report(title string, value float64) {
	if m.Figures == nil {
		m.Figures = make(map[string]float64)
	}
	m.Figures[title] = value
}
