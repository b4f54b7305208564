package harness

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

func TestTurn(t *testing.T) {
	for round, want := range [][]int{{0, 1}, {1, 0}, {1, 0}, {0, 1}, {0, 1}} {
		if got := turn(2, round); !slices.Equal(got, want) {
			t.Errorf("round %d of two: %v, and not %v", round, got, want)
		}
	}
	for n := 1; n <= 9; n++ {
		var sum = make([]int, n)      // of the places of each system
		var places = make([][]int, n) // how often each system was in each place
		for i := range places {
			places[i] = make([]int, n)
		}
		for round := range 2 * n {
			for place, system := range turn(n, round) {
				places[system][place]++
				sum[system] += place
			}
			// After every two rounds, none has been earlier than the others.
			if round%2 == 1 && slices.Max(sum) != slices.Min(sum) {
				t.Errorf("%d systems, after round %d: sums of places %v", n, round, sum)
			}
		}
		for system, counts := range places {
			if slices.Max(counts) != 2 || slices.Min(counts) != 2 {
				t.Errorf("%d systems: number %d was so often in each place: %v", n, system, counts)
			}
		}
	}
}

func TestFill(t *testing.T) {
	for name, c := range map[string]struct {
		setup, each time.Duration
		want        int
	}{
		"slow":              {0, 10 * time.Millisecond, 2},
		"slower":            {0, time.Second, 1},
		"quick":             {0, 10, 2_000_000},
		"with a long start": {time.Millisecond, 1000, 19_000},
		"in no time":        {0, 0, 0},
	} {
		tries := 0
		var last Sample
		ops, err := fill(20*time.Millisecond, func(ops int) (Sample, error) {
			tries++
			last = Sample{Ops: ops, Elapsed: c.setup + time.Duration(ops)*c.each}
			if name == "in no time" && tries == 3 {
				last.Elapsed = time.Second // nothing would ever fill a slice
			}
			return last, nil
		})
		if err != nil || tries > 6 || last.Elapsed < 10*time.Millisecond {
			t.Errorf("%s: %v, after %d tries, the last of %v", name, err, tries, last.Elapsed)
		}
		if off := float64(ops)/float64(max(c.want, 1)) - 1; c.want > 0 && (off < -0.06 || off > 0.06) {
			t.Errorf("%s: %d operations, and not %d", name, ops, c.want)
		}
	}
	failed := errors.New("failed")
	if _, err := fill(1, func(int) (Sample, error) { return Sample{}, failed }); err != failed {
		t.Errorf("error: %v", err)
	}
}

// steady is a workload that is run as slices, of which each operation takes as long as
// each says for its system.
func steady(each map[string]time.Duration, ran func(system string, ops int)) *workloads.Workload {
	return &workloads.Workload{
		Name: "tell",
		Has:  func(s *systems.System) bool { return each[s.Name] > 0 },
		Run: func(m *workloads.Meter, s *systems.System, ops int) error {
			m.Elapsed = time.Duration(ops) * each[s.Name]
			ran(s.Name, ops)
			return nil
		},
	}
}

func TestSlices(t *testing.T) {
	var ran []string
	ops := make(map[string]int) // of the latest run
	w := steady(map[string]time.Duration{"base": 1000, "fast": 500}, func(system string, n int) {
		ran = append(ran, system)
		ops[system] = n
	})
	base, fast := &systems.System{Name: "base"}, &systems.System{Name: "fast"}
	plan := Plan{
		Workloads: []*workloads.Workload{w}, Systems: []*systems.System{base, fast}, Titles: w.Titles(),
		Baseline: base, Rounds: 5, Slice: 20 * time.Millisecond,
	}
	for _, alike := range []bool{false, true} {
		plan.Alike, ran = alike, nil
		rs, err := plan.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(rs) != 2 || rs[1].NS != 500 || rs[1].Ratio != 0.5 || rs[1].Rounds != 5 {
			t.Errorf("%+v", rs)
		}
		want := map[bool]int{false: 40_000, true: 20_000}[alike]
		if ops["base"] != 20_000 || ops["fast"] != want {
			t.Errorf("alike: %t: operations in a slice: %v", alike, ops)
		}
		order := []string{"base", "fast", "fast", "base", "fast", "base", "base", "fast", "base", "fast"}
		if got := ran[len(ran)-len(order):]; !slices.Equal(got, order) {
			t.Errorf("the order was %q", got)
		}
	}
}

// TestTimeBoundsRounds has no number of rounds, and ends when the time is over.
func TestTimeBoundsRounds(t *testing.T) {
	base := &systems.System{Name: "base"}
	runs := 0
	w := steady(map[string]time.Duration{"base": 1000}, func(string, int) { runs++ })
	plan := Plan{
		Workloads: []*workloads.Workload{w}, Systems: []*systems.System{base}, Titles: w.Titles(),
		Slice: time.Millisecond, Budget: 1, // is over at once, but there is a first round
		Progress: func(_, total int, _ *workloads.Workload, _ *systems.System) {
			if total != -1 {
				t.Errorf("there will be %d runs", total)
			}
		},
	}
	rs, err := plan.Run(context.Background())
	if err != nil || len(rs) != 1 || rs[0].Rounds != 1 {
		t.Errorf("%+v, %v", rs, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	runs = 0
	if _, err := plan.Run(ctx); !errors.Is(err, context.Canceled) || runs != 0 {
		t.Errorf("with an ended context: %v, %d runs", err, runs)
	}
}
