package seam_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/bruskajp/nano_services/internal/seam"
)

// stepper is one in its third life.
type stepper struct{ lost bool }

func (s *stepper) Path() string { return "shop/till" }
func (s *stepper) Life() uint64 { return 3 }
func (s *stepper) Lost() bool   { return s.lost }

// scheduler grants each step with a fault, and writes down what it is asked for.
type scheduler struct {
	seam.Plain
	asked []string
}

var errFault = errors.New("fault")

func (s *scheduler) Step(path string, k seam.Kind) error {
	s.asked = append(s.asked, path+" "+k.String())
	return errFault
}

func (s *scheduler) Trouble(path string, err error) {
	s.asked = append(s.asked, fmt.Sprint(path, " trouble ", err))
}

func TestStepsAreAskedFor(t *testing.T) {
	var by scheduler
	of := new(stepper)
	s := seam.StepsOf(&by, of)
	if err := s.Take(seam.Begin); err != errFault {
		t.Error(err)
	}
	if s.TakeIf(seam.Closure, false) || !s.TakeIf(seam.Closure, true) {
		t.Error("a step is one exactly if there is something to do")
	}
	first, second := s.Number(), s.Number()
	if err := s.TakeBeside(seam.Timer, second); err != errFault {
		t.Error(err)
	}
	_ = s.TakeBeside(seam.Work, first)
	s.Trouble(errFault)
	for _, f := range []func(){s.Resume, func() { s.Work(second) }} {
		func() {
			defer func() {
				if got := recover(); got != errFault {
					t.Errorf("panicked with %v", got)
				}
			}()
			f()
		}()
	}
	of.lost = true // what it has begun goes on
	if err := s.Take(seam.End); err != nil || s.TakeIf(seam.Closure, true) {
		t.Error("one that is lost takes a step:", err)
	}
	_ = s.TakeBeside(seam.Outcome, first)
	if want := []string{"shop/till begin", "shop/till closure", "shop/till#3.2 timer", "shop/till#3.1 work",
		"shop/till trouble fault", "shop/till resume", "shop/till#3.2 work", "shop/till#3.1 outcome"}; !slices.Equal(by.asked, want) {
		t.Errorf("asked for %q, want %q", by.asked, want)
	}
}

func TestStepsWithoutAScheduler(t *testing.T) {
	s := seam.StepsOf(nil, new(stepper))
	s.Trouble(errFault)
	s.Resume()
	s.Work(0)
	if s != nil || s.Take(seam.End) != nil || s.TakeIf(seam.Closure, true) || s.Number() != 0 || s.TakeBeside(seam.Timer, 0) != nil {
		t.Error("steps without a scheduler are not taken at once")
	}
}
