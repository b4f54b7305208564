package sim

import (
	"runtime"
	"testing"
)

// In a run there is one processor, and afterwards there are as many as before; also if others
// use it meanwhile.
func TestL16OneProcessor(t *testing.T) {
	was := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(was)
	now := func() int { return runtime.GOMAXPROCS(0) }
	during := 0
	Run(t, func(*Sim) { during = max(during, now()) }, Runs(2))
	if during != 1 || now() != 3 {
		t.Errorf("%d processors in a run, %d after it", during, now())
	}
	one, other := oneProcessor(), oneProcessor()
	one()
	if now() != 1 {
		t.Errorf("%d processors when one of two has ended", now())
	}
	if other(); now() != 3 {
		t.Errorf("%d processors when both have ended", now())
	}
}
