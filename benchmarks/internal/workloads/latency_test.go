package workloads

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPercentile(t *testing.T) {
	sorted := make([]time.Duration, 1000)
	for i := range sorted {
		sorted[i] = time.Duration(i + 1)
	}
	for p, want := range map[float64]time.Duration{0: 1, 50: 501, 99: 991, 99.9: 1000, 100: 1000} {
		if got := percentile(sorted, p); got != want {
			t.Errorf("%v: %d, and not %d", p, got, want)
		}
	}
	if got := percentile(sorted[:1], 99.9); got != 1 {
		t.Errorf("of one: %d", got)
	}
}

func TestLatencies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		naps := []time.Duration{3, 1, 2, 5, 4}
		next := 0
		nap := func() error {
			time.Sleep(naps[next%len(naps)] * time.Second)
			next++
			return nil
		}
		took, err := latencies(5, time.Hour, nap)
		if err != nil || len(took) != 5 {
			t.Fatalf("%v, %v", took, err)
		}
		for i, d := range took {
			if d != time.Duration(i+1)*time.Second {
				t.Errorf("in order of length, number %d is %v", i, d)
			}
		}
		// Whoever is slow has less to do, but something.
		if took, err = latencies(1000, 7*time.Second, nap); err != nil || len(took) != 4 {
			t.Errorf("%v, %v", took, err)
		}
		if took, err = latencies(1000, 0, nap); err != nil || len(took) != 1 {
			t.Errorf("%v, %v", took, err)
		}
		failed := errors.New("failed")
		if _, err = latencies(5, time.Hour, func() error { return failed }); err != failed {
			t.Errorf("error: %v", err)
		}
	})
}

func TestPatience(t *testing.T) {
	if d := patience(1, time.Microsecond); d != 50*time.Millisecond {
		t.Errorf("for next to nothing: %v", d)
	}
	if d := patience(1000, time.Millisecond); d != 2*time.Second {
		t.Errorf("for a thousand: %v", d)
	}
}
