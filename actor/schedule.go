package actor

import (
	"fmt"

	"github.com/bruskajp/nano_services/internal/seam"
)

// The steps of an incarnation, for a scheduler of the seam; see package seam. One that
// is not scheduled has no scheduler, and its mailbox not the bit.
const (
	stepBegin   = seam.Begin
	stepClosure = seam.Closure
	stepEnd     = seam.End
	stepResume  = seam.Resume
	stepTimer   = seam.Timer
	stepOutcome = seam.Outcome
)

// scheduled has the incarnation take its steps as the scheduler says, if there is one, and
// be looked into by the probe. core.mu is held.
func (in *incarnation) scheduled(s seam.Scheduler, probe seam.Probe) {
	if probe != nil {
		probe(in.c.Name(), in)
	}
	if s != nil {
		in.steps = s
		in.c.box.Signal(sigSteps)
	} else if in.c.box.Signals()&sigSteps != 0 { // an earlier one was
		in.c.box.Clear(sigSteps)
	}
}

// numbered returns a number for something that belongs to the incarnation and takes
// steps of its own: several of its timers may fire at the same instant.
func (in *incarnation) numbered() uint32 {
	if in.steps == nil {
		return 0
	}
	return in.numbers.Add(1)
}

// stepBeside asks for the step of what has that number, and waits until it is granted.
func (in *incarnation) stepBeside(k seam.Kind, number uint32) {
	if in.steps != nil {
		in.steps.Step(fmt.Sprintf("%s#%d", in.c.Name(), number), k)
	}
}

// step asks for a step and waits until it is granted. It reports whether it did: the
// next closure is a step only if there is one.
func (in *incarnation) step(k seam.Kind) bool {
	if in.steps == nil || in.lost.Load() || k == stepClosure && in.c.box.Len() == 0 {
		return false
	}
	in.steps.Step(in.c.Name(), k)
	return true
}
