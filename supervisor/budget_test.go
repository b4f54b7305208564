package supervisor

import (
	"math/rand/v2"
	"testing"
	"time"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestSUPBudgetDefaults(t *testing.T) {
	for _, row := range []struct {
		spec   Spec
		limit  int
		period time.Duration
	}{
		{Spec{}, 3, 5 * time.Second},
		{Spec{MaxRestarts: 1}, 1, 5 * time.Second},
		{Spec{MaxRestarts: 7, Period: time.Hour}, 7, time.Hour},
		{Spec{MaxRestarts: NoRestarts}, 0, 5 * time.Second},
		{Spec{MaxRestarts: Unlimited}, -1, 5 * time.Second},
	} {
		b := newBudget(&row.spec)
		if b.limit != row.limit || b.period != row.period {
			t.Errorf("MaxRestarts %d, Period %v: %d in %v, want %d in %v",
				row.spec.MaxRestarts, row.spec.Period, b.limit, b.period, row.limit, row.period)
		}
	}
}

// Each row is a history of restarts, as times after the first, against a budget
// of two in a second; the last one is what is asked about.
func TestSUPBudgetBoundaries(t *testing.T) {
	const s = time.Second
	for _, row := range []struct {
		what string
		at   []time.Duration
		ok   bool
	}{
		{"the first", []time.Duration{0}, true},
		{"as many as allowed", []time.Duration{0, 0}, true},
		{"one more", []time.Duration{0, 0, 0}, false},
		{"just before the period is over", []time.Duration{0, 0, s - 1}, false},
		{"one period back still counts", []time.Duration{0, 0, s}, false},
		{"a nanosecond later it does not", []time.Duration{0, 0, s + 1}, true},
		{"one of two has left the window", []time.Duration{0, s / 2, s + 1}, true},
		{"but not both", []time.Duration{0, s / 2, s + 1, s + 2}, false},
		{"the window slides", []time.Duration{0, s / 2, s + 1, s*3/2 + 1}, true},
	} {
		b := newBudget(&Spec{MaxRestarts: 2, Period: s})
		got := true
		for _, at := range row.at {
			got = b.spend(epoch.Add(at))
		}
		if got != row.ok {
			t.Errorf("%s %v: %v", row.what, row.at, got)
		}
	}
}

func TestSUPBudgetOfNoneAndOfAny(t *testing.T) {
	none, always := newBudget(&Spec{MaxRestarts: NoRestarts}), newBudget(&Spec{MaxRestarts: Unlimited})
	for i := range 1000 {
		now := epoch.Add(time.Duration(i) * time.Hour)
		if none.spend(now) {
			t.Fatal("NoRestarts allowed one")
		}
		if !always.spend(now) {
			t.Fatal("Unlimited refused one")
		}
	}
	if len(always.spent) != 0 {
		t.Error("an unlimited budget keeps a record")
	}
}

// The naive model: all restarts that were granted, counted each time.
func TestSUPBudgetAgainstModel(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		limit, period := 1+r.IntN(5), time.Duration(1+r.IntN(20))
		b := newBudget(&Spec{MaxRestarts: limit, Period: period})
		var granted []time.Time
		now := epoch
		for range 80 {
			now = now.Add(time.Duration(r.IntN(8)))
			recent := 0
			for _, g := range granted {
				if now.Sub(g) <= period {
					recent++
				}
			}
			want := recent < limit
			if want {
				granted = append(granted, now)
			}
			if got := b.spend(now); got != want {
				t.Fatalf("seed %d, %d in %v: %v at %v, want %v", seed, limit, period, got, now.Sub(epoch), want)
			}
			if len(b.spent) > limit {
				t.Fatalf("seed %d: a record of %d restarts for a limit of %d", seed, len(b.spent), limit)
			}
		}
	}
}
