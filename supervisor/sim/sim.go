/*
Package sim runs a test of services and trees of services again and again, each time in
another order of their steps and with other faults, until it fails. What fails is repeated
from its seed, made as small as possible, and told step by step.

	func TestTransfers(t *testing.T) {
		sim.Run(t, func(s *sim.Sim) {
			bank := startBank(s.Context())
			for _, name := range []string{"ann", "bob"} {
				s.Go(name, func(ctx context.Context) { transfer(ctx, bank, name) })
			}
			s.Finally("no money is lost", bank.balanced)
		})
	}

A run takes place in a testing/synctest bubble, in virtual time. What takes part, which is
every service and tree that is started there, takes its steps one at a time: a closure, what
comes after a call that it has made, a timer, the start and the end of an incarnation, a
decision of a supervisor. A seed says which step is next. Between two of its steps a goroutine
is not interrupted, so what shares no memory beside services has no other freedom: a run is
the same each time.

docs/simulation.rst has an example with its output, and a table of what is controlled and
what is not: goroutines that are no services', and the order of a map, are not.
*/
package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/seam"
)

// Sim is one run. Its function runs as a client, which takes steps, named "test". The methods
// of testing.TB that complain have the run fail, with those that end the caller's goroutine
// ending the client only; the others are those of the test.
type Sim struct {
	testing.TB

	run *run
}

// Context returns the context for Start and Serve of what takes part; it ends with the run.
// What a client starts takes part with any context.
func (s *Sim) Context() context.Context { return s.made().ctx }

// Go has f run beside the test, as a client with that name: its calls, and what it does after
// each answer, are steps. f gets the client's context, with which it may call services that
// are to find a cycle of waits. The run is over when f of Run and all clients have returned,
// and there is nothing left to do; then all is stopped.
func (s *Sim) Go(name string, f func(context.Context)) {
	misuse.Unless(f != nil, "sim: Go of a nil function")
	s.made().begin(name, f)
}

// Sleep waits for d of virtual time. To go on is a step. It is for clients, and for closures
// and constructors of services that take part.
func (s *Sim) Sleep(d time.Duration) {
	s.made().kern.sleeps(d)
	time.Sleep(d)
	seam.Wake()
}

// Block calls wait, which waits for something that is no service, such as a channel. To go on
// is a step.
func (s *Sim) Block(wait func()) {
	misuse.Unless(wait != nil, "sim: Block of a nil function")
	wait()
	seam.Wake()
}

// Settle lets everything be done that there is to do. No time passes. It is for clients.
func (s *Sim) Settle() {
	k := s.made().kern
	_, path := seam.Here()
	misuse.Unless(path != "", "sim: Settle is for clients")
	_ = k.Step(path, settles)
}

// settles is the kind of the step of Settle: it is taken when there is no other.
const settles = seam.Kind(100)

// Rand returns a generator that the seed decides, another one for each name.
func (s *Sim) Rand(name string) *rand.Rand { return s.made().seed.rand("rand " + name) }

// Faults has faults happen from here on; Faults{} has none. It is called when the tree is up:
// a Start that fails because of a fault has failed rightly.
func (s *Sim) Faults(f Faults) {
	for _, kind := range faultKinds {
		if rate := f.rate(kind); rate < 0 || rate > 1 {
			panic(fmt.Sprintf("sim: the rate of %s is %v, and not between 0 and 1", kind, rate))
		}
	}
	if f.Max < 0 || f.Delay < 0 {
		panic(fmt.Sprintf("sim: Faults with Max %d and Delay %v", f.Max, f.Delay))
	}
	k := s.made().kern
	k.mu.Lock()
	defer k.mu.Unlock()
	s.run.faults = f
}

// made returns the run, and panics if there is none.
func (s *Sim) made() *run {
	misuse.Unless(s != nil && s.run != nil, "sim: a Sim is made by Run")
	return s.run
}

// Error is Log followed by Fail.
func (s *Sim) Error(args ...any) { s.made().complain(fmt.Sprintln(args...)) }

// Errorf is Logf followed by Fail.
func (s *Sim) Errorf(format string, args ...any) { s.made().complain(fmt.Sprintf(format, args...)) }

// Fail has the run fail.
func (s *Sim) Fail() { s.made().complain("Fail was called") }

// FailNow is Fail, and ends the calling client.
func (s *Sim) FailNow() {
	s.made().complain("FailNow was called")
	runtime.Goexit()
}

// Fatal is Log followed by FailNow.
func (s *Sim) Fatal(args ...any) {
	s.made().complain(fmt.Sprintln(args...))
	runtime.Goexit()
}

// Fatalf is Logf followed by FailNow.
func (s *Sim) Fatalf(format string, args ...any) {
	s.made().complain(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// Failed reports whether the run has failed.
func (s *Sim) Failed() bool { return s.made().failed() }

// Log is shown if the run fails.
func (s *Sim) Log(args ...any) { s.made().log(fmt.Sprintln(args...)) }

// Logf is shown if the run fails.
func (s *Sim) Logf(format string, args ...any) { s.made().log(fmt.Sprintf(format, args...)) }
