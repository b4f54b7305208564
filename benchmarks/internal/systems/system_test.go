package systems

import (
	"slices"
	"testing"
)

// The names that others rely on.
var fixed = []string{
	"nano", "nano-proxy", "nano-view", "chan128", "chan128-reuse", "chan1024", "mutex", "phony", "protoactor", "suture",
}

func TestNames(t *testing.T) {
	var names []string
	for _, s := range All() {
		if s.Name == "" || s.About == "" {
			t.Errorf("%+v is not complete", s)
		}
		if slices.Contains(names, s.Name) {
			t.Errorf("%s is there twice", s.Name)
		}
		names = append(names, s.Name)
	}
	for _, name := range fixed {
		if !slices.Contains(names, name) {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestStopEndsGoroutines starts and stops everything that has an end. TestMain sees what
// is left.
func TestStopEndsGoroutines(t *testing.T) {
	for _, s := range All() {
		if s.Start == nil {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			svc, err := s.Start()
			if err != nil {
				t.Fatal(err)
			}
			if err := svc.Tell(3); err != nil {
				t.Fatal(err)
			}
			if sum, err := svc.Value(); err != nil || (sum != 3 && !s.Reads) {
				t.Errorf("%d, %v", sum, err)
			}
			if err := svc.Stop(); err != nil {
				t.Error(err)
			}
			// At once, before anything has begun.
			if svc, err = s.Start(); err != nil {
				t.Fatal(err)
			}
			if err := svc.Stop(); err != nil {
				t.Errorf("at once: %v", err)
			}
		})
		if s.Bounded == nil {
			continue
		}
		svc, err := s.Bounded(1)
		if err != nil {
			t.Fatal(err)
		}
		if err := svc.Tell(100); err != nil {
			t.Errorf("%s waits for room: %v", s.Name, err)
		}
		if sum, err := svc.Value(); sum != 100 || err != nil {
			t.Errorf("%s: %d, %v", s.Name, sum, err)
		}
		if err := svc.Stop(); err != nil {
			t.Error(err)
		}
	}
}
