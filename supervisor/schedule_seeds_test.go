package supervisor_test

import (
	"runtime"
	"testing"

	"github.com/bruskajp/nano_services/supervisor/sim"
)

// One seed gives one trace, of which all that is said of services, events and states is a part:
// each run is done twice, with one processor, two and eight. That each thing between services
// is a step is tested in package sim.
func TestL16OneSeedOneTrace(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		sim.Run(t, func(s *sim.Sim) { trade(s) }, sim.AllowCrashes(), sim.Check(), sim.Runs(100))
	}
}

// The seed is what decides: of 200 seeds there are at least five outcomes. With fewer, what is to
// happen sometimes did not happen in each tenth run of this test: a crash of the till comes in one
// run of nine.
func TestL16SeedsDiffer(t *testing.T) {
	outcomes := map[string]bool{}
	sim.Run(t, func(s *sim.Sim) { outcomes[trade(s).summary()] = true }, sim.AllowCrashes(), sim.Runs(200))
	if len(outcomes) < 5 {
		t.Errorf("%d outcomes of 200 seeds", len(outcomes))
	}
}
