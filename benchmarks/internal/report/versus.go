package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
)

// enough is how many rounds there have to be for bounds of 95 %: see harness.Confidence.
const enough = 6

// Versus writes a line for each workload that compares one system with another, to which
// the ratios of the results are: its figure before and after, with half of what the middle
// half of the slices spans, the median of the ratios of slices of the same round, with the
// same, and the bounds of that median, if there are enough rounds for them.
func Versus(w io.Writer, rs []harness.Result, before, after string) error {
	p := newPivot(rs, func(harness.Result) bool { return true })
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%-20s %5s %14s %14s %11s %16s %17s %7s\n",
		"workload", "unit", "before", "after", "ratio", "95 %", "allocs", "rounds")
	for _, name := range p.workloads {
		b, ok := p.at(name, before)
		a, also := p.at(name, after)
		if !ok || !also {
			continue // neither is measured without the other
		}
		spread, bounds := "", ""
		if a.Rounds > 1 {
			spread = fmt.Sprintf(" ±%.0f%%", 100*a.RatioSpread/2)
		}
		if a.Rounds >= enough {
			bounds = ratio(a.RatioLow) + " to " + ratio(a.RatioHigh)
		}
		allocs := ""
		if unitName(a.Unit) == "ns" {
			allocs = amount(b.Allocs) + " to " + amount(a.Allocs)
		}
		fmt.Fprintf(out, "%-20s %5s %14s %14s %11s %16s %17s %7d\n", name, unitName(a.Unit),
			p.figure(name, before), p.figure(name, after), ratio(a.Ratio)+spread, bounds, allocs, a.Rounds)
	}
	return out.Flush()
}
