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
	stepWork    = seam.Work
	stepOutcome = seam.Outcome
	stepSend    = seam.Send
)

// The seam asks package actor whose the running goroutine is.
var _ = seam.Tell(func() (seam.Scheduler, string) {
	in := owners.Current()
	if in == nil || in.steps == nil || in.lost.Load() {
		return nil, ""
	}
	return in.steps, in.c.Name()
})

// numbered returns a number for something that belongs to the incarnation and takes
// steps of its own: several of its timers may fire at the same instant.
func (in *incarnation) numbered() uint32 {
	if in.steps == nil {
		return 0
	}
	return in.numbers.Add(1)
}

// stepBeside asks for the step of what has that number, and waits until it is granted. An
// error is a fault that is to happen.
func (in *incarnation) stepBeside(k seam.Kind, number uint32) error {
	if in.steps == nil {
		return nil
	}
	return in.steps.Step(fmt.Sprintf("%s#%d.%d", in.c.Name(), in.number, number), k)
}

// startsWork is stepBeside for work whose function is about to be called, and panics with
// the fault.
func (in *incarnation) startsWork(number uint32) {
	if fault := in.stepBeside(stepWork, number); fault != nil {
		panic(fault)
	}
}

// step asks for a step and waits until it is granted. An error is a fault that is to happen.
func (in *incarnation) step(k seam.Kind) error {
	if in.steps == nil || in.lost.Load() {
		return nil
	}
	return in.steps.Step(in.c.Name(), k)
}

// stepsOn is step for the next closure, which is a step only if there is one. It reports
// whether it was.
func (in *incarnation) stepsOn() bool {
	if in.steps == nil || in.lost.Load() || in.c.box.Len() == 0 {
		return false
	}
	_ = in.steps.Step(in.c.Name(), stepClosure)
	return true
}
