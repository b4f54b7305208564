package mailbox

import (
	"context"
	"testing"
)

// hollow is a context that has ended and does not say why.
type hollow struct{ context.Context }

func (hollow) Done() <-chan struct{} {
	over := make(chan struct{})
	close(over)
	return over
}

func (hollow) Err() error { return nil }

// What was not accepted is never told to have been.
func TestL5PutWithAContextThatDoesNotSayWhy(t *testing.T) {
	var m Mailbox[int]
	m.Init(Options[int]{Capacity: 1})
	if err := m.TryPut(1); err != nil {
		t.Fatal(err)
	}
	if err := m.Put(hollow{t.Context()}, 2); err != context.Canceled {
		t.Errorf("Put = %v", err)
	}
	if n := m.Len(); n != 1 {
		t.Errorf("%d wait", n)
	}
}
