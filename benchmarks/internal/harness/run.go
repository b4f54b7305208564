// Package harness runs workloads in rounds and makes figures of them.
package harness

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// Plan says what is run.
type Plan struct {
	Workloads []*workloads.Workload
	Systems   []*systems.System // those that are shown
	Titles    []string          // the figures that are shown

	// Baseline is run along for the ratios, also where it is not shown. It may be nil.
	Baseline *systems.System

	// Rounds is how many there are. 0: as many as fit into Budget.
	Rounds int
	Quick  bool

	// Slice is how long a run of a workload is to take that is run as slices.
	Slice time.Duration

	// Alike says that the systems of a workload do the same number of operations in a
	// slice, that of the slowest. Otherwise each does what fits into a slice.
	Alike bool

	// Budget is the time after which no workload begins another round, once it has had
	// one. 0: no bound.
	Budget time.Duration

	// Alone measures a workload in a process of its own.
	Alone func(ctx context.Context, w *workloads.Workload, s *systems.System, ops int) (Sample, error)

	// Progress, if set, is called before each run with how many runs there were and will
	// be. A total of -1: that is not known.
	Progress func(done, total int, w *workloads.Workload, s *systems.System)
}

// ops returns how many operations a run of w has that is not a slice.
func (p *Plan) ops(w *workloads.Workload) int {
	if p.Quick {
		return w.Quick
	}
	return w.Ops
}

// rounds returns how many rounds w has, at most. Those who cannot wait do with fewer runs
// of what is long.
func (p *Plan) rounds(w *workloads.Workload) int {
	all := p.Rounds
	if all == 0 {
		all = math.MaxInt
	}
	switch {
	case w.Sliced():
		return all
	case p.Quick:
		return min(all, max(1, w.Rounds/3))
	}
	return min(all, w.Rounds)
}

// total returns how many runs there will be, or -1 where only time bounds them.
func (p *Plan) total(rows [][]*series) (total int) {
	for _, row := range rows {
		rounds := p.rounds(row[0].w)
		if rounds == math.MaxInt {
			return -1
		}
		total += len(row) * rounds
	}
	return total
}

// Run runs everything, round after round, so that what disturbs the machine for a while
// disturbs all systems alike. In each round the systems of a workload follow one another
// directly, in an order that changes: see turn. It stops at the first run that fails.
func (p *Plan) Run(ctx context.Context) ([]Result, error) {
	rows := p.rows()
	begin := time.Now()
	total, done := p.total(rows), 0
	for round, ran := 0, true; ran; round++ {
		ran = false
		for _, row := range rows {
			w := row[0].w
			if round >= p.rounds(w) || round > 0 && p.Budget > 0 && time.Since(begin) > p.Budget {
				continue
			}
			ran = true
			if err := p.size(ctx, row); err != nil {
				return nil, err
			}
			for _, i := range turn(len(row), round) {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				if p.Progress != nil {
					p.Progress(done, total, w, row[i].s)
				}
				sample, err := p.measure(ctx, row[i])
				if err != nil {
					return nil, err
				}
				row[i].samples = append(row[i].samples, sample)
				done++
			}
		}
	}
	return p.results(rows), nil
}

func (p *Plan) measure(ctx context.Context, c *series) (Sample, error) {
	if c.w.Alone && p.Alone != nil {
		return p.Alone(ctx, c.w, c.s, c.ops)
	}
	return Measure(c.w, c.s, c.ops)
}

// rows returns what is run, for each workload its systems. Those who cannot wait do
// without a process for each variant of a system.
func (p *Plan) rows() (rows [][]*series) {
	// The baseline is one of the systems, or comes along.
	all := p.Systems
	if p.Baseline != nil && !p.shown(p.Baseline) {
		all = append([]*systems.System{p.Baseline}, all...)
	}
	for _, w := range p.Workloads {
		if p.ops(w) == 0 && !w.Sliced() {
			continue
		}
		var row []*series
		shown := false
		for _, s := range all {
			if w.Has(s) && !(p.Quick && w.Alone && s.Few && s != p.Baseline) {
				row = append(row, &series{w: w, s: s})
				shown = shown || p.shown(s)
			}
		}
		if shown {
			rows = append(rows, row)
		}
	}
	return rows
}

// Empty reports whether there is nothing to run.
func (p *Plan) Empty() bool { return len(p.rows()) == 0 }

func (p *Plan) shown(s *systems.System) bool {
	return slices.Contains(p.Systems, s)
}

func (p *Plan) results(rows [][]*series) (rs []Result) {
	for _, row := range rows {
		var base *series
		for _, c := range row {
			if c.s == p.Baseline {
				base = c
			}
		}
		// One figure after the other, each with all its systems.
		byTitle := make(map[string][]Result)
		for _, c := range row {
			if p.shown(c.s) {
				for _, r := range c.results(base) {
					byTitle[r.Workload] = append(byTitle[r.Workload], r)
				}
			}
		}
		for _, title := range row[0].w.Titles() {
			if slices.Contains(p.Titles, title) {
				rs = append(rs, byTitle[title]...)
			}
		}
	}
	return rs
}
