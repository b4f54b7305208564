package supervisor_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/seam"
)

// stepper is a scheduler for the seam, inside a synctest bubble: when all is quiet it
// lists who is ready in the order of their paths, picks one with a seeded generator,
// and lets that one take one step. When nobody is ready, time goes on to the next timer.
type stepper struct {
	seam.Plain
	rng   *rand.Rand
	start time.Time

	mu      sync.Mutex
	ready   []*turn
	trace   []string
	arrived chan struct{} // gets a token when somebody becomes ready
}

// turn is somebody who is ready for a step.
type turn struct {
	path string
	kind seam.Kind
	take chan struct{}
}

func newStepper(seed uint64) *stepper {
	return &stepper{rng: rand.New(rand.NewPCG(seed, 1)), start: time.Now(), arrived: make(chan struct{}, 1)}
}

// Step implements seam.Scheduler.
func (s *stepper) Step(path string, k seam.Kind) error {
	t := &turn{path, k, make(chan struct{})}
	s.mu.Lock()
	s.ready = append(s.ready, t)
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	<-t.take
	return nil
}

// run lets one step after another be taken, until over is closed and nobody is ready.
func (s *stepper) run(over <-chan struct{}) {
	for {
		synctest.Wait() // all is quiet
		if s.next() {
			continue
		}
		select {
		case <-s.arrived:
		case <-over:
			if synctest.Wait(); !s.next() {
				return
			}
		}
	}
}

// next lets one of those who are ready take a step. It reports whether anybody was.
func (s *stepper) next() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ready) == 0 {
		return false
	}
	slices.SortStableFunc(s.ready, func(a, b *turn) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.kind, b.kind))
	})
	i := s.rng.IntN(len(s.ready))
	t := s.ready[i]
	s.ready = slices.Delete(s.ready, i, i+1)
	s.line(fmt.Sprintf("%s %s", t.path, t.kind))
	close(t.take)
	return true
}

// line is called under mu.
func (s *stepper) line(text string) {
	s.trace = append(s.trace, fmt.Sprintf("%v %s", time.Since(s.start), text))
}

// say enters what a step does into the trace.
func (s *stepper) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line("    " + fmt.Sprintf(format, args...))
}

func (s *stepper) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.trace, "\n")
}

func (s *stepper) context() context.Context { return seam.With(context.Background(), s) }
