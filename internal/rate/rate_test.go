package rate_test

import (
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/rate"
)

func TestLimit(t *testing.T) {
	var l rate.Limit
	begun := time.Now()
	for _, step := range []struct {
		after time.Duration // since the beginning
		take  bool          // Held instead of Pass
		every time.Duration // of Held; of Pass it is a second
		held  uint64
		wait  time.Duration
		ok    bool
	}{
		{after: 0, take: true}, // nothing is held back, so nothing passes
		{after: 0, ok: true},
		{after: 0, wait: time.Second},
		{after: 900 * time.Millisecond, wait: 100 * time.Millisecond},
		{after: time.Second, held: 2, ok: true},
		{after: 1500 * time.Millisecond, wait: 500 * time.Millisecond},
		{after: 1600 * time.Millisecond, take: true, every: time.Second, wait: 400 * time.Millisecond},
		{after: 1800 * time.Millisecond, take: true, held: 1}, // which has passed
		{after: 2 * time.Second, wait: 800 * time.Millisecond},
		{after: 2800 * time.Millisecond, held: 1, ok: true},
		{after: 3 * time.Second, wait: 800 * time.Millisecond},
		{after: 3800 * time.Millisecond, take: true, every: time.Second, held: 1}, // it is time
		{after: time.Hour, take: true},
		{after: time.Hour, ok: true},
	} {
		now := begun.Add(step.after)
		if step.take {
			held, wait := l.Held(now, step.every)
			if held != step.held || wait != step.wait {
				t.Errorf("after %v: %d held back, %v to wait; want %d, %v", step.after, held, wait, step.held, step.wait)
			}
			continue
		}
		held, wait, ok := l.Pass(now, time.Second)
		if held != step.held || wait != step.wait || ok != step.ok {
			t.Errorf("after %v: %d held back, %v to wait, %t; want %d, %v, %t",
				step.after, held, wait, ok, step.held, step.wait, step.ok)
		}
	}
}
