package actor_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// tolerance is how wrong the time of a long closure that was not measured may be.
const tolerance = 5 * time.Microsecond

// runAll has a service run closures that take as long as that: one behind the other, or
// each after the service has slept. It returns how long they took as the service saw it.
func runAll(t *testing.T, takes []time.Duration, apart bool, opts ...actor.Option) (i actor.Info) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&plain{}, append(opts, quiet(), actor.WithTimes())...)
		b := occupy(t, svc)
		if apart {
			b.letGo()
		}
		for _, d := range takes {
			do(t, svc, func(*plain) { time.Sleep(d) })
			if apart {
				time.Sleep(time.Second)
			}
		}
		if !apart {
			b.letGo()
		}
		stop(t, svc)
		i = svc.Info()
	})
	return i
}

// longOnes returns how many closures of a histogram took 10 µs or longer.
func longOnes(h actor.Histogram) (n uint64) {
	for _, b := range h.Buckets {
		if b.UpTo >= 10*time.Microsecond {
			n += b.Count
		}
	}
	return n
}

// expectRuns compares a histogram with what it is of: short closures and n long ones.
// The closure of occupy is one of them and takes no time.
func expectRuns(t *testing.T, h actor.Histogram, takes []time.Duration, n uint64, longest time.Duration) {
	t.Helper()
	var sum time.Duration
	for _, d := range takes {
		sum += d
	}
	if got := longOnes(h); got != n {
		t.Errorf("%d long closures of %d: %v", got, n, h)
	}
	if h.Max < longest-tolerance || h.Max > longest+tolerance {
		t.Errorf("the longest took %v, and not %v", h.Max, longest)
	}
	all := uint64(len(takes) + 1)
	if h.Count > all || h.Count+64 <= all {
		t.Errorf("%d closures of %d", h.Count, all)
	}
	seen, slack := h.Mean*time.Duration(h.Count), time.Duration(n)*tolerance+64*time.Microsecond
	if seen < sum-slack || seen > sum+slack {
		t.Errorf("together they took %v, and not %v", seen, sum)
	}
}

// mixed returns short times, and a long one at every so many, from first on.
func mixed(n int, short, long time.Duration, first, every int) (takes []time.Duration) {
	for i := range n {
		if i >= first && (i-first)%every == 0 {
			takes = append(takes, long)
		} else {
			takes = append(takes, short)
		}
	}
	return takes
}

// Long closures among many short ones are found, each counts once and has its time,
// wherever they are and however often the clock is read.
func TestTimesOfLongAmongShort(t *testing.T) {
	for _, of := range []struct {
		name        string
		n, every    int
		short, long time.Duration
		longs       uint64
	}{
		{"20 of 10 ms", 1220, 61, 100 * time.Nanosecond, 10 * time.Millisecond, 20},
		{"in turn", 1000, 2, 100 * time.Nanosecond, time.Millisecond, 500},
		{"close together", 1000, 7, 100 * time.Nanosecond, time.Millisecond, 143},
		{"just long", 1220, 61, 70 * time.Nanosecond, 20 * time.Microsecond, 20},
		{"short ones of 3 µs", 1220, 61, 3 * time.Microsecond, 10 * time.Millisecond, 20},
		{"of no time", 1220, 61, 0, 10 * time.Millisecond, 20},
		{"none", 1220, 1 << 20, 100 * time.Nanosecond, 100 * time.Nanosecond, 0},
	} {
		t.Run(of.name, func(t *testing.T) {
			for _, apart := range []bool{false, true} {
				takes := mixed(of.n, of.short, of.long, 0, of.every)
				expectRuns(t, runAll(t, takes, apart).Runs, takes, of.longs, of.long)
			}
		})
	}
}

// One closure of 200 ms among short ones is found at every place.
func TestTimesOfOneAtEveryPlace(t *testing.T) {
	const n = 266
	for place := range n {
		takes := mixed(n, 100*time.Nanosecond, 200*time.Millisecond, place, n)
		expectRuns(t, runAll(t, takes, false).Runs, takes, 1, 200*time.Millisecond)
	}
}

// What docs/observing.rst says of several that are long where none was expected: they
// count as one that took as long as all, and the next ones are measured.
func TestTimesOfSeveralAtOnce(t *testing.T) {
	takes := mixed(400, 100*time.Nanosecond, time.Millisecond, 1000, 1)
	for i := 220; i < 223; i++ {
		takes[i] = time.Millisecond
	}
	takes[390] = time.Millisecond
	h := runAll(t, takes, false).Runs
	var sum time.Duration
	for _, d := range takes {
		sum += d
	}
	if n := longOnes(h); n < 2 || n > 4 || h.Max < time.Millisecond || h.Max > 3*time.Millisecond+tolerance {
		t.Errorf("%d long ones, at most %v", n, h.Max)
	}
	if seen := h.Mean * time.Duration(h.Count); seen < sum-2*tolerance || seen > sum+2*tolerance {
		t.Errorf("together %v, and not %v", seen, sum)
	}
}

// With a history or a recording every closure is measured, and counts for itself.
func TestTimesAreExactWithHistory(t *testing.T) {
	takes := mixed(1000, 100*time.Nanosecond, 2*time.Millisecond, 37, 100)
	for _, apart := range []bool{false, true} {
		i := runAll(t, takes, apart, actor.WithHistory(3))
		if i.Runs.Count != 1001 || i.Waits.Count != 1001 || longOnes(i.Runs) != 10 || i.Runs.Max != 2*time.Millisecond {
			t.Errorf("%d run times, %d waits, %d long ones, at most %v", i.Runs.Count, i.Waits.Count, longOnes(i.Runs), i.Runs.Max)
		}
		if want := (990*100*time.Nanosecond + 20*time.Millisecond) / 1001; i.Runs.Mean != want {
			t.Errorf("the mean is %v, and not %v", i.Runs.Mean, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&plain{}, quiet(), actor.WithTimes())
		for range 500 {
			do(t, svc, func(*plain) {})
		}
		synctest.Wait()
		before := svc.Info()
		svc.Record(2000)
		for range 1000 {
			do(t, svc, func(*plain) { time.Sleep(time.Microsecond) })
		}
		stop(t, svc)
		i, n := svc.Info(), uint64(0)
		for _, b := range i.Runs.Buckets {
			if b.UpTo >= time.Microsecond {
				n += b.Count
			}
		}
		if owed := 500 - before.Runs.Count; n != 1000+owed { // the next short one counts for them
			t.Errorf("%d of 1000 closures, and %d before", n, owed)
		}
		if i.Runs.Count != 1500 || i.Waits.Count-before.Waits.Count != 1000 {
			t.Errorf("%d run times of 1500, %d waits of 1000", i.Runs.Count, i.Waits.Count-before.Waits.Count)
		}
	})
}

// What a service runs while nobody asks for times is in no histogram, also if it is
// switched off and on without a pause.
func TestTimesSwitchedOffAndOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&plain{}, quiet(), actor.WithTimes())
		b := occupy(t, svc)
		short := func(*plain) { time.Sleep(100 * time.Nanosecond) }
		for range 220 {
			do(t, svc, short)
		}
		do(t, svc, func(*plain) { svc.Observe(actor.Instruments{}) })
		do(t, svc, func(*plain) { time.Sleep(time.Hour) })
		do(t, svc, func(*plain) { svc.Observe(actor.Instruments{Times: true}) })
		for range 220 {
			do(t, svc, short)
		}
		b.letGo()
		stop(t, svc)
		if h := svc.Info().Runs; h.Max > time.Microsecond || h.Count > 442 || h.Count < 300 {
			t.Errorf("%d, at most %v", h.Count, h.Max)
		}
	})
}
