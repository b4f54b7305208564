package mailbox

import (
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rounds returns how many of n rounds of a hammer are worth their time: a tenth for
// -short, and with one processor, where goroutines meet only where one of them yields or
// is interrupted.
func rounds(n int) int {
	if testing.Short() || runtime.GOMAXPROCS(0) == 1 {
		return n / 10
	}
	return n
}

// own makes the test the owner of m.
func own[T any](t testing.TB, m *Mailbox[T]) *Consumer[T] {
	t.Helper()
	c, ok := m.Acquire()
	if !ok {
		t.Fatal("somebody else owns the mailbox")
	}
	return &c
}

// put puts values that have to be accepted.
func put[T any](t testing.TB, m *Mailbox[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if err := m.TryPut(v); err != nil {
			t.Fatalf("TryPut(%v) = %v", v, err)
		}
	}
}

// drain takes everything that is there.
func drain[T any](c *Consumer[T]) (values []T) {
	for v, ok := c.Discard(); ok; v, ok = c.Discard() {
		values = append(values, v)
	}
	return values
}
