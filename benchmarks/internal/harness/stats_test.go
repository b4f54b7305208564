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
