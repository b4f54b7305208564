package observer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// edges reads waits, such as "ab bc".
func edges(text string) (ws []actor.WaitsFor) {
	for _, e := range strings.Fields(text) {
		ws = append(ws, actor.WaitsFor{Service: e[:1], For: e[1:]})
	}
	return ws
}

// texts returns groups of waits as edges reads them, in order.
func texts(groups [][]actor.WaitsFor) string {
	var all []string
	for _, group := range groups {
		var g []string
		for _, w := range group {
			g = append(g, w.Service+w.For)
		}
		all = append(all, strings.Join(g, " "))
	}
	slices.Sort(all)
	return strings.Join(all, "|")
}

func TestObserverCycles(t *testing.T) {
	for waits, want := range map[string]string{
		"":                        "",
		"ab":                      "",
		"ab bc cd ad":             "",
		"aa":                      "", // work beside the closures of a
		"aa ab ba bb":             "ab ba",
		"ab ba":                   "ab ba",
		"ab bc ca cd de":          "ab bc ca",
		"xa ab ba":                "ab ba",
		"ab ba bc cd dc":          "ab ba|cd dc",
		"ab ac ba ca":             "ab ac ba ca",
		"ab ba ac cb":             "ab ba ac cb",
		"ab bc cd db ef fe ax xa": "ax xa|bc cd db|ef fe",
	} {
		if g := texts(cycles(edges(waits))); g != want {
			t.Errorf("%q: %q, want %q", waits, g, want)
		}
	}
}

// A wait for another is in a circle if and only if there is a way from its end to its
// beginning.
func TestObserverCyclesAreThoseThatAre(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 0))
		n := 1 + r.IntN(7)
		var ws []actor.WaitsFor
		reach := make([][]bool, n)
		for i := range reach {
			reach[i] = make([]bool, n)
			reach[i][i] = true
		}
		for range r.IntN(2 * n) {
			from, to := r.IntN(n), r.IntN(n)
			ws = append(ws, actor.WaitsFor{Service: fmt.Sprint(from), For: fmt.Sprint(to)})
			reach[from][to] = true
		}
		for k := range n { // Warshall's
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		var found []actor.WaitsFor
		for _, group := range cycles(ws) {
			found = append(found, group...)
		}
		for _, w := range ws {
			var from, to int
			fmt.Sscan(w.Service+" "+w.For, &from, &to)
			if slices.Contains(found, w) != (from != to && reach[to][from]) {
				t.Fatalf("seed %d: %v of %v: in a circle: %t", seed, w, ws, from != to && reach[to][from])
			}
		}
	}
}

// changing is a tree that is another one each time somebody looks.
type changing []supervisor.Node

func (c *changing) Snapshot() supervisor.Node {
	n := (*c)[0]
	*c = (*c)[1:]
	return n
}

// waiting is a tree with such waits.
func waiting(text string) (n supervisor.Node) {
	for _, w := range edges(text) {
		n.Children = append(n.Children, supervisor.Node{Service: &actor.Info{WaitsFor: []actor.WaitsFor{w}}})
	}
	return n
}

// A circle is what is there when one looks again; without one nobody looks again.
func TestObserverCyclesThatStay(t *testing.T) {
	for looks, want := range map[string]string{
		"ab bc":                   "",
		"ab ba/ba ab":             "ab ba",
		"ab ba/ab":                "",
		"ab ba/":                  "",
		"ab ba/ab bc ca":          "",
		"ab ba bc cb/bc cb ba xy": "bc cb",
		"ab bc ca ac/ca ac bc":    "ca ac",
	} {
		var tree changing
		for _, waits := range strings.Split(looks, "/") {
			tree = append(tree, waiting(waits))
		}
		w := watch{tree: &tree}
		s, err := w.look(t.Context())
		if got := texts(s.cycles); got != want || len(tree) > 0 || err != nil {
			t.Errorf("%q: %q, want %q; %d not looked at", looks, got, want, len(tree))
		}
	}
	elsewhere := waiting("ab ba")
	elsewhere.Children[0].Service.WaitsFor[0].Site = "another"
	w := watch{tree: &changing{waiting("ab ba"), elsewhere}}
	if s, err := w.look(t.Context()); err != nil || len(s.cycles) > 0 {
		t.Errorf("another wait: %v, %v", s.cycles, err)
	}
}
