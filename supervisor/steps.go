package supervisor

import (
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/tree"
)

// The steps of a supervisor, and of what belongs to it, for a scheduler of the seam; see
// package seam.

// step asks for the step of reading what has happened, if anything has.
func (s *Supervisor) step() {
	if s.steps != nil && (s.box.Signals() != 0 || s.box.Len() > 0) {
		_ = s.steps.Step(s.path, seam.Decide)
	}
}

// stepTimer is called by a timer that has fired, on a goroutine of its own, with the
// scheduler of the life in which it was set: the next life may have begun.
func stepTimer(steps seam.Scheduler, path string) {
	if steps != nil {
		_ = steps.Step(path, seam.Timer)
	}
}

// resume is called by what has waited for a supervisor: the goroutine of a child, whose
// process it is of, or of a service, or another one, which takes no steps.
func resume(b *tree.Behalf) {
	var p *process
	if b != nil {
		p, _ = b.Of.(*process) // and not beside it
	}
	if p == nil {
		seam.Wake()
	} else if p.steps != nil {
		_ = p.steps.Step(p.c.info.Path, seam.Resume)
	}
}
