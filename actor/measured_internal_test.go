package actor

import (
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/instrument"
)

// The total is what was measured, to within what a float64 holds, and never falls; what the
// mean says is the total does.
func TestHistogramTotal(t *testing.T) {
	var h instrument.Histogram
	var last Histogram
	var sum, fell time.Duration
	for i := range 1000 {
		d := time.Duration(i*i) % 17
		if i > 900 {
			d *= time.Hour
		}
		h.Add(int64(d))
		sum += d
		now := histogramOf(&h)
		if want := sum.Seconds(); now.Total < last.Total || now.Total < want*(1-1e-12) || now.Total > want*(1+1e-12) {
			t.Fatalf("%d times are %v s in all, and not %v; before it were %v", now.Count, now.Total, want, last.Total)
		}
		if now.Mean*time.Duration(now.Count) < last.Mean*time.Duration(last.Count) {
			fell++
		}
		last = now
	}
	if fell == 0 {
		t.Error("this would not show a total that falls")
	}
	if s := histogramOf(nil); s.Total != 0 {
		t.Errorf("nothing takes %v s", s.Total)
	}
}
