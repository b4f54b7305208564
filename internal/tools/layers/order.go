package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// moments is the file whose arrows are never up.
const moments = "moments.go"

// readLayers returns the lines of LAYERS, the bottom first; none if there is no such file.
func readLayers(dir string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "LAYERS"))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), err
}

// compare returns a line for each difference between LAYERS and the names of the files.
func compare(layers, names []string) (wrong []string) {
	first := map[string]int{}
	for i, name := range layers {
		switch {
		case isHeading(name):
			continue
		case first[name] != 0:
			wrong = append(wrong, fmt.Sprintf("LAYERS:%d: %s stands in line %d already", i+1, name, first[name]))
		case name == "doc.go" || strings.HasSuffix(name, "_test.go"):
			wrong = append(wrong, fmt.Sprintf("LAYERS:%d: %s does not count", i+1, name))
		case !slices.Contains(names, name):
			wrong = append(wrong, fmt.Sprintf("LAYERS:%d: there is no file %q", i+1, name))
		}
		if first[name] == 0 {
			first[name] = i + 1
		}
	}
	for _, name := range names {
		if first[name] == 0 {
			wrong = append(wrong, fmt.Sprintf("LAYERS: %s is missing", name))
		}
	}
	return wrong
}

// ranks returns the height of each file.
func ranks(layers []string) map[string]int {
	r := map[string]int{}
	for i, name := range layers {
		r[name] = i
	}
	return r
}

// up says that an arrow runs upwards.
func (a arrow) up(ranks map[string]int) bool {
	return a.from != moments && ranks[a.from] < ranks[a.to]
}

// mutual returns the arrows that have one in the other direction: of each pair the one
// whose file comes first by name, and its opposite.
func mutual(arrows []arrow) (pairs [][2]arrow) {
	seen := map[[2]string]arrow{}
	for _, a := range arrows {
		seen[[2]string{a.from, a.to}] = a
	}
	for _, a := range arrows {
		if b, ok := seen[[2]string{a.to, a.from}]; ok && a.from < a.to {
			pairs = append(pairs, [2]arrow{a, b})
		}
	}
	return pairs
}

// suggest returns an order of the files with few up arrows. It begins with the order of
// LAYERS, new files on top, and with the one of files that use least; moves one
// file at a time to where it saves most, and prefers the first result where both are as
// good. Finding the best order would take too long: it is a hard problem.
func suggest(layers []string, p *pack) []string {
	names := p.names()
	given := slices.DeleteFunc(slices.Clone(layers), func(name string) bool { return !slices.Contains(names, name) })
	for _, name := range append(given, names...) {
		if i := slices.Index(given, name); i < 0 {
			given = append(given, name)
		} else if j := slices.Index(given[i+1:], name); j >= 0 {
			given = slices.Delete(given, i+1+j, i+2+j)
		}
	}
	g := newGraph(p.arrows)
	a, b := g.improve(given), g.improve(g.byUse(names))
	if g.count(b) < g.count(a) {
		return b
	}
	return a
}

// A graph has the arrows that may be up, as pairs of files.
type graph map[[2]string]int

func newGraph(arrows []arrow) graph {
	g := graph{}
	for _, a := range arrows {
		if a.from != moments {
			g[[2]string{a.from, a.to}] = 1
		}
	}
	return g
}

// count returns how many arrows of an order are up.
func (g graph) count(order []string) (n int) {
	for i, low := range order {
		for _, high := range order[i+1:] {
			n += g[[2]string{low, high}]
		}
	}
	return n
}

// byUse builds an order from the bottom: of what is left, next comes a file that uses none
// of the others, else the one with the fewest arrows to them, less those from them to it.
func (g graph) byUse(names []string) (order []string) {
	rest := slices.Clone(names)
	for len(rest) > 0 {
		best, least := 0, 0
		for i, a := range rest {
			uses, used := 0, 0
			for _, b := range rest {
				uses += g[[2]string{a, b}]
				used += g[[2]string{b, a}]
			}
			if uses == 0 {
				best = i
				break
			}
			if i == 0 || uses-used < least {
				best, least = i, uses-used
			}
		}
		order = append(order, rest[best])
		rest = slices.Delete(rest, best, best+1)
	}
	return order
}

// improve moves single files until no move saves an arrow. It ends, for each move
// makes the count smaller.
func (g graph) improve(order []string) []string {
	order = slices.Clone(order)
	for moved := true; moved; {
		moved = false
		for _, name := range slices.Clone(order) {
			from := slices.Index(order, name)
			if to := g.place(order, from); to != from {
				order = slices.Insert(slices.Delete(order, from, from+1), to, name)
				moved = true
			}
		}
	}
	return order
}

// place returns the index at which a file has the fewest up arrows: the nearest one, and
// the one it has if none is better.
func (g graph) place(order []string, from int) int {
	best, least := from, 0
	for _, step := range []int{-1, 1} {
		// The change of the count, if the file passes all files from its place to i.
		change := 0
		for i := from + step; i >= 0 && i < len(order); i += step {
			down := g[[2]string{order[from], order[i]}] - g[[2]string{order[i], order[from]}]
			change -= step * down
			if change < least || change == least && best != from && abs(i-from) < abs(best-from) {
				best, least = i, change
			}
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }
