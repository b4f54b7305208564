package laws_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

func TestMove(t *testing.T) {
	s := []int{1, 2}
	if moved := actor.Move(&s); s != nil || !slices.Equal(moved, []int{1, 2}) {
		t.Errorf("moved %v, left %v", moved, s)
	}
	p := &actortest.Plain{N: 1}
	if moved := actor.Move(&p); p != nil || moved.N != 1 {
		t.Errorf("moved %v, left %v", moved, p)
	}
	defer func() {
		if v := fmt.Sprint(recover()); v != "actor: Move from a nil pointer" {
			t.Errorf("panic %q", v)
		}
	}()
	actor.Move[int](nil)
}
