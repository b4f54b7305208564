package supervisor

import "github.com/bruskajp/nano_services/internal/seam"

// The steps of a supervisor, and of what belongs to it, for a scheduler of the seam; see
// package seam.

// step asks for the step of reading what has happened, if anything has.
func (s *Supervisor) step() {
	if s.steps != nil && (s.box.Signals() != 0 || s.box.Len() > 0) {
		s.steps.Step(s.path, seam.Decide)
	}
}

// stepTimer is called by a timer that has fired, on a goroutine of its own, with the
// scheduler of the life in which it was set: the next life may have begun.
func stepTimer(steps seam.Scheduler, path string) {
	if steps != nil {
		steps.Step(path, seam.Timer)
	}
}

// resume is called by a child's goroutine that has waited for a supervisor. A nil
// process has no steps.
func (p *process) resume() {
	if p != nil && p.steps != nil {
		p.steps.Step(p.c.info.Path, seam.Resume)
	}
}
