package workloads

import (
	"fmt"
	"slices"
	"time"
)

// latencies takes the time of op ops times, but not for longer than limit: a system that
// is kept waiting would never come to an end. It returns at least one time, in order of
// length.
func latencies(ops int, limit time.Duration, op func() error) ([]time.Duration, error) {
	took := make([]time.Duration, 0, ops)
	begin := time.Now()
	for at := begin; len(took) < ops; {
		if err := op(); err != nil {
			return nil, err
		}
		now := time.Now()
		took = append(took, now.Sub(at))
		at = now
		if now.Sub(begin) > limit {
			break
		}
	}
	slices.Sort(took)
	return took, nil
}

// percentile returns the time within which the part p (in percent) of the times were
// over.
func percentile(sorted []time.Duration, p float64) time.Duration {
	i := int(float64(len(sorted)) * p / 100)
	return sorted[min(i, len(sorted)-1)]
}

// percentiles are the figures of a workload that takes times.
func percentiles(name string, ps ...float64) (fs []Figure) {
	for _, p := range ps {
		fs = append(fs, Figure{percentileTitle(name, p), Nanoseconds})
	}
	return fs
}

func percentileTitle(name string, p float64) string { return fmt.Sprintf("%s/p%v", name, p) }

// reportPercentiles reports these figures.
func (m *Meter) reportPercentiles(name string, sorted []time.Duration, ps ...float64) {
	m.Ops = len(sorted)
	for _, p := range ps {
		m.Report(percentileTitle(name, p), float64(percentile(sorted, p)))
	}
}
