// Package report shows results: as a table, as JSON, in reStructuredText and as a plot.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// Table writes results as text, a block for each workload.
func Table(w io.Writer, rs []harness.Result) error {
	out := bufio.NewWriter(w)
	last := ""
	for _, r := range rs {
		if r.Workload != last {
			if last != "" {
				fmt.Fprintln(out)
			}
			last = r.Workload
			fmt.Fprintf(out, "%-24s %12s %8s %7s %9s %9s\n",
				r.Workload, unitName(r.Unit), "ratio", "spread", "allocs", "bytes")
		}
		fmt.Fprintln(out, strings.TrimRight(line(r), " "))
	}
	return out.Flush()
}

func unitName(u workloads.Unit) string {
	if u == workloads.Bytes {
		return "bytes"
	}
	return "ns"
}

// line is one result. What a figure in bytes allocates while it is measured says
// nothing, and is left out.
func line(r harness.Result) string {
	allocs, bytes := "", ""
	if r.Unit == workloads.Nanoseconds {
		allocs, bytes = amount(r.Allocs), amount(r.Bytes)
	}
	spread := "" // of one round there is none
	if r.Rounds > 1 {
		spread = fmt.Sprintf("%.0f%%", 100*r.Spread)
	}
	return fmt.Sprintf("  %-22s %12s %8s %7s %9s %9s",
		r.System, amount(r.Value()), ratio(r.Ratio), spread, allocs, bytes)
}

// amount writes a number with three digits that mean something, or all before the
// point.
func amount(v float64) string {
	digits := 0
	switch {
	case v < 0.005:
		return "0"
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	return thousands(strconv.FormatFloat(v, 'f', digits, 64))
}

// thousands puts commas into a number of five digits or more.
func thousands(s string) string {
	whole, rest, _ := strings.Cut(s, ".")
	if len(whole) < 5 {
		return s
	}
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if rest != "" {
		b.WriteString("." + rest)
	}
	return b.String()
}

// ratio writes a ratio, or nothing where there is none.
func ratio(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v < 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
