package seam

import (
	"fmt"
	"sync/atomic"
)

// Stepper is what takes steps, for a time: an incarnation of a service.
type Stepper interface {
	Path() string
	Life() uint64 // which one it is of those with that path
	Lost() bool   // it is to take no steps any more
}

// Steps are those of a Stepper whose scheduler decides on them. A nil Steps is of one without
// a scheduler: its steps are taken at once.
type Steps struct {
	By     Scheduler
	of     Stepper
	beside atomic.Uint32 // how many have a number
}

// StepsOf returns the steps of a Stepper, nil if by is.
func StepsOf(by Scheduler, of Stepper) *Steps {
	if by == nil {
		return nil
	}
	return &Steps{By: by, of: of}
}

// Take asks for a step and waits until it is granted. An error is a fault that is to happen.
func (s *Steps) Take(k Kind) error {
	if s == nil || s.of.Lost() {
		return nil
	}
	return s.By.Step(s.of.Path(), k)
}

// TakeIf is Take for a step that is taken only if there is something to do, as any says. It
// reports whether it was taken.
func (s *Steps) TakeIf(k Kind, any bool) bool {
	if s == nil || !any || s.of.Lost() {
		return false
	}
	_ = s.By.Step(s.of.Path(), k)
	return true
}

// Resume is Take for what has waited and goes on. It panics with the fault.
func (s *Steps) Resume() {
	if s != nil { // small enough to cost a call nothing
		s.resume()
	}
}

func (s *Steps) resume() { fails(s.Take(Resume)) }

func fails(fault error) {
	if fault != nil {
		panic(fault)
	}
}

// Number returns a number for something that belongs to the Stepper and takes steps of its
// own: several of its timers may fire at the same instant.
func (s *Steps) Number() uint32 {
	if s == nil {
		return 0
	}
	return s.beside.Add(1)
}

// TakeBeside asks for a step of what has that number, as Take does.
func (s *Steps) TakeBeside(k Kind, number uint32) error {
	if s == nil {
		return nil
	}
	return s.By.Step(fmt.Sprintf("%s#%d.%d", s.of.Path(), s.of.Life(), number), k)
}

// Work is TakeBeside for work whose function is about to be called. It panics with the fault.
func (s *Steps) Work(number uint32) { fails(s.TakeBeside(Work, number)) }

// Trouble tells the scheduler that something went wrong.
func (s *Steps) Trouble(err error) {
	if s != nil {
		s.By.Trouble(s.of.Path(), err)
	}
}
