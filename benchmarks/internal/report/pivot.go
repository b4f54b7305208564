package report

import (
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// pivot has results with a row for each workload and a column for each system.
type pivot struct {
	workloads []string // in the order of the results
	systems   []string
	cells     map[[2]string]harness.Result // by workload and system
}

// newPivot takes the results for which keep is true.
func newPivot(rs []harness.Result, keep func(harness.Result) bool) *pivot {
	p := &pivot{cells: make(map[[2]string]harness.Result)}
	for _, r := range rs {
		if !keep(r) {
			continue
		}
		if !slices.Contains(p.workloads, r.Workload) {
			p.workloads = append(p.workloads, r.Workload)
		}
		if !slices.Contains(p.systems, r.System) {
			p.systems = append(p.systems, r.System)
		}
		p.cells[[2]string{r.Workload, r.System}] = r
	}
	return p
}

func (p *pivot) at(workload, system string) (r harness.Result, ok bool) {
	r, ok = p.cells[[2]string{workload, system}]
	return r, ok
}

// group is what is shown together.
type group struct {
	title string
	keep  func(harness.Result) bool
}

// groups divide the results for a document.
func groups() []group {
	ns := func(prefixes ...string) func(harness.Result) bool {
		return func(r harness.Result) bool {
			return r.Unit == workloads.Nanoseconds && within(r.Workload, prefixes...)
		}
	}
	return []group{
		{"Between services", ns("tell", "call", "ring", "spawn", "restart", "deep", "served", "supervised")},
		{"Pools and topics", ns("pool", "topic")},
		{"Beside others", ns("tail", "busy")},
		{"The queue alone", ns("queue")},
		{"With many", ns("scale")},
		{"Memory", func(r harness.Result) bool { return r.Unit == workloads.Bytes }},
	}
}

// within reports whether a workload belongs to one of the families.
func within(workload string, families ...string) bool {
	return slices.ContainsFunc(families, func(f string) bool {
		return workload == f || strings.HasPrefix(workload, f+"/")
	})
}
