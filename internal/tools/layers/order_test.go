package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// packOf makes a package of some files, and of arrows as "ab": from the file a to the file b.
func packOf(files []string, arrows string) *pack {
	p := &pack{}
	seen := map[string]bool{}
	for _, n := range files {
		seen[n] = true
	}
	for _, pair := range strings.Fields(arrows) {
		from, to := name(pair[:1]), name(pair[1:])
		p.arrows = append(p.arrows, arrow{from: from, to: to})
		seen[from], seen[to] = true, true
	}
	for n := range seen {
		p.files = append(p.files, file{name: n})
	}
	slices.SortFunc(p.files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return p
}

func name(letter string) string {
	if letter == "m" {
		return moments
	}
	return letter + ".go"
}

func TestSuggest(t *testing.T) {
	for _, test := range []struct{ name, layers, arrows, want string }{
		{"as it is", "a b c", "ba cb", "a b c"},
		{"turned round", "a b c", "ab bc", "c b a"},
		{"no arrow decides: as it is", "c a b", "ba", "c a b"},
		{"a cycle: as it is, for no order is better", "a b c", "ba cb ac", "a b c"},
		{"a pair: as it is", "b a", "ab ba", "b a"},
		{"the fewest of a cycle", "a b c", "ab bc ca ba", "a c b"},
		{"a new file, a vanished one, and a second line", "x a b a", "ba cb", "a b c"},
		{"no LAYERS", "", "ab bc", "c b a"},
		{"moments may use all", "m a b", "ma mb ba", "m a b"},
		{"but not the other way round", "a m", "am", "m a"},
	} {
		var layers, here []string
		for _, letter := range strings.Fields(test.layers) {
			layers = append(layers, name(letter))
			if letter != "x" { // has vanished
				here = append(here, name(letter))
			}
		}
		var got []string
		for _, n := range suggest(layers, packOf(here, test.arrows)) {
			got = append(got, n[:1])
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s, want %s", test.name, s, test.want)
		}
	}
}

// A suggestion has each file once, and is never worse than the order it began with. Where
// there is an order without an up arrow, it has none.
func TestSuggestRandom(t *testing.T) {
	const letters = "abcdefghijkl"
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		acyclic := round%2 == 0
		var arrows []string
		for range 1 + rnd.IntN(40) {
			i, j := rnd.IntN(len(letters)), rnd.IntN(len(letters))
			if i == j || acyclic && i < j {
				continue
			}
			if a := letters[i:i+1] + letters[j:j+1]; !slices.Contains(arrows, a) {
				arrows = append(arrows, a)
			}
		}
		p := packOf(nil, strings.Join(arrows, " "))
		given := p.names()
		rnd.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		before := slices.Clone(given)
		got := suggest(given, p)
		if !slices.Equal(given, before) {
			t.Fatal("suggest changed what it was given")
		}
		if wrong := compare(got, p.names()); len(wrong) > 0 {
			t.Fatal(wrong)
		}
		if again := suggest(given, p); !slices.Equal(got, again) {
			t.Fatalf("%v, then %v", got, again)
		}
		g := newGraph(p.arrows)
		if g.count(got) > g.count(given) {
			t.Fatalf("%d up, before %d", g.count(got), g.count(given))
		}
		if n, m := g.count(got), p.figures(ranks(got))["up"]; n != m {
			t.Fatalf("suggest counts %d up, the check %d", n, m)
		}
		if acyclic && g.count(got) > 0 {
			t.Fatalf("%d up of %v", g.count(got), arrows)
		}
	}
}
