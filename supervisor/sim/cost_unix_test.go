//go:build unix

package sim

import (
	"syscall"
	"testing"
	"time"
)

// What a run of some 50 steps costs, in processor time of all goroutines: on a machine that is
// busy with other things, ns/op says more of those.
func BenchmarkRun(b *testing.B) {
	// synctest needs a T: the benchmark is of what a test does.
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "run", F: func(t *testing.T) {
		s := quickly(t, lostUpdate(11, 0, true), 1)
		sd := seed{"random", 40, 1}
		steps, before := 0, spent()
		for b.Loop() {
			steps += s.once(sd, explore(sd), nil, false).kern.at
		}
		b.ReportMetric(float64(spent()-before)/float64(b.N)/float64(time.Millisecond), "cpu-ms/op")
		b.ReportMetric(float64(steps)/float64(b.N), "steps/op")
	}}})
	if !ok {
		b.Fatal("it failed")
	}
}

// spent returns the processor time of the process.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
