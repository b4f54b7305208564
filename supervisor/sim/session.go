package sim

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/misuse"
)

// Run runs f again and again, each time in a testing/synctest bubble of its own and with
// another order of steps, until a run fails or there were enough. f is an ordinary test: it
// builds services and trees, uses them, and complains with the methods of *Sim, which is a
// testing.TB. What fails is repeated, made as small as possible, and reported with the
// command that repeats it; testdata/sim keeps it, and it is run first from then on.
//
// A crash that was not injected, a wait that was refused for a cycle, a run in which nothing
// happens any more, and one that does not end are failures as well. While there are runs, the
// program has one processor (GOMAXPROCS), also for tests beside it. f must not call t.Run or
// t.Parallel, which synctest refuses.
func Run(t *testing.T, f func(*Sim), opts ...Option) {
	t.Helper()
	misuse.Unless(f != nil, "sim: Run of a nil function")
	o, err := newOptions(opts)
	if err != nil {
		t.Fatal(err)
	}
	if why := nested(); why != "" {
		t.Fatal(why)
	}
	defer oneProcessor()() // also between the runs: to change it stops the program for a moment
	o.watch = watch()
	defer o.watch.end()
	s := newSession(t, f, o)
	if o.seed != nil {
		s.repeat(*o.seed)
		return
	}
	if s.runsKept() {
		s.explores()
	}
}

// nested says why there is to be no Run here, or "".
func nested() string {
	if here() == nil {
		return ""
	}
	return "sim: Run inside of a run: one test is one simulation"
}

// session is all the runs of a test.
type session struct {
	t     *testing.T
	f     func(*Sim)
	opts  *options
	begun time.Time

	base   uint64 // of the seeds
	errorf func(format string, args ...any)
	folder string // of kept failures

	runs, steps int
	tries       int             // of them, to shrink
	seen        map[string]bool // what was to happen sometimes: whether it did
	ways        map[string]bool // that were taken
	faults      map[faultKind]int
}

func newSession(t *testing.T, f func(*Sim), o *options) *session {
	return &session{
		t: t, f: f, opts: o, begun: time.Now(), base: rand.Uint64(), errorf: t.Errorf,
		folder: filepath.Join("testdata", "sim", fileName(t.Name())),
		seen:   map[string]bool{}, ways: map[string]bool{}, faults: map[faultKind]int{},
	}
}

// explores does the runs.
func (s *session) explores() {
	s.t.Helper()
	choices := 0
	for i := range s.opts.runs {
		if s.opts.time > 0 && time.Since(s.begun) > s.opts.time {
			break
		}
		sd := seed{"default", choices, mix(s.base + uint64(i))}
		if i > 0 {
			sd.strategy = s.opts.strategies[(i-1)%len(s.opts.strategies)]
		}
		r := s.once(sd, explore(sd), nil, s.opts.check)
		if i == 0 {
			choices = r.choices
		}
		s.counts(r)
		if r.failure != nil {
			s.reports(fmt.Sprintf("run %d", i), sd, r)
			return
		}
		if s.opts.check && !s.same(sd, r) {
			return
		}
	}
	s.concludes()
}

// mix returns a number of 40 bits, in hexadecimal ten digits.
func mix(n uint64) uint64 {
	n ^= n >> 31
	n *= 0xbf58476d1ce4e5b9
	n ^= n >> 27
	return n & (1<<40 - 1)
}

func (s *session) once(sd seed, w way, without []string, tell bool) *run {
	return runOnce(s.t, s.f, s.opts, sd, w, without, tell)
}

func (s *session) counts(r *run) {
	s.runs++
	s.steps += r.kern.at
	for name, ok := range r.seen {
		s.seen[name] = s.seen[name] || ok
	}
	for _, f := range r.struck {
		s.faults[f.kind]++
	}
	s.ways[fmt.Sprint(r.taken, r.struck)] = true
}

// concludes says how it went, and what never happened.
func (s *session) concludes() {
	s.t.Helper()
	var never []string
	for name, ok := range s.seen {
		if !ok {
			never = append(never, name)
		}
	}
	slices.Sort(never)
	for _, name := range never {
		s.errorf("sim: %q is to be true sometimes, and was in none of %d runs", name, s.runs)
	}
	if testing.Verbose() {
		var faults []string
		for _, kind := range faultKinds {
			if n := s.faults[kind]; n > 0 {
				faults = append(faults, fmt.Sprintf("%s %d", kind, n))
			}
		}
		text := ""
		if len(faults) > 0 {
			text = "; faults: " + strings.Join(faults, ", ")
		}
		s.t.Logf("sim: %d runs took %d ways, %d steps%s", s.runs, len(s.ways), s.steps, text)
	}
}

// same does a run once more, and reports whether it took the same way.
func (s *session) same(sd seed, r *run) bool {
	s.t.Helper()
	again := s.once(sd, explore(sd), nil, true)
	if r.kern.tale.hash() == again.kern.tale.hash() {
		return true
	}
	s.errorf("sim: seed %v took another way when it was repeated: something is not controlled, such as the order of a map,\n"+
		"a select with several ready cases, or a random number that is not of Sim.Rand\n%s", sd, differ(r.kern.tale, again.kern.tale))
	return false
}

// repeat does the run of a seed.
func (s *session) repeat(sd seed) {
	s.t.Helper()
	r := s.once(sd, explore(sd), nil, s.opts.check)
	switch {
	case r.failure != nil:
		s.reports("the seed's run", sd, r)
	case !s.opts.check || s.same(sd, r):
		s.t.Logf("sim: seed %v passes", sd)
	}
}

// reports makes a failure small, keeps it and shows it.
func (s *session) reports(what string, sd seed, r *run) {
	s.t.Helper()
	whole := schedule{switches: r.taken, faults: r.struck}
	again := s.once(sd, whole.replay(), nil, true)
	if !r.failure.like(again.failure) {
		first := s.once(sd, explore(sd), nil, true)
		s.errorf("sim: %s failed: %s\nand took another way when it was repeated: something is not controlled. %s\nthe seed is %v",
			what, r.failure.text, differ(first.kern.tale, again.kern.tale), sd)
		return
	}
	begun := time.Now()
	small := s.shrink(sd, r.failure, whole)
	last := s.once(sd, small.replay(), small.without, true)
	var b strings.Builder
	fmt.Fprintf(&b, "sim: %s failed: %s\n", what, last.failure.text)
	fmt.Fprintf(&b, "repeat it: go test %s -run '^%s$' -sim.seed=%v\n", testPackage(), strings.ReplaceAll(s.t.Name(), "/", "$/^"), sd)
	fmt.Fprintf(&b, "%s\n", s.sizes(r, last, whole, small, time.Since(begun)))
	most := 40
	if s.opts.verbose {
		most = 1 << 30
	}
	b.WriteString(last.kern.tale.text(most))
	fmt.Fprintf(&b, "after step %d: %s", last.failure.step, last.failure.text)
	s.errorf("%s", b.String())
}

// testPackage returns the import path of the package whose test calls.
func testPackage() string {
	pcs := make([]uintptr, 100)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	test := ""
	for f, more := frames.Next(); more && f.Function != "testing.tRunner"; f, more = frames.Next() {
		test = f.Function
	}
	slash := strings.LastIndexByte(test, '/') + 1
	name, _, _ := strings.Cut(test[slash:], ".")
	return test[:slash] + strings.TrimSuffix(name, "_test")
}

// sizes says what shrinking came to, and where it is kept.
func (s *session) sizes(r, last *run, whole, small schedule, took time.Duration) string {
	size := func(r *run, s schedule) string {
		return fmt.Sprintf("%d steps, %s, %s", r.kern.at, many(len(s.switches), "switch", "switches"), many(len(s.faults), "fault", "faults"))
	}
	text := "it needs no luck: the default order of steps fails"
	if len(whole.switches)+len(whole.faults) > 0 {
		text = fmt.Sprintf("shrunk from %s to %s (%d tries, %v)", size(r, whole), size(last, small), s.tries, took.Round(time.Millisecond))
	}
	if len(small.without) > 0 {
		text += ", without " + strings.Join(small.without, ", ")
	}
	file, err := s.keep(r.seed, r.failure, small)
	if err != nil {
		return text + "; it could not be kept: " + err.Error()
	}
	return text + "; kept in " + file
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", more)
}
