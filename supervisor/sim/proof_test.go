package sim

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

var quiet = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// long reports whether there is time: check.sh -long says so.
func long() bool { return os.Getenv("NANO_SIM_LONG") != "" }

// quickly returns a session for a search of the tests: seeds begin with base, and nothing is
// kept.
func quickly(t *testing.T, f func(*Sim), base uint64, opts ...Option) *session {
	o, err := newOptions(opts)
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(t, f, o)
	s.base, s.folder = base, t.TempDir()
	return s
}

// search does runs until one fails, at most so many, and returns how many it took and the one
// that failed.
func (s *session) search(most int) (runs int, sd seed, failed *run) {
	choices := 0
	for i := range most {
		sd = seed{"default", choices, mix(s.base + uint64(i))}
		if i > 0 {
			sd.strategy = s.opts.strategies[(i-1)%len(s.opts.strategies)]
		}
		r := s.once(sd, explore(sd), nil, false)
		if i == 0 {
			choices = r.choices
		}
		if r.failure != nil {
			return i + 1, sd, r
		}
	}
	return most, sd, nil
}

var bugs = []struct {
	name string
	f    func(*Sim)
	most int // three times what 95 of 100 searches take
	kind string
}{
	{"lost update", lostUpdate(5, 0, false), 33, "finally"},
	{"lost update behind 20 other things", lostUpdate(2, 20, false), 291, "finally"},
	{"cycle", cycle, 51, "deadlock"},
	{"lost write", lostWrite(false), 135, "finally"},
}

// Each bug is found in about as many runs as were measured.
func TestBugsAreFound(t *testing.T) {
	for _, b := range bugs {
		t.Run(b.name, func(t *testing.T) {
			for base := range uint64(5) {
				n, sd, r := quickly(t, b.f, base*1e6).search(b.most)
				if r == nil {
					t.Errorf("not found in %d runs from %d on", n, base*1e6)
					continue
				}
				if r.failure.kind != b.kind {
					t.Errorf("seed %v: %+v", sd, r.failure)
				}
				t.Logf("run %d, %d steps, %d switches: %s", n, r.kern.at, len(r.taken), r.failure.text)
			}
		})
	}
}

// What is repaired does not fail.
func TestNoFalseAlarm(t *testing.T) {
	runs := 100
	if long() {
		runs = 5000
	}
	for name, f := range map[string]func(*Sim){
		"update": lostUpdate(5, 0, true), "write": lostWrite(true), "shop": shop,
	} {
		t.Run(name, func(t *testing.T) {
			if n, sd, r := quickly(t, f, 7).search(runs); r != nil {
				t.Errorf("run %d, seed %v: %s: %s", n, sd, r.failure.kind, r.failure.text)
			}
		})
	}
}

// One seed gives one trace, states included, whatever the number of processors.
func TestL16OneSeedOneRun(t *testing.T) {
	times := 10
	if long() {
		times = 100
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	programs := []func(*Sim){bugs[0].f, bugs[2].f, lostWrite(true), shop}
	for i := range 20 {
		name := inTurn[i%len(inTurn)]
		f := programs[i%len(programs)]
		sd := seed{name, 40, mix(uint64(i))}
		s := quickly(t, f, 0)
		first := s.once(sd, explore(sd), nil, true)
		for _, procs := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(procs)
			for n := range times {
				r := s.once(sd, explore(sd), nil, true)
				if r.kern.tale.hash() != first.kern.tale.hash() {
					t.Fatalf("%s, GOMAXPROCS %d, time %d: %s", fmt.Sprint(i, " ", sd), procs, n, differ(first.kern.tale, r.kern.tale))
				}
			}
		}
	}
}

// crowd has closures whose goroutines wait for one another's services: several wait on behalf of
// one closure at once.
func crowd(s *Sim) {
	back := newService("back", func() *cell { return &cell{} })
	front := newService("front", func() *cell { return &cell{} })
	tree(s, supervisor.Child{Service: back}, supervisor.Child{Service: front})
	s.Faults(Every)
	for c := range 2 {
		s.Go(fmt.Sprint("client", c), func(ctx context.Context) {
			_ = front.RunContext(ctx, func(ctx context.Context, f *cell) error {
				var all sync.WaitGroup
				for i := range 3 {
					all.Go(func() {
						for range 2 { // the second shows who went on first after the first
							_ = actor.Wait(ctx, back, func(b *cell) { b.n = 4*b.n + i })
						}
					})
				}
				s.Block(all.Wait)
				f.n++
				return nil
			})
		})
	}
}

// What is kept of a run, which is where it was not in the default order and what went wrong,
// repeats it.
func TestL16ScheduleRepeatsItsRun(t *testing.T) {
	for name, f := range map[string]func(*Sim){"shop": shop, "write": lostWrite(true), "crowd": crowd} {
		t.Run(name, func(t *testing.T) {
			s := quickly(t, f, 0, AllowCrashes())
			for i := range 60 {
				sd := seed{inTurn[i%len(inTurn)], 40, mix(uint64(i))}
				first := s.once(sd, explore(sd), nil, true)
				whole := schedule{switches: first.taken, faults: first.struck}
				if again := s.once(sd, whole.replay(), nil, true); again.kern.tale.hash() != first.kern.tale.hash() {
					t.Fatalf("seed %v: %s", sd, differ(first.kern.tale, again.kern.tale))
				}
			}
		})
	}
}
