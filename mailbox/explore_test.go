package mailbox

import "testing"

// A model is a state machine of atomic steps. explore visits every state that
// any interleaving reaches. One goroutine does that, so the race detector has nothing to look
// for, and would take most of the time.

// step is one atomic step of one of the goroutines of a model. What it is called is
// put together where it is read, which is rare: a search makes a million of them.
type step[S comparable] struct {
	who, name string
	next      S
}

// explore searches all interleavings from start, breadth first. steps adds to a list what
// can happen next; wrong says what is wrong with a state, given that it is the
// end or not. It returns the shortest way to a wrong state, if there is one.
//
//go:norace
func explore[S comparable](start S, steps func(s S, to []step[S]) []step[S], wrong func(s S, end bool) string) (fault string, path []string, states int) {
	visits, from, seen := []S{start}, []int32{0}, map[S]struct{}{start: {}}
	var next []step[S]
	for i := 0; i < len(visits); i++ {
		s := visits[i]
		next = steps(s, next[:0])
		if fault := wrong(s, len(next) == 0); fault != "" {
			for ; i > 0; i = int(from[i]) {
				for _, n := range steps(visits[from[i]], next[:0]) {
					if n.next == visits[i] {
						path = append([]string{n.who + " " + n.name}, path...)
						break
					}
				}
			}
			return fault, path, len(seen)
		}
		for _, n := range next {
			if _, ok := seen[n.next]; !ok {
				seen[n.next] = struct{}{}
				visits, from = append(visits, n.next), append(from, int32(i))
			}
		}
	}
	return "", nil, len(seen)
}

// sound demands that no interleaving is wrong.
func sound[S comparable](t *testing.T, start S, steps func(S, []step[S]) []step[S], wrong func(S, bool) string) {
	t.Helper()
	fault, path, states := explore(start, steps, wrong)
	if fault != "" {
		t.Fatalf("%s, after %q", fault, path)
	}
	t.Logf("%d states", states)
}

// faulty demands that some interleaving is wrong.
func faulty[S comparable](t *testing.T, start S, steps func(S, []step[S]) []step[S], wrong func(S, bool) string) {
	t.Helper()
	fault, path, states := explore(start, steps, wrong)
	if fault == "" {
		t.Fatalf("the fault was not found in %d states", states)
	}
	t.Logf("%s, after %q", fault, path)
}
