package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// RST writes results as tables in reStructuredText, below a paragraph that says where
// they come from.
func RST(w io.Writer, origin string, rs []harness.Result) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, wrap(origin, 98))
	for _, g := range groups() {
		p := newPivot(rs, g.keep)
		if len(p.workloads) > 0 {
			fmt.Fprintf(out, "\n*%s*\n\n", g.title)
			writeTable(out, p.table())
		}
	}
	return out.Flush()
}

// table has the figures of the baseline and of this library, and the ratios of all.
func (p *pivot) table() (rows [][]string) {
	base, own := workloads.Baseline, "nano"
	unit := unitName(p.cells[[2]string{p.workloads[0], p.systems[0]}].Unit)
	head := []string{"workload", base + ", " + unit, own + ", " + unit}
	ratios := slices.DeleteFunc(slices.Clone(p.systems), func(s string) bool { return s == base })
	rows = append(rows, append(head, ratios...))
	for _, w := range p.workloads {
		row := []string{w, p.figure(w, base), p.figure(w, own)}
		for _, s := range ratios {
			text := ""
			if r, ok := p.at(w, s); ok {
				text = ratio(r.Ratio)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// figure writes a figure with its spread.
func (p *pivot) figure(workload, system string) string {
	r, ok := p.at(workload, system)
	switch {
	case !ok:
		return ""
	case r.Rounds == 1:
		return amount(r.Value())
	}
	return fmt.Sprintf("%s ±%.0f%%", amount(r.Value()), 100*r.Spread/2)
}

// smallRows are what the small table shows.
var smallRows = []struct{ what, workload, system, means string }{
	{"tell", "tell/1", "nano", "``Do``, until the closure has run: no allocation, no lock"},
	{"call", "call/1", "nano", "``Get``, ``Call``: the goroutines take turns, as with two channels"},
	{"call from a service", "call/nested", "nano", "the same, made by a closure: who waits for whom is known, and a circle refused"},
	{"read", "call/1", "nano-view", "a ``View``: a pointer is loaded, whatever the service does"},
	{"restart", "restart", "nano", "from a panic to the next answer: reported, counted, and made anew"},
}

// Small writes the table for those who want to read only one, above a paragraph that says where
// it comes from. What was not measured has no row.
func Small(w io.Writer, origin string, rs []harness.Result) error {
	p := newPivot(rs, func(harness.Result) bool { return true })
	rows := [][]string{{"What", "this library", "a channel", "ratio", "What it means"}}
	for _, row := range smallRows {
		own, measured := p.at(row.workload, row.system)
		base, compared := p.at(row.workload, workloads.Baseline)
		if measured && compared {
			rows = append(rows, []string{row.what, quantity(own), quantity(base), ratio(own.Ratio), row.means})
		}
	}
	out := bufio.NewWriter(w)
	writeTable(out, rows)
	fmt.Fprintln(out, "\n"+wrap(origin, 98))
	return out.Flush()
}

func quantity(r harness.Result) string { return amount(r.Value()) + " " + unitName(r.Unit) }

// wrap breaks a text into lines of at most width characters, where there are spaces.
func wrap(text string, width int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
		case used+1+n > width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// writeTable writes a simple table, whose first row is its head.
func writeTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	rule := make([]string, len(widths))
	for i, n := range widths {
		rule[i] = strings.Repeat("=", n)
	}
	border := strings.Join(rule, "  ")
	fmt.Fprintln(w, border)
	for i, row := range rows {
		cells := make([]string, len(row))
		for k, text := range row {
			cells[k] = text + strings.Repeat(" ", widths[k]-utf8.RuneCountInString(text))
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "  "), " "))
		if i == 0 {
			fmt.Fprintln(w, border)
		}
	}
	fmt.Fprintln(w, border)
}
