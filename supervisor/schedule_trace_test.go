package supervisor_test

import (
	"runtime"
	"strings"
	"testing"
)

// differ returns the first lines in which two traces differ, for a message.
func differ(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			from := max(0, i-5)
			return strings.Join(as[from:i+1], "\n") + "\nor\n" + strings.Join(bs[from:i+1], "\n")
		}
	}
	return "one is longer"
}

// One seed gives one trace, in each of 30 runs, with one processor, two and eight.
func TestL16OneSeedOneTrace(t *testing.T) {
	want := trade(t, 1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		for i := range 30 {
			if got := trade(t, 1); got != want {
				t.Fatalf("run %d with GOMAXPROCS %d took another way:\n%s", i+1, procs, differ(want, got))
			}
		}
	}
}

// The seed is what decides: ten seeds give at least five traces.
func TestL16SeedsDiffer(t *testing.T) {
	traces := map[string]bool{}
	for seed := range uint64(10) {
		traces[trade(t, seed)] = true
	}
	if len(traces) < 5 {
		t.Errorf("%d traces from 10 seeds", len(traces))
	}
	t.Logf("%d traces from 10 seeds", len(traces))
}

// All that happens between services is a step, and has happened in the trace that the
// other tests look at.
func TestL16TraceHasAllSteps(t *testing.T) {
	trace := trade(t, 1)
	for _, want := range []string{
		"shop/back/stock begin", "shop/orders closure", "shop/orders resume", "shop/visitors resume",
		"shop/back decide", "shop/back/stock timer", "shop/visitors#1.12 timer", "shop/visitors#1.16 outcome", "shop/journal end",
		"shop/back/stock: incarnation 2", "shop/journal: incarnation 2", "shop/back/till: incarnation 2",
		"mailbox full", "stock crashed", "closed: <nil>",
	} {
		if !strings.Contains(trace, want) {
			t.Errorf("nothing like %q in the trace", want)
		}
	}
	if t.Failed() {
		t.Log(trace)
	}
}
