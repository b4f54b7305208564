package supervisor

import (
	"fmt"
	"testing"
)

// The whole table: restart type × kind of exit × decider. A row is what becomes
// of a child that ended normally, failed, or was stopped for good.
func TestSUPDecisionTable(t *testing.T) {
	rows := []struct {
		r    Restart
		d    Decision
		want [3]verdict // normal, failure, deliberate
	}{
		{Permanent, ByTable, [3]verdict{restart, restart, leave}},
		{Transient, ByTable, [3]verdict{leave, restart, leave}},
		{passing, ByTable, [3]verdict{forget, restart, forget}},
		{Temporary, ByTable, [3]verdict{forget, forget, forget}},

		{Permanent, RestartChild, [3]verdict{restart, restart, leave}},
		{Transient, RestartChild, [3]verdict{restart, restart, leave}},
		{passing, RestartChild, [3]verdict{restart, restart, forget}},
		{Temporary, RestartChild, [3]verdict{restart, restart, forget}},

		{Permanent, StopChild, [3]verdict{leave, leave, leave}},
		{Transient, StopChild, [3]verdict{leave, leave, leave}},
		{passing, StopChild, [3]verdict{forget, leave, forget}},
		{Temporary, StopChild, [3]verdict{forget, forget, forget}},

		{Permanent, Escalate, [3]verdict{escalate, escalate, leave}},
		{Transient, Escalate, [3]verdict{escalate, escalate, leave}},
		{passing, Escalate, [3]verdict{escalate, escalate, forget}},
		{Temporary, Escalate, [3]verdict{escalate, escalate, forget}},
	}
	for _, row := range rows {
		for how, want := range row.want {
			if got := decide(row.r, ending(how), row.d); got != want {
				t.Errorf("decide(restart type %d, ending %d, decision %d) = %d, want %d",
					row.r, how, row.d, got, want)
			}
		}
	}
}

// Strategy × position, for every number of children up to five.
func TestSUPAffectedByStrategyAndPosition(t *testing.T) {
	for n := 1; n <= 5; n++ {
		for i := range n {
			want := map[Strategy][2]int{
				OneForOne:  {i, i + 1},
				OneForAll:  {0, n},
				RestForOne: {i, n},
			}
			for s, w := range want {
				if from, to := affected(s, i, n); [2]int{from, to} != w {
					t.Errorf("affected(strategy %d, child %d of %d) = [%d, %d), want %v", s, i, n, from, to, w)
				}
			}
		}
	}
}

// Strategy × restart type × kind of exit × position: who is restarted, as a
// picture. R is restarted, - stays as it is, . is down, x is forgotten.
func TestSUPStrategyTable(t *testing.T) {
	whole := map[Strategy][3]string{ // by position of the child that is to be restarted
		OneForOne:  {"R--", "-R-", "--R"},
		OneForAll:  {"RRR", "RRR", "RRR"},
		RestForOne: {"RRR", "-RR", "--R"},
	}
	alone := map[verdict]byte{leave: '.', forget: 'x'}
	for s := OneForOne; s <= RestForOne; s++ {
		for r := Permanent; r <= passing; r++ {
			for how := normal; how <= deliberate; how++ {
				for i := range 3 {
					v := decide(r, how, ByTable)
					want := whole[s][i]
					if v != restart {
						b := []byte("---")
						b[i] = alone[v]
						want = string(b)
					}
					if got := picture(s, v, i, alone); got != want {
						t.Errorf("strategy %d, restart type %d, ending %d, child %d: %s, want %s",
							s, r, how, i, got, want)
					}
				}
			}
		}
	}
}

func picture(s Strategy, v verdict, i int, alone map[verdict]byte) string {
	b := []byte("---")
	if v != restart {
		b[i] = alone[v]
		return string(b)
	}
	from, to := affected(s, i, len(b))
	for k := from; k < to; k++ {
		b[k] = 'R'
	}
	return string(b)
}

func TestSUPAutoShutdownTable(t *testing.T) {
	for _, row := range []struct {
		a    AutoShutdown
		want [3]bool // with 0, 1 and 2 significant children left
	}{
		{Never, [3]bool{false, false, false}},
		{AnySignificant, [3]bool{true, true, true}},
		{AllSignificant, [3]bool{true, false, false}},
	} {
		for left, want := range row.want {
			if got := ends(row.a, left); got != want {
				t.Errorf("ends(%d, %d left) = %v", row.a, left, got)
			}
		}
	}
}

// The words are part of what users read in logs.
func TestSUPWords(t *testing.T) {
	var got []string
	for k := Started; k <= Stopped+1; k++ {
		got = append(got, k.String())
	}
	for s := NotStarted; s <= Gone; s++ {
		got = append(got, s.String())
	}
	want := "[started exited restarting gave up cut off stopped Kind(6)" +
		" new starting up stopping waiting terminated exited]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
