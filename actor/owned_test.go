package actor

import (
	"context"
	"testing"
)

// The last look of a drain is its end: work is accepted before it, and waited for, or
// refused.
func TestL12DrainEndsAtOneInstant(t *testing.T) {
	for _, before := range []int{0, 1} {
		s := New(func(context.Context) (*struct{}, error) { return &struct{}{}, nil })
		cons, _ := s.box.Acquire()
		in := &incarnation{c: &s.core, cons: cons, place: &nowhere}
		s.box.Close()
		done := make(chan struct{})
		newWork := func() *work {
			return &work{ctx: in.workContext(context.Background(), 0), call: func() { <-done },
				outcome: tell[struct{}](func(*struct{}) {})}
		}
		if before > 0 {
			if !in.undertake(newWork()) {
				t.Fatal("work was refused")
			}
			close(done)
		}
		for in.linger() { // until the work has ended, and what it has brought is taken
			in.cons.Discard()
		}
		if in.undertake(newWork()) {
			t.Error("work was accepted when nobody would wait for it any more")
		}
		in.endOwned(ErrStopped)
		in.cons.Release()
		s.Kill()
	}
}
