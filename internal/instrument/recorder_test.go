package instrument

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
)

// A reader gets the last closures, in order, while pages are written and replaced.
func TestRecorderPages(t *testing.T) {
	const keep, n = 5, 10_000
	r := &Recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range n {
			r.Keep(Entry{Begun: int64(i)}, keep)
		}
	}()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		all := r.Trail().Entries()
		if len(all) > keep {
			t.Fatalf("%d of %d", len(all), keep)
		}
		for i := 1; i < len(all); i++ {
			if all[i].Begun != all[i-1].Begun+1 {
				t.Fatalf("%v", all)
			}
		}
		if over && (len(all) != keep || all[keep-1].Begun != n-1) {
			t.Errorf("at the end: %v", all)
		}
	}
}

// The one word that says when a closure began, and which.
func TestRecorderTimingIsOneWord(t *testing.T) {
	for _, at := range []int64{1 << 20, 1<<54 - 5000, 1 << 60, -1 << 40} {
		for _, taken := range []uint64{1, 1<<20 + 7, 1<<50 + 3} {
			var w timing
			w.set(at, taken)
			age, ok := w.age(taken, at+int64(time.Hour))
			if d := age - time.Hour; !ok || d > 2048 || d < -2048 {
				t.Errorf("%d, %d: an hour later the age is %v, %v", at, taken, age, ok)
			}
			if _, ok := w.age(taken+1, at); ok {
				t.Errorf("%d, %d: taken for the next", at, taken)
			}
		}
	}
	if _, ok := new(timing).age(0, 0); ok {
		t.Error("nothing has an age")
	}
}

// What is seen of which nothing else is known has the age of its sighting, and what has
// another number is something else.
func TestSightingIsOfANumber(t *testing.T) {
	var s Sighting
	for _, row := range []struct {
		number uint64
		at     int64
		want   time.Duration
	}{
		{1, 100, 0}, {1, 150, 50}, {1, 300, 200}, {2, 310, 0}, {2, 311, 1}, {1, 320, 0},
	} {
		if age := s.Age(row.number, row.at); age != row.want {
			t.Errorf("%+v: %d", row, age)
		}
	}
}

// A recorder does at random what its table says, against a model of that, in virtual time.
func TestRecorderIsItsTable(t *testing.T) {
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			modelRecorder(t, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

func modelRecorder(t *testing.T, rng *rand.Rand) {
	const none, begun, timed = 0, 1, 2
	r, state := new(Recorder).Next(), none
	var now Entry
	var taken, timedAs uint64 // the latest; the latest that was timed
	var last int64            // when that ended; 0: other things came between
	var kept []Entry
	own := 0 // of them, since it is this recorder
	check := func(ok bool, format string, args ...any) {
		t.Helper()
		if !ok {
			t.Fatalf(format, args...)
		}
	}
	for range 100 {
		time.Sleep(time.Duration(rng.IntN(3)) * time.Millisecond)
		switch rng.IntN(8) {
		case 0, 1:
			r.Begin()
			state = begun
			taken++
		case 2, 3:
			if state != begun {
				continue
			}
			sent := []int64{0, clock.Now() - 5, clock.Now() + 5}[rng.IntN(3)]
			if last == 0 || taken != timedAs+1 {
				last = clock.Now()
			}
			now = Entry{PC: uintptr(taken), Site: uintptr(rng.IntN(2)), Wait: Unknown, Begun: last}
			if sent != 0 {
				now.Wait = max(0, last-sent)
			}
			state, timedAs = timed, taken
			wait := r.Time(taken, now.PC, now.Site, sent)
			check(wait == now.Wait, "waited %d, want %d", wait, now.Wait)
		case 4, 5:
			crashed := int64(0)
			if rng.IntN(3) == 0 {
				crashed = clock.Now() - 1
			}
			e, ok := r.End(crashed)
			check(ok == (state == timed), "ended: %t in state %d", ok, state)
			if ok {
				if last = crashed; last == 0 {
					last = clock.Now()
				}
				now.Run, now.Crashed = last-now.Begun, crashed != 0
				check(e == now, "%+v, want %+v", e, now)
				r.Keep(e, 4)
				kept = append(kept, e)
				own++
			}
			state = none
		case 6:
			if rng.IntN(2) == 0 {
				r.Forget()
				state = none
			} else {
				r.Rest()
				last = 0
			}
		default:
			was := r
			if over := rng.IntN(2) == 0; over {
				r.HandOver()
				r = r.Next()
				check(r == was, "what was handed over is not used again")
			} else if r = r.Next(); true {
				check(r != was, "a goroutine that goes on shares its recorder")
				timedAs, own = 0, 0
			}
			state, last = none, 0
		}
		check(r.Open() == (state != none), "open is %t in state %d", r.Open(), state)
		site := uintptr(0)
		if state == timed {
			site = now.Site
		}
		check(r.Site() == site, "site is %d, want %d", r.Site(), site)
		got := r.Trail().Entries()
		check(len(got) <= 4 && len(got) >= min(4, own), "%d are kept of %d", len(got), own)
		for i, e := range tail(got, kept) {
			check(e[0] == e[1], "%d of the trail: %+v, want %+v", i, e[0], e[1])
		}
	}
}

// tail pairs what is kept with the latest of what was.
func tail(got, kept []Entry) (pairs [][2]Entry) {
	for i := range got {
		pairs = append(pairs, [2]Entry{got[len(got)-1-i], kept[len(kept)-1-i]})
	}
	return pairs
}

func TestRecorderThatIsNil(t *testing.T) {
	var r *Recorder
	r.Rest()
	r.HandOver()
	if len(r.Trail().Entries()) != 0 || r.Next() == nil {
		t.Error("not as one that has recorded nothing")
	}
}
