package supervisor

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestSUPBackoffTable(t *testing.T) {
	const ms = time.Millisecond
	half := func() float64 { return 0.5 }
	for _, row := range []struct {
		what string
		b    Backoff
		want []time.Duration
	}{
		{"defaults", Backoff{}, []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms,
			3200 * ms, 6400 * ms, 12800 * ms, 25600 * ms, 30 * time.Second, 30 * time.Second}},
		{"capped", Backoff{Min: 10 * ms, Max: 35 * ms}, []time.Duration{10 * ms, 20 * ms, 35 * ms, 35 * ms}},
		{"a power of two as cap", Backoff{Min: 10 * ms, Max: 40 * ms},
			[]time.Duration{10 * ms, 20 * ms, 40 * ms, 40 * ms}},
		{"constant", Backoff{Min: 10 * ms, Max: 10 * ms}, []time.Duration{10 * ms, 10 * ms, 10 * ms}},
		{"Min above the default Max", Backoff{Min: time.Minute}, []time.Duration{time.Minute, time.Minute}},
		{"jitter", Backoff{Min: 10 * ms, Max: 35 * ms, Jitter: 0.2, Rand: half},
			[]time.Duration{9 * ms, 18 * ms, 31500 * time.Microsecond}},
		{"all of it jitter", Backoff{Min: 10 * ms, Jitter: 1, Rand: half}, []time.Duration{5 * ms, 10 * ms}},
	} {
		for n, want := range row.want {
			if got := row.b.delay(n); got != want {
				t.Errorf("%s: delay(%d) = %v, want %v", row.what, n, got, want)
			}
		}
	}
}

// However often a child was restarted and however large the times are, nothing
// overflows, and no delay is shorter than the one before it.
func TestSUPBackoffNeverOverflows(t *testing.T) {
	for _, b := range []Backoff{
		{},
		{Min: 1, Max: math.MaxInt64},
		{Min: math.MaxInt64, Max: math.MaxInt64},
		{Min: math.MaxInt64 / 3, Max: math.MaxInt64},
		{Min: 3, Max: math.MaxInt64 - 1},
	} {
		d := b.withDefaults()
		last := time.Duration(0)
		for n := range 300 {
			got := b.delay(n)
			if got < d.Min || got > d.Max || got < last {
				t.Errorf("%+v: delay(%d) = %d after %d", b, n, got, last)
			}
			last = got
		}
		if b.delay(math.MaxInt) != d.Max {
			t.Errorf("%+v: delay(MaxInt) = %d", b, b.delay(math.MaxInt))
		}
	}
}

// L16: the same seed makes the same delays, all of them within the jitter's part.
func TestSUPBackoffJitterIsSeeded(t *testing.T) {
	delays := func(seed uint64) (ds [20]time.Duration) {
		b := Backoff{Min: time.Second, Max: time.Second, Jitter: 0.25, Rand: rand.New(rand.NewPCG(seed, 0)).Float64}
		for n := range ds {
			ds[n] = b.delay(n)
			if ds[n] < 750*time.Millisecond || ds[n] > time.Second {
				t.Errorf("seed %d: delay(%d) = %v", seed, n, ds[n])
			}
		}
		return ds
	}
	if again := delays(1); delays(1) != again {
		t.Error("one seed, two series of delays")
	}
	if delays(1) == delays(2) {
		t.Error("the seed does not matter")
	}
}
