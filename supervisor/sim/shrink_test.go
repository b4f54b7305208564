package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What is left of a failure fails, and does not without any part of it.
func TestShrinkEndsAtAMinimum(t *testing.T) {
	for _, b := range bugs {
		t.Run(b.name, func(t *testing.T) {
			s := quickly(t, b.f, 11)
			_, sd, r := s.search(b.most)
			if r == nil {
				t.Fatal("not found")
			}
			small := s.shrink(sd, r.failure, schedule{switches: r.taken, faults: r.struck})
			t.Logf("%d switches, %d faults, without %v (%d tries)", len(small.switches), len(small.faults), small.without, s.tries)
			if got := s.once(sd, small.replay(), small.without, false).failure; !r.failure.like(got) {
				t.Fatalf("it fails with %+v", got)
			}
			for i := range small.switches {
				less := small
				less.switches = slices.Delete(slices.Clone(small.switches), i, i+1)
				if r.failure.like(s.once(sd, less.replay(), less.without, false).failure) {
					t.Errorf("it fails without switch %v", small.switches[i])
				}
			}
			for i := range small.faults {
				less := small
				less.faults = slices.Delete(slices.Clone(small.faults), i, i+1)
				if r.failure.like(s.once(sd, less.replay(), less.without, false).failure) {
					t.Errorf("it fails without %v", small.faults[i])
				}
			}
		})
	}
}

func TestMinimize(t *testing.T) {
	all := make([]int, 100)
	for i := range all {
		all[i] = i
	}
	needs := func(want ...int) func([]int) bool {
		return func(has []int) bool {
			return !slices.ContainsFunc(want, func(n int) bool { return !slices.Contains(has, n) })
		}
	}
	for _, want := range [][]int{nil, {7}, {0, 99}, {3, 4, 50, 51, 98}, all} {
		if got := minimize(all, needs(want...)); !slices.Equal(got, want) {
			t.Errorf("%v, and not %v", got, want)
		}
	}
}

// A failure is kept, run first the next time, and says so; one that passes is quiet.
func TestKept(t *testing.T) {
	f := bugs[0].f
	s := quickly(t, f, 11, Runs(100))
	var said string
	s.errorf = func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
	s.explores()
	files, _ := filepath.Glob(filepath.Join(s.folder, "*"))
	if len(files) != 1 || !strings.Contains(said, "kept in "+files[0]) || !strings.Contains(said, "go test github.com/bruskajp/nano_services/supervisor/sim -run '^TestKept$' -sim.seed=") {
		t.Fatalf("%q; it says %s", files, said)
	}
	said = ""
	if s.runsKept() || !strings.Contains(said, files[0]+" failed: no update is lost") {
		t.Errorf("it says %q", said)
	}
	s.f, said = lostUpdate(5, 0, true), ""
	if !s.runsKept() || said != "" {
		t.Errorf("repaired, it says %q", said)
	}
	s.opts.prune = true
	if s.runsKept(); exists(files[0]) {
		t.Error("it was not pruned")
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// What can not be read or written is said, and left as it is.
func TestKeptBadly(t *testing.T) {
	s := quickly(t, bugs[0].f, 11, Runs(100))
	var said string
	s.errorf = func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
	file := filepath.Join(s.folder, "x")
	for text, want := range map[string]string{
		"":                                "line 1",
		"nano sim 1\nseed x\n":            "line 2",
		"nano sim 1\nat a/1 b\n":          "line 2",
		"nano sim 1\nfault flood a/1\n":   "line 2",
		"nano sim 1\nfails y\nsomething":  "line 3",
		"nano sim 2\nseed few2.1.0000001": "line 1",
	} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		said = ""
		s.runsKept()
		if now, _ := os.ReadFile(file); !strings.Contains(said, want) || string(now) != text {
			t.Errorf("%q: it says %q", text, said)
		}
	}
	said = ""
	s.folder = filepath.Join(file, "below a file")
	if s.explores(); !strings.Contains(said, "could not be kept") {
		t.Errorf("it says %q", said)
	}
}

// What a kept file names and the run does not have is passed over.
func TestKeptOfAnotherProgram(t *testing.T) {
	s := quickly(t, lostUpdate(5, 0, true), 11)
	if err := os.WriteFile(filepath.Join(s.folder, "x"), []byte("nano sim 1\nseed few2.9.0000000001\nwithout nobody\n"+
		"fault crash-after db/gone/9\nat db/gone/3 run writer0\nat writer0/2 run gone\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if !s.runsKept() {
		t.Error("it fails")
	}
}

func TestSeed(t *testing.T) {
	want := seed{"few2", 51, 0x8e424e03a5}
	if got, err := parseSeed(want.String()); got != want || err != nil {
		t.Errorf("%v is %v, %v", want, got, err)
	}
	for _, text := range []string{"", "few2", "few3.1.0", "few2.x.0", "few2.1.y", "few2.-1.0", "few2.1.0.0"} {
		if _, err := parseSeed(text); err == nil {
			t.Errorf("%q is a seed", text)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, opts := range [][]Option{{Runs(0)}, {Runs(-1)}, {MaxSteps(0)}, {Idle(0)}, {Strategy()}, {Strategy("lucky")}, {nil}} {
		if _, err := newOptions(opts); err == nil {
			t.Errorf("%v", opts)
		}
	}
	for name, value := range map[string]string{"NANO_SIM_RUNS": "many", "NANO_SIM_TIME": "-1s", "NANO_SIM_SEED": "x"} {
		t.Setenv(name, value)
		if _, err := newOptions(nil); err == nil {
			t.Errorf("%s=%s", name, value)
		}
		t.Setenv(name, "")
	}
}

func TestShow(t *testing.T) {
	type inner struct{ a, b int }
	type state struct {
		n    int
		s    []string
		m    map[string]int
		p    *inner
		next *state
		f    func()
		c    chan int
	}
	loop := &state{n: 1, s: []string{"x"}, m: map[string]int{"b": 2, "a": 1}, p: &inner{1, 2}}
	loop.next, loop.f, loop.c = loop, func() {}, make(chan int)
	if got := show(loop); !strings.HasPrefix(got, `{n:1 s:["x"] m:map["a":1 "b":2] p:{a:1 b:2} next:{n:1`) || len(got) > maxShown+4 {
		t.Error(got)
	}
	if got := show(nil); got != "nil" {
		t.Error(got)
	}
	type handles struct {
		at, then time.Time
		d        time.Duration
		timer    *time.Timer
		file     *os.File
		mu       *sync.Mutex
		text     []byte
	}
	now := time.Now()
	then := time.Date(1999, 2, 3, 4, 5, 6, 7, time.UTC)
	want := fmt.Sprintf("{at:%s then:1999-02-03T04:05:06.000000007Z d:1000 text:\"a\\n\"}", now.UTC().Format(time.RFC3339Nano))
	if got := show(&handles{at: now, then: then, d: 1000, timer: time.NewTimer(0), file: os.Stdout, mu: new(sync.Mutex), text: []byte("a\n")}); got != want {
		t.Errorf("%s, and not %s", got, want)
	}
}
