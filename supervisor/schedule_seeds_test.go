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
		sim.Run(t, func(s *sim.Sim) { trade(s) }, sim.AllowCrashes(), sim.Check(), sim.Runs(66))
	}
}

// The seed is what decides: twenty seeds have at least five outcomes.
func TestL16SeedsDiffer(t *testing.T) {
	outcomes := map[string]bool{}
	sim.Run(t, func(s *sim.Sim) { outcomes[trade(s).summary()] = true }, sim.AllowCrashes(), sim.Runs(20))
	if len(outcomes) < 5 {
		t.Errorf("%d outcomes of 20 seeds", len(outcomes))
	}
}
