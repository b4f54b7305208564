package goid_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
)

// hangsHere is looked for in a stack.
func hangsHere(s *goid.Stack, free <-chan struct{}) {
	s.Here()
	s.Here() // which is the same
	<-free
	s.Gone()
}

func TestStackOfAGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b goid.Stack
		var shared goid.Dumps
		a.Share(&shared)
		a.Share(nil)
		b.Share(&shared)
		free := make(chan struct{})
		go hangsHere(&a, free)
		go hangsHere(&b, free)
		synctest.Wait()
		for _, step := range []struct {
			of   *goid.Stack
			want string
		}{
			{&a, "hangsHere"},
			{&b, "less than a minute"}, // of the limit that they share
			{new(goid.Stack), "not known"},
			{&b, "hangsHere"},
		} {
			if text := step.of.Text(); !strings.Contains(text, step.want) {
				t.Errorf("no %q in %q", step.want, text)
			}
			time.Sleep(25 * time.Second)
		}
		close(free)
		synctest.Wait()
		if text := a.Text(); !strings.Contains(text, "not known") {
			t.Errorf("of a goroutine that is gone: %q", text)
		}
	})
}
