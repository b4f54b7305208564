package harness

import (
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// Result is one figure of one system over all rounds: medians, each taken by itself.
type Result struct {
	Workload string
	System   string
	Unit     workloads.Unit

	// NS is a time in nanoseconds: the figure itself, or for one in bytes that of one
	// operation.
	NS float64
	// Ratio is the figure divided by that of the baseline in the same round. 0: the
	// baseline does not have it.
	Ratio float64
	// Allocs and Bytes are of one operation. For a figure in bytes, Bytes is it.
	Allocs, Bytes float64
	// Spread is that of the figure, and RatioSpread that of the ratio.
	Spread, RatioSpread float64
	// The median of more and more ratios would lie between RatioLow and RatioHigh, with
	// a probability of 95 %.
	RatioLow, RatioHigh float64
	Rounds              int
}

// Value returns the figure, in its unit.
func (r Result) Value() float64 {
	if r.Unit == workloads.Bytes {
		return r.Bytes
	}
	return r.NS
}

// series has the samples of a workload with a system, one for each round.
type series struct {
	w       *workloads.Workload
	s       *systems.System
	ops     int // of each run; 0: not decided yet
	samples []Sample
}

// results turns samples into figures. base is the series of the baseline, or nil; its
// samples are of the same rounds.
func (s *series) results(base *series) (rs []Result) {
	for _, f := range s.w.Results() {
		var values, ratios, times, allocs, bytes []float64
		for i, sample := range s.samples {
			v, ok := sample.figure(s.w, f)
			if !ok {
				continue
			}
			values = append(values, v)
			times = append(times, sample.per())
			allocs = append(allocs, float64(sample.Mallocs)/float64(sample.Ops))
			bytes = append(bytes, float64(sample.Bytes)/float64(sample.Ops))
			if base == nil || i >= len(base.samples) {
				continue
			}
			if b, ok := base.samples[i].figure(s.w, f); ok && b > 0 {
				ratios = append(ratios, v/b)
			}
		}
		if len(values) == 0 {
			continue
		}
		r := Result{
			Workload: f.Title,
			System:   s.s.Name,
			Unit:     f.Unit,
			NS:       Median(values),
			Allocs:   Median(allocs),
			Bytes:    Median(bytes),
			Spread:   Spread(values),
			Rounds:   len(values),
		}
		if f.Unit == workloads.Bytes {
			r.NS, r.Bytes = Median(times), r.NS
		}
		if len(ratios) > 0 {
			r.Ratio, r.RatioSpread = Median(ratios), Spread(ratios)
			r.RatioLow, r.RatioHigh = Confidence(ratios)
		}
		rs = append(rs, r)
	}
	return rs
}
