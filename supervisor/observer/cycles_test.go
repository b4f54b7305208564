package observer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// edges reads waits, such as "ab bc".
func edges(text string) (ws []actor.Wait) {
	for _, e := range strings.Fields(text) {
		ws = append(ws, actor.Wait{Service: e[:1], For: e[1:]})
	}
	return ws
}

func TestObserverCycles(t *testing.T) {
	for waits, want := range map[string]string{
		"":                        "",
		"ab":                      "",
		"ab bc cd ad":             "",
		"aa":                      "aa",
		"ab ba":                   "ab ba",
		"ab bc ca cd de":          "ab bc ca",
		"xa ab ba":                "ab ba",
		"ab ba bc cd dc":          "ab ba|cd dc",
		"ab ac ba ca":             "ab ac ba ca",
		"ab ba ac cb":             "ab ba ac cb",
		"ab bc cd db ef fe ax xa": "ax xa|bc cd db|ef fe",
	} {
		var got []string
		for _, group := range cycles(edges(waits)) {
			var g []string
			for _, w := range group {
				g = append(g, w.Service+w.For)
			}
			got = append(got, strings.Join(g, " "))
		}
		slices.Sort(got)
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%q: %q, want %q", waits, g, want)
		}
	}
}

// A wait is in a circle if and only if there is a way from its end to its beginning.
func TestObserverCyclesAreThoseThatAre(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 0))
		n := 1 + r.IntN(7)
		var ws []actor.Wait
		reach := make([][]bool, n)
		for i := range reach {
			reach[i] = make([]bool, n)
			reach[i][i] = true
		}
		for range r.IntN(2 * n) {
			from, to := r.IntN(n), r.IntN(n)
			ws = append(ws, actor.Wait{Service: fmt.Sprint(from), For: fmt.Sprint(to)})
			reach[from][to] = true
		}
		for k := range n { // Warshall's
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		var found []actor.Wait
		for _, group := range cycles(ws) {
			found = append(found, group...)
		}
		for _, w := range ws {
			var from, to int
			fmt.Sscan(w.Service+" "+w.For, &from, &to)
			if slices.Contains(found, w) != reach[to][from] {
				t.Fatalf("seed %d: %v of %v: in a circle: %t", seed, w, ws, reach[to][from])
			}
		}
	}
}
