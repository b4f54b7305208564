package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
)

// testPattern matches the names of the tests of a law, and not those of a law
// whose number only begins with the same digits.
func testPattern(law string) string { return "^Test(" + law + ")([^0-9]|$)" }

func (m mutation) tests() *regexp.Regexp {
	return regexp.MustCompile(testPattern(regexp.QuoteMeta(m.law)))
}

// choose returns the mutations that one of the patterns selects, each a law or a glob
// for names; all if there are none. A pattern that selects nothing is an error.
func choose(all []mutation, patterns []string) (chosen []mutation, err error) {
	if len(patterns) == 0 {
		return all, nil
	}
	due := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, m := range all {
			ok, err := path.Match(pattern, m.name)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", pattern, err)
			}
			if ok || pattern == m.law {
				found, due[m.name] = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no mutation in testdata/mutations matches %q", pattern)
		}
	}
	for _, m := range all {
		if due[m.name] {
			chosen = append(chosen, m)
		}
	}
	return chosen, nil
}

// others is how many mutations of what is not a numbered law have their turn at once.
const others = 4

var lawNumber = regexp.MustCompile(`^L[0-9]+$`)

// oneOfEach returns of each numbered law the mutation whose turn it is, and of all
// others together the next few.
func oneOfEach(all []mutation, turn int) (chosen []mutation) {
	groups := map[string][]string{} // names; by law, those of the others by ""
	for _, m := range all {
		law := ""
		if lawNumber.MatchString(m.law) {
			law = m.law
		}
		groups[law] = append(groups[law], m.name)
	}
	due := map[string]bool{}
	for law, names := range groups {
		if law != "" {
			due[names[turn%len(names)]] = true
			continue
		}
		for i := range min(others, len(names)) {
			due[names[(turn*others+i)%len(names)]] = true
		}
	}
	for _, m := range all {
		if due[m.name] {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// lawsOf returns the laws of the mutations, each once, in their order.
func lawsOf(all []mutation) (laws []string) {
	for _, m := range all {
		if !slices.Contains(laws, m.law) {
			laws = append(laws, m.law)
		}
	}
	return laws
}
