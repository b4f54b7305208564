package slow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/slow"
	"github.com/bruskajp/nano_services/internal/where"
)

// owner does what the test says: busy, between two things, or parked.
type owner struct {
	w *slow.Watch

	mu      sync.Mutex
	is      slow.Look
	what    string
	reports []string
}

func watched(threshold time.Duration) *owner {
	o := &owner{is: slow.Look{Parked: true}}
	o.w = slow.NewWatch(threshold, o.look, func(_ where.Place, age time.Duration) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.reports = append(o.reports, fmt.Sprint(o.what, " ", int(age/time.Second)))
	})
	return o
}

func (o *owner) look() slow.Look {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.is
}

func (o *owner) becomes(is slow.Look, what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.is, o.what = is, what
}

// does has the owner take something.
func (o *owner) does(what string) { o.takes(what, o.look().Number+1) }

func (o *owner) takes(what string, number uint64) {
	if o.look().Parked {
		o.w.On()
	}
	o.becomes(slow.Look{Number: number, Busy: true}, what)
}

func (o *owner) rests() { o.becomes(slow.Look{Number: o.look().Number}, "") }
func (o *owner) parks() { o.becomes(slow.Look{Number: o.look().Number, Parked: true}, "") }

// reported returns what was reported since it was called last.
func (o *owner) reported() (all []string) {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	all, o.reports = o.reports, nil
	return all
}

// Each row of the table, with a threshold of 10 s: what the owner does when, and what is
// reported, with the age since the watch saw it first.
func TestL10WatchOnWhatIsSlow(t *testing.T) {
	type step struct {
		at int // seconds
		do func(*owner)
	}
	do := func(what string) func(*owner) { return func(o *owner) { o.does(what) } }
	for _, row := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"nothing to watch", nil, nil},
		{"fast", []step{{0, do("a")}, {9, (*owner).parks}}, nil},
		{"seen, and fast", []step{{0, do("a")}, {15, (*owner).parks}}, nil},
		{"slow", []step{{0, do("a")}, {25, (*owner).parks}}, []string{"a 10"}},
		{"begun behind the timer", []step{{0, do("a")}, {1, do("b")}, {25, (*owner).parks}}, []string{"b 10"}},
		{"one after the other", []step{{0, do("a")}, {11, do("b")}, {21, do("c")}, {31, do("d")}, {39, (*owner).parks}}, nil},
		{"between two", []step{{0, do("a")}, {9, (*owner).rests}, {11, do("b")}, {35, (*owner).parks}}, []string{"b 10"}},
		{"soon after one that took long", []step{{0, do("a")}, {400, do("b")}, {421, (*owner).parks}},
			[]string{"a 10", "a 30", "a 70", "a 150", "a 310", "b 10"}},
		{"slow twice", []step{{0, do("a")}, {21, do("b")}, {55, (*owner).parks}}, []string{"a 10", "b 10"}},
		{"for ever", []step{{0, do("a")}},
			[]string{"a 10", "a 30", "a 70", "a 150", "a 310", "a 630", "a 1270", "a 2550"}},
		{"off", []step{{0, do("a")}, {15, func(o *owner) { o.w.Off() }}}, nil},
		{"off twice, and on again", []step{{0, do("a")}, {5, func(o *owner) { o.w.Off(); o.w.Off(); o.parks() }}, {7, do("b")}, {28, (*owner).parks}},
			[]string{"b 10"}},
		{"parked, and on again", []step{{0, do("a")}, {5, (*owner).parks}, {100, do("b")}, {121, (*owner).parks}}, []string{"b 10"}},
		{"a number again", []step{{0, do("a")}, {11, (*owner).parks}, {30, func(o *owner) { o.takes("b", o.look().Number) }}, {49, (*owner).parks}}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, begun := watched(10*time.Second), time.Now()
				for _, s := range row.steps {
					time.Sleep(time.Until(begun.Add(time.Duration(s.at)*time.Second + 1)))
					s.do(o)
				}
				time.Sleep(24 * time.Hour)
				if got := o.reported(); !slices.Equal(got, row.want) {
					t.Errorf("%q, want %q", got, row.want)
				}
			})
		})
	}
}

// Whatever an owner does at random, what is reported is what it is busy with and takes
// longer than the threshold, and what takes twice as long is reported.
func TestL10WatchFindsAllThatIsSlow(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			const threshold = 10 * time.Second
			rng := rand.New(rand.NewPCG(seed, 0))
			o := watched(threshold)
			for i := range 50 {
				what := fmt.Sprintf("%d.", i)
				o.does(what)
				took := time.Duration(rng.Int64N(int64(3 * threshold)))
				time.Sleep(took)
				got := o.reported()
				switch n := len(got); {
				case n > 0 && took <= threshold:
					t.Fatalf("seed %d: %q, but %s took %v", seed, got, what, took)
				case n == 0 && took > 2*threshold:
					t.Fatalf("seed %d: %s took %v", seed, what, took)
				case n > 0 && got[0] != what+" 10":
					t.Fatalf("seed %d: %q instead of %s", seed, got, what)
				}
				switch rng.IntN(3) {
				case 0:
					o.rests()
					time.Sleep(time.Duration(rng.Int64N(int64(threshold))))
				case 1:
					o.parks()
					time.Sleep(time.Duration(rng.Int64N(int64(4 * threshold))))
				}
			}
			o.parks()
		})
	}
}

// The stack that a watch knows is that of the goroutine on which its owner works, until Off.
func TestL10WatchKnowsTheStackOfItsOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, free := watched(10*time.Second), make(chan struct{})
		knows := func(want string) {
			t.Helper()
			time.Sleep(2 * time.Minute) // a stack is dumped once in a minute
			if text := o.w.Stack.Text(); !strings.Contains(text, want) {
				t.Errorf("no %q in %q", want, text)
			}
		}
		knows("not known")
		for range 2 { // on one goroutine after the other
			go worksOnce(o, free)
			synctest.Wait()
			knows("worksOnce")
			free <- struct{}{}
			synctest.Wait()
			knows("not known")
		}
		o.w = nil // a watch that was not asked for
		o.w.On()
		o.w.Off()
	})
}

func worksOnce(o *owner, free <-chan struct{}) {
	o.does("a")
	<-free
	o.parks()
	o.w.Off()
}
