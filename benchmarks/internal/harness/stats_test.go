package harness

import (
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	vs := []float64{5, 1, 4, 2, 3}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.25, 2}, {0.5, 3}, {0.75, 4}, {0.9, 4.6}, {1, 5}} {
		if got := Quantile(vs, c.q); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Quantile(%v) = %v, and not %v", c.q, got, c.want)
		}
	}
	if vs[0] != 5 {
		t.Error("the values were sorted in place")
	}
	if got := Quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %v", got)
	}
}

func TestMedian(t *testing.T) {
	for want, vs := range map[float64][]float64{
		7:   {7},
		2.5: {4, 1, 2, 3},
		3:   {1000, 3, 1}, // one that is far away changes little
	} {
		if got := Median(vs); got != want {
			t.Errorf("Median(%v) = %v, and not %v", vs, got, want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		vs   []float64
		want float64
	}{
		{[]float64{10}, 0},
		{[]float64{10, 10, 10}, 0},
		{[]float64{8, 9, 10, 11, 12}, 0.2},
		{[]float64{9, 9, 10, 11, 1000}, 0.2}, // what is outside of the middle half does not count
		{[]float64{0, 0, 0}, 0},
	} {
		if got := Spread(c.vs); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Spread(%v) = %v, and not %v", c.vs, got, c.want)
		}
	}
}

// TestConfidence compares with the binomial distribution itself.
func TestConfidence(t *testing.T) {
	if low, high := Confidence(nil); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("of nothing: %v and %v", low, high)
	}
	for n := 1; n <= 300; n++ {
		var vs []float64
		for i := range n {
			vs = append(vs, float64((i*7919)%n+1)) // 7919 is prime, so these are the ranks
		}
		// The largest rank for which at most 2.5 % lie below it.
		rank, sum, term := 0, 0.0, math.Pow(0.5, float64(n))
		for sum+term <= 0.025 {
			sum += term
			term *= float64(n-rank) / float64(rank+1)
			rank++
		}
		rank = max(rank, 1)
		low, high := Confidence(vs)
		if low > float64(rank) || low < float64(rank-1) || low+high != float64(n+1) {
			t.Errorf("of %d: %v and %v, and not %d and %d, or one wider", n, low, high, rank, n+1-rank)
		}
	}
}
