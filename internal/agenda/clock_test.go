package agenda_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/agenda"
	"github.com/bruskajp/nano_services/internal/clock"
)

// bell is what becomes due on a tower's clock.
type bell struct {
	name string
	due  agenda.Date
}

func (b *bell) date() *agenda.Date { return &b.due }

// tower writes down which bells have rung.
type tower struct {
	*agenda.Clock[*bell]
	step  func(*bell) // nil: none
	rung  []string
	to    int // how many are to become due
	times []time.Duration
	begun time.Time
}

func newTower() *tower {
	w := &tower{begun: time.Now()}
	w.Clock = agenda.NewClock((*bell).date, w.ring, func(n int) { w.to = n })
	return w
}

func (w *tower) fire(b *bell) {
	w.rung = append(w.rung, b.name)
	w.times = append(w.times, time.Since(w.begun))
}

func (w *tower) ring() {
	w.Lock()
	defer w.Unlock()
	w.Rang(w.step, w.fire)
}

func (w *tower) start(b *bell, d time.Duration, alone bool) {
	w.Lock()
	defer w.Unlock()
	w.Start(b, d, alone, w.fire)
}

// says fails unless those have rung since it was asked last, and so many are to come.
func (w *tower) says(t *testing.T, to int, rung ...string) {
	t.Helper()
	synctest.Wait()
	w.Lock()
	defer w.Unlock()
	if !slices.Equal(w.rung, rung) || w.to != to || w.Set() != (to > 0) {
		t.Errorf("%q have rung, %d are to come, set: %t; want %q, and %d", w.rung, w.to, w.Set(), rung, to)
	}
	w.rung = nil
}

// What is due comes when it is due, in its order, and what was taken back does not.
func TestTIMERClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTower()
		a, b, c, d := &bell{name: "a"}, &bell{name: "b"}, &bell{name: "c"}, &bell{name: "d"}
		w.start(c, 3*time.Second, false)
		w.start(a, time.Second, false)
		w.start(b, time.Second, false)
		w.start(d, 2*time.Second, false)
		w.says(t, 4)
		time.Sleep(time.Second)
		w.says(t, 2, "a", "b")
		w.Lock()
		w.Remove(d)
		w.Remove(d)
		w.Unlock()
		time.Sleep(time.Second)
		w.says(t, 1)
		w.Lock()
		w.Enter(c, clock.Later(clock.Now(), 5*time.Second)) // later
		w.Enter(a, clock.Later(clock.Now(), time.Second))   // again
		w.Unlock()
		time.Sleep(4 * time.Second)
		w.says(t, 1, "a")
		time.Sleep(time.Second)
		w.says(t, 0, "c")
		if want := []time.Duration{time.Second, time.Second, 3 * time.Second, 7 * time.Second}; !slices.Equal(w.times, want) {
			t.Errorf("at %v, want %v", w.times, want)
		}
		w.start(a, time.Second, false)
		w.Lock()
		w.End()
		w.Enter(b, clock.Now())
		w.Unlock()
		w.start(c, 0, false)
		time.Sleep(time.Minute)
		w.says(t, 0)
	})
}

// What is due at once comes before Start returns, behind what is due already, or alone.
func TestTIMERClockAtOnce(t *testing.T) {
	for alone, want := range map[bool][]string{false: {"a", "b"}, true: {"b"}} {
		synctest.Test(t, func(t *testing.T) {
			w := newTower()
			a, b := &bell{name: "a"}, &bell{name: "b"}
			w.start(&bell{name: "first"}, -time.Second, alone)
			w.says(t, 0, "first")
			w.Lock() // the alarm waits for it
			w.Start(a, time.Second, alone, w.fire)
			time.Sleep(time.Second)
			w.Start(b, 0, alone, w.fire)
			if !slices.Equal(w.rung, want) {
				t.Errorf("alone: %t: %q have rung, want %q", alone, w.rung, want)
			}
			w.rung = nil
			w.Unlock()
			if alone {
				w.says(t, 0, "a")
			} else {
				w.says(t, 0)
			}
		})
	}
}

// With steps each is asked for in turn, and what is taken back or moved meanwhile, or enters
// the agenda, is as if it had been so before.
func TestTIMERClockInSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTower()
		a, b, c, d := &bell{name: "a"}, &bell{name: "b"}, &bell{name: "c"}, &bell{name: "d"}
		w.step = func(e *bell) {
			w.Lock()
			defer w.Unlock()
			w.rung = append(w.rung, "step "+e.name)
			switch e {
			case a:
				w.Remove(b)
				w.Enter(c, clock.Later(clock.Now(), time.Second))
			case d:
				w.Rang(nil, w.fire) // which is at work
				w.Remove(d)
			}
		}
		for _, e := range []*bell{a, b, c, d} {
			w.start(e, time.Second, true)
		}
		time.Sleep(time.Second)
		w.says(t, 1, "step a", "a", "step d")
		time.Sleep(time.Second)
		w.says(t, 0, "step c", "c")
	})
}
