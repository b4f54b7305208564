package laws_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// runAll has a service run closures that take as long as that: one behind the other, or
// each after the service has slept. It returns how long they took as the service saw it.
func runAll(t *testing.T, takes []time.Duration, apart bool, opts ...actor.Option) (i actor.Info) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, append(opts, actortest.Quiet(), actor.WithTimes())...)
		b := actortest.Occupy(t, svc)
		if apart {
			b.LetGo()
		}
		for _, d := range takes {
			actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(d) })
			if apart {
				time.Sleep(time.Second)
			}
		}
		if !apart {
			b.LetGo()
		}
		actortest.Stop(t, svc)
		i = svc.Info()
	})
	return i
}

// Each closure is measured, alone and among others, short ones among long ones, with a
// history and without: how long it ran and how long it waited.
func TestTimesOfEachClosure(t *testing.T) {
	takes := make([]time.Duration, 1000)
	var sum, longest time.Duration
	for i := range takes {
		takes[i] = 100 * time.Nanosecond
		if i%100 == 37 {
			takes[i] = time.Duration(i) * time.Microsecond
		}
		sum, longest = sum+takes[i], max(longest, takes[i])
	}
	for _, opts := range [][]actor.Option{nil, {actor.WithHistory(3)}} {
		for _, apart := range []bool{false, true} {
			i := runAll(t, takes, apart, opts...)
			if i.Runs.Count != 1001 || i.Runs.Max != longest || i.Runs.Mean != sum/1001 {
				t.Errorf("%d run times, at most %v, %v in the mean; not 1001, %v, %v",
					i.Runs.Count, i.Runs.Max, i.Runs.Mean, longest, sum/1001)
			}
			waited := sum - takes[len(takes)-1] // the last one, for all before it
			if apart {
				waited = 0
			}
			if i.Waits.Count != 1001 || i.Waits.Max != waited {
				t.Errorf("%d waits, at most %v; not 1001, %v", i.Waits.Count, i.Waits.Max, waited)
			}
		}
	}
}

// What a service runs while nobody asks for times is in no histogram, also if it is
// switched off and on without a pause.
func TestTimesSwitchedOffAndOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithTimes())
		b := actortest.Occupy(t, svc)
		short := func(*actortest.Plain) { time.Sleep(100 * time.Nanosecond) }
		for range 220 {
			actortest.Do(t, svc, short)
		}
		actortest.Do(t, svc, func(*actortest.Plain) { svc.Observe(actor.Instruments{}) })
		actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Hour) })
		actortest.Do(t, svc, func(*actortest.Plain) { svc.Observe(actor.Instruments{Times: true}) })
		for range 220 {
			actortest.Do(t, svc, short)
		}
		b.LetGo()
		actortest.Stop(t, svc)
		if h := svc.Info().Runs; h.Max > time.Microsecond || h.Count < 441 || h.Count > 442 {
			t.Errorf("%d, at most %v", h.Count, h.Max)
		}
	})
}
