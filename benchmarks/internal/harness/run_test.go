package harness

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// clockwork has workloads that take as long as they are told, and remembers who ran.
type clockwork struct {
	took map[string][]time.Duration // by workload and system, in each round
	ran  []string
}

func (c *clockwork) workload(name string) *workloads.Workload {
	return &workloads.Workload{
		Name: name, Ops: 10, Quick: 5, Rounds: 10,
		Has: func(s *systems.System) bool { return c.took[name+" "+s.Name] != nil },
		Run: func(m *workloads.Meter, s *systems.System, ops int) error {
			key := name + " " + s.Name
			c.ran = append(c.ran, key)
			round := 0
			for _, k := range c.ran {
				if k == key {
					round++
				}
			}
			m.Elapsed = c.took[key][round-1]
			m.Mallocs, m.Bytes = 20, 400
			if m.Elapsed < 0 {
				return errors.New("not all of the work was done")
			}
			return nil
		},
	}
}

func TestRounds(t *testing.T) {
	c := &clockwork{took: map[string][]time.Duration{
		// The machine is twice as slow in the second round: no ratio is changed by it.
		"tell base":  {100, 200, 100},
		"tell fast":  {50, 100, 51},
		"tell slow":  {300, 610, 300},
		"ring slow":  {10, 10, 10}, // without a baseline
		"other base": {1, 1, 1},    // of which nothing is shown
	}}
	base, fast, slow := &systems.System{Name: "base"}, &systems.System{Name: "fast"}, &systems.System{Name: "slow"}
	plan := Plan{
		Workloads: []*workloads.Workload{c.workload("tell"), c.workload("ring"), c.workload("other")},
		Systems:   []*systems.System{fast, slow},
		Titles:    []string{"tell", "ring", "other"},
		Baseline:  base,
		Rounds:    3,
	}
	rs, err := plan.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := []Result{
		{Workload: "tell", System: "fast", NS: 5.1, Ratio: 0.5, RatioLow: 0.5, RatioHigh: 0.51, Allocs: 2, Bytes: 40, Rounds: 3},
		{Workload: "tell", System: "slow", NS: 30, Ratio: 3, RatioLow: 3, RatioHigh: 3.05, Allocs: 2, Bytes: 40, Rounds: 3},
		{Workload: "ring", System: "slow", NS: 1, Allocs: 2, Bytes: 40, Rounds: 3},
	}
	for i := range min(len(rs), len(want)) {
		want[i].Spread, want[i].RatioSpread = rs[i].Spread, rs[i].RatioSpread
	}
	if !slices.Equal(rs, want) {
		t.Errorf("results:\n%+v, and not\n%+v", rs, want)
	}
	if rs[0].Spread <= 0 || rs[0].RatioSpread <= 0 || rs[0].RatioSpread >= 0.05 || rs[2].Spread != 0 {
		t.Errorf("spreads %v and %v, and %v of the ratio", rs[0].Spread, rs[2].Spread, rs[0].RatioSpread)
	}
	order := []string{
		"tell base", "tell fast", "tell slow", "ring slow",
		"tell slow", "tell fast", "tell base", "ring slow",
		"tell fast", "tell slow", "tell base", "ring slow",
	}
	if !slices.Equal(c.ran, order) {
		t.Errorf("the order was %q", c.ran)
	}
}

func TestFailureEndsTheRun(t *testing.T) {
	c := &clockwork{took: map[string][]time.Duration{"tell base": {1, -1, 1}}}
	base := &systems.System{Name: "base"}
	plan := Plan{
		Workloads: []*workloads.Workload{c.workload("tell")}, Systems: []*systems.System{base},
		Titles: []string{"tell"}, Baseline: base, Rounds: 3,
	}
	_, err := plan.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "tell of base: not all of the work") {
		t.Errorf("error: %v", err)
	}
	if len(c.ran) != 2 {
		t.Errorf("%d runs", len(c.ran))
	}
}

func TestQuickAndBudget(t *testing.T) {
	long := make([]time.Duration, 5)
	for i := range long {
		long[i] = time.Duration(i + 1)
	}
	c := &clockwork{took: map[string][]time.Duration{"tell base": long, "idle base": long, "soak base": long}}
	base := &systems.System{Name: "base"}
	tell, idle, soak := c.workload("tell"), c.workload("idle"), c.workload("soak")
	tell.Rounds = 9
	idle.Rounds = 3
	soak.Quick = 0
	plan := Plan{
		Workloads: []*workloads.Workload{tell, idle, soak}, Systems: []*systems.System{base},
		Titles: []string{"tell", "idle", "soak"}, Baseline: base, Rounds: 4,
	}
	rounds := func() (n []int) {
		t.Helper()
		c.ran = nil
		rs, err := plan.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rs {
			n = append(n, r.Rounds)
		}
		return n
	}
	if n := rounds(); !slices.Equal(n, []int{4, 3, 4}) {
		t.Errorf("rounds: %v", n)
	}
	plan.Quick = true
	if n := rounds(); !slices.Equal(n, []int{3, 1}) {
		t.Errorf("rounds with Quick: %v", n)
	}
	plan.Budget = 1 // is over at once, but each has its first round
	if n := rounds(); !slices.Equal(n, []int{1, 1}) {
		t.Errorf("rounds with a budget: %v", n)
	}
}

func TestAloneIsUsed(t *testing.T) {
	c := &clockwork{took: map[string][]time.Duration{"idle base": {1}}}
	base := &systems.System{Name: "base"}
	idle := c.workload("idle")
	idle.Alone = true
	plan := Plan{
		Workloads: []*workloads.Workload{idle}, Systems: []*systems.System{base}, Titles: []string{"idle"}, Rounds: 1,
		Alone: func(_ context.Context, _ *workloads.Workload, _ *systems.System, ops int) (Sample, error) {
			return Sample{Ops: ops, Elapsed: 70}, nil
		},
	}
	rs, err := plan.Run(context.Background())
	if err != nil || len(rs) != 1 || rs[0].NS != 7 || rs[0].Ratio != 0 || len(c.ran) != 0 {
		t.Errorf("%+v, %v; ran here: %q", rs, err, c.ran)
	}
}

func TestBytes(t *testing.T) {
	w := &workloads.Workload{
		Name: "idle", Ops: 10, Rounds: 1,
		Figures: []workloads.Figure{{Title: "idle", Unit: workloads.Bytes}, {Title: "idle/rss", Unit: workloads.Bytes}},
		Has:     func(*systems.System) bool { return true },
		Run: func(m *workloads.Meter, s *systems.System, ops int) error {
			m.Elapsed = 50
			m.Report("idle", map[string]float64{"base": 4000, "other": 1000}[s.Name])
			return nil // without /rss, which is not known everywhere
		},
	}
	base, other := &systems.System{Name: "base"}, &systems.System{Name: "other"}
	plan := Plan{
		Workloads: []*workloads.Workload{w}, Systems: []*systems.System{base, other},
		Titles: w.Titles(), Baseline: base, Rounds: 1,
	}
	rs, err := plan.Run(context.Background())
	want := []Result{
		{Workload: "idle", System: "base", Unit: workloads.Bytes, NS: 5, Ratio: 1, RatioLow: 1, RatioHigh: 1, Bytes: 4000, Rounds: 1},
		{Workload: "idle", System: "other", Unit: workloads.Bytes, NS: 5, Ratio: 0.25, RatioLow: 0.25, RatioHigh: 0.25, Bytes: 1000, Rounds: 1},
	}
	if err != nil || !slices.Equal(rs, want) {
		t.Errorf("%+v, %v", rs, err)
	}
}
