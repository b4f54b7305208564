package sim

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Option changes how often and how Run runs.
type Option func(*options)

type options struct {
	runs       int
	time       time.Duration // real; 0: any
	strategies []string
	steps      int
	idle       time.Duration
	crashes    bool
	deadlocks  bool
	check      bool
	verbose    bool
	seed       *seed
	prune      bool
	watch      *watchdog // nil: none
}

// Runs has Run do n runs. Default: 200. The flag -sim.runs comes first.
func Runs(n int) Option { return func(o *options) { o.runs = n } }

// Strategy has Run use these strategies, in turn: random, pct2, pct3, few2, pos. Default: all.
// No one of them finds everything.
func Strategy(names ...string) Option {
	return func(o *options) { o.strategies = append([]string(nil), names...) }
}

// MaxSteps has a run fail that takes more than n steps: it makes no progress. Default: 10,000.
func MaxSteps(n int) Option { return func(o *options) { o.steps = n } }

// Idle has a run fail in which clients wait, other than in Sleep, and nothing happens for d of
// virtual time. Default: an hour.
func Idle(d time.Duration) Option { return func(o *options) { o.idle = d } }

// AllowCrashes says that a crash is no failure by itself. One that was injected never is.
func AllowCrashes() Option { return func(o *options) { o.crashes = true } }

// AllowDeadlocks says that a wait which is refused because it would close a cycle
// (*actor.DeadlockError) is no failure by itself.
func AllowDeadlocks() Option { return func(o *options) { o.deadlocks = true } }

// Check has each run done twice, and fails the test if one took another way: something is not
// controlled then, such as the order of a map. The flag -sim.check does it, too.
func Check() Option { return func(o *options) { o.check = true } }

// The flags are those of the test binary. An unknown flag fails packages that do not import
// this one, so that each has a variable of the environment besides.
var (
	flagSeed  = flag.String("sim.seed", "", "sim: repeat the run with this seed; or NANO_SIM_SEED")
	flagRuns  = flag.Int("sim.runs", 0, "sim: so many runs of each test; or NANO_SIM_RUNS")
	flagTime  = flag.Duration("sim.time", 0, "sim: runs for so much real time, of each test; or NANO_SIM_TIME")
	flagCheck = flag.Bool("sim.check", false, "sim: do each run twice, and compare; or NANO_SIM_CHECK")
	flagV     = flag.Bool("sim.v", false, "sim: show all steps of a failure; or NANO_SIM_V")
	flagPrune = flag.Bool("sim.prune", false, "sim: remove kept failures that pass; or NANO_SIM_PRUNE")
)

// newOptions returns what the options, the flags and the environment say together.
func newOptions(opts []Option) (*options, error) {
	o := &options{runs: 200, strategies: inTurn, steps: 10_000, idle: time.Hour}
	for _, f := range opts {
		if f == nil {
			return nil, fmt.Errorf("sim: a nil Option")
		}
		f(o)
	}
	runs, limit, err := environment()
	if err != nil {
		return nil, err
	}
	o.check = o.check || *flagCheck || os.Getenv("NANO_SIM_CHECK") != ""
	o.verbose = *flagV || os.Getenv("NANO_SIM_V") != ""
	o.prune = *flagPrune || os.Getenv("NANO_SIM_PRUNE") != ""
	if runs > 0 {
		o.runs = runs
	}
	if o.time = limit; limit > 0 && runs == 0 {
		o.runs = 1 << 30
	}
	text := *flagSeed
	if text == "" {
		text = os.Getenv("NANO_SIM_SEED")
	}
	if text != "" {
		s, err := parseSeed(text)
		if err != nil {
			return nil, err
		}
		o.seed = &s
	}
	if o.runs <= 0 || o.steps <= 0 || o.idle <= 0 || len(o.strategies) == 0 {
		return nil, fmt.Errorf("sim: Runs(%d), MaxSteps(%d), Idle(%v), Strategy(%q): each has to be more than nothing",
			o.runs, o.steps, o.idle, o.strategies)
	}
	for _, name := range o.strategies {
		if strategies[name] == nil {
			return nil, fmt.Errorf("sim: there is no strategy %q: %q are known", name, inTurn)
		}
	}
	return o, nil
}

// environment returns what the flags, and otherwise the environment, say of numbers.
func environment() (runs int, limit time.Duration, err error) {
	runs, limit = *flagRuns, *flagTime
	if text := os.Getenv("NANO_SIM_RUNS"); text != "" && runs == 0 {
		if runs, err = strconv.Atoi(text); err != nil || runs <= 0 {
			return 0, 0, fmt.Errorf("sim: NANO_SIM_RUNS is %q, and no number above 0", text)
		}
	}
	if text := os.Getenv("NANO_SIM_TIME"); text != "" && limit == 0 {
		if limit, err = time.ParseDuration(text); err != nil || limit <= 0 {
			return 0, 0, fmt.Errorf("sim: NANO_SIM_TIME is %q, and no duration above 0", text)
		}
	}
	return runs, limit, nil
}
