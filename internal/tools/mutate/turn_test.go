package main

import (
	"fmt"
	"slices"
	"testing"
)

func TestEachLawHasItsTurn(t *testing.T) {
	all := []mutation{{law: "L1", name: "L1-a"}, {law: "L1", name: "L1-b"}, {law: "L1", name: "L1-c"}, {law: "L2", name: "L2-a"}}
	tried := map[string]bool{}
	for turn := range 3 {
		var laws []string
		for _, p := range oneOfEach(all, turn) {
			laws = append(laws, p.law)
			tried[p.name] = true
		}
		if !slices.Equal(laws, []string{"L1", "L2"}) {
			t.Errorf("turn %d: one of each of %v", turn, laws)
		}
	}
	if len(tried) != len(all) {
		t.Errorf("tried in three turns: %v", tried)
	}
}

// What is not a numbered law has its turn too, a few at a time.
func TestOthersHaveTheirTurn(t *testing.T) {
	var all []mutation
	for i := range 3*others - 1 {
		all = append(all, mutation{law: "WORD", name: fmt.Sprintf("WORD-%d", i)})
	}
	tried := map[string]bool{}
	for turn := range 3 {
		chosen := oneOfEach(all, turn)
		if len(chosen) != others {
			t.Errorf("turn %d: %d of the others", turn, len(chosen))
		}
		for _, p := range chosen {
			tried[p.name] = true
		}
	}
	if len(tried) != len(all) {
		t.Errorf("tried in three turns: %v", tried)
	}
}
