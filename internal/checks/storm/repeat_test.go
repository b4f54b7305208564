package storm

import (
	"slices"
	"testing"
	"time"
)

// done is what a worker has done in a step: which operation, and the choices that it made.
type done struct {
	name  string
	draws *draws
}

// Two storms with one seed have the same operations, with the same choices: by number, of as
// many, and of the targets that last by name. A value that misbehaves may end an operation before
// it has made all choices; that changes nothing of the next one.
func TestStormRepeatsItsOperations(t *testing.T) {
	var first, second [workers + 2][]done
	for _, all := range []*[workers + 2][]done{&first, &second} {
		w := newWorld(t)
		w.noted = true
		w.rage(77, 300*time.Millisecond)
		w.close()
		for n, u := range w.workers {
			all[n] = u.history
		}
	}
	compared, whole := 0, 0
	for n := range first {
		for i := range min(len(first[n]), len(second[n])) {
			a, b := first[n][i], second[n][i]
			most := min(len(a.draws.made), len(b.draws.made))
			if a.name != b.name || !slices.Equal(a.draws.made[:most], b.draws.made[:most]) {
				t.Fatalf("worker %d, step %d: %s with %v, and then %s with %v", n, i, a.name, a.draws.made, b.name, b.draws.made)
			}
			if compared++; len(a.draws.made) == len(b.draws.made) {
				whole++
			}
		}
	}
	if compared < 5*len(first) || whole < compared*9/10 {
		t.Errorf("%d operations were compared, and %d to the last choice", compared, whole)
	}
	t.Logf("%d operations were compared, and %d to the last choice", compared, whole)
}

// Other seeds have other operations, as have the workers of one.
func TestStormDiffersBySeedWorkerAndStep(t *testing.T) {
	begin := func(of ...uint64) (first [4]uint64) {
		d := newDraws(of...)
		for i := range first {
			first[i] = d.draw(0)
		}
		return first
	}
	seen := map[[4]uint64]bool{}
	for _, of := range [][]uint64{{1, 1, 1}, {2, 1, 1}, {1, 2, 1}, {1, 1, 2}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}} {
		if first := begin(of...); seen[first] || first != begin(of...) {
			t.Errorf("%d has the choices of another, or not always the same", of)
		} else {
			seen[first] = true
		}
	}
}
