package mailbox

import "testing"

// A model is a state machine of atomic steps. explore visits every state that
// any interleaving reaches.

// step is one atomic step of one of the goroutines of a model. What it is called is
// put together where it is read, which is rare: a search makes a million of them.
type step[S comparable] struct {
	who, name string
	next      S
}

// explore searches all interleavings from start, breadth first. steps lists what
// can happen next; wrong says what is wrong with a state, given that it is the
// end or not. It returns the shortest way to a wrong state, if there is one.
func explore[S comparable](start S, steps func(S) []step[S], wrong func(s S, end bool) string) (fault string, path []string, states int) {
	type origin struct {
		from      S
		who, name string
	}
	seen := map[S]origin{start: {}}
	for queue := []S{start}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		next := steps(s)
		if fault := wrong(s, len(next) == 0); fault != "" {
			for s != start {
				path = append([]string{seen[s].who + " " + seen[s].name}, path...)
				s = seen[s].from
			}
			return fault, path, len(seen)
		}
		for _, n := range next {
			if _, ok := seen[n.next]; !ok {
				seen[n.next] = origin{s, n.who, n.name}
				queue = append(queue, n.next)
			}
		}
	}
	return "", nil, len(seen)
}

// sound demands that no interleaving is wrong.
func sound[S comparable](t *testing.T, start S, steps func(S) []step[S], wrong func(S, bool) string) {
	t.Helper()
	fault, path, states := explore(start, steps, wrong)
	if fault != "" {
		t.Fatalf("%s, after %q", fault, path)
	}
	t.Logf("%d states", states)
}

// faulty demands that some interleaving is wrong.
func faulty[S comparable](t *testing.T, start S, steps func(S) []step[S], wrong func(S, bool) string) {
	t.Helper()
	fault, path, states := explore(start, steps, wrong)
	if fault == "" {
		t.Fatalf("the fault was not found in %d states", states)
	}
	t.Logf("%s, after %q", fault, path)
}
