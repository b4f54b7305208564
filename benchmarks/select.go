package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// choose fills the plan with what is selected.
func (c *config) choose(a asked) (err error) {
	all := systems.All()
	for _, s := range all {
		if s.Name == workloads.Baseline {
			c.plan.Baseline = s
		}
	}
	var titles []string
	if a.pattern != "" {
		titles, err = searched(a.pattern, allTitles())
	} else {
		titles, err = selected("-workload", a.workload, allTitles(), func(title string) string { return title })
	}
	if err != nil {
		return err
	}
	c.plan.Titles = titles
	c.plan.Workloads = slices.DeleteFunc(workloads.All(), func(w *workloads.Workload) bool {
		return !slices.ContainsFunc(w.Titles(), func(t string) bool { return slices.Contains(titles, t) })
	})
	c.plan.Systems, err = selected("-system", a.system, all,
		func(s *systems.System) string { return s.Name })
	return err
}

// allTitles returns the names of all figures of all workloads.
func allTitles() (titles []string) {
	for _, w := range workloads.All() {
		titles = append(titles, w.Titles()...)
	}
	return titles
}

// searched returns the titles that a pattern as for go test -run stands for: of one of its
// alternatives, each part, between slashes, is found somewhere in that part of the title.
func searched(pattern string, titles []string) (found []string, err error) {
	var alternatives [][]*regexp.Regexp
	for _, alternative := range split(pattern, '|') {
		var parts []*regexp.Regexp
		for _, part := range split(alternative, '/') {
			re, err := regexp.Compile(part)
			if err != nil {
				return nil, fmt.Errorf("-run: %w", err)
			}
			parts = append(parts, re)
		}
		alternatives = append(alternatives, parts)
	}
	for _, title := range titles {
		if slices.ContainsFunc(alternatives, func(parts []*regexp.Regexp) bool { return within(title, parts) }) {
			found = append(found, title)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("-run %s: there is none; known are\n  %s", pattern, strings.Join(titles, "\n  "))
	}
	return found, nil
}

// within reports whether each of the parts is found in that part of the title.
func within(title string, parts []*regexp.Regexp) bool {
	words := strings.Split(title, "/")
	if len(parts) > len(words) {
		return false
	}
	for i, re := range parts {
		if !re.MatchString(words[i]) {
			return false
		}
	}
	return true
}

// split cuts a regular expression where sep stands outside of parentheses and brackets.
func split(pattern string, sep rune) []string {
	depth := 0
	return strings.Split(strings.Map(func(c rune) rune {
		switch {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == sep && depth == 0:
			return 0 // which no pattern has
		}
		return c
	}, pattern), "\x00")
}

// selected returns those of all that one of the patterns of the list stands for, in the
// order of all. An empty list stands for everything.
func selected[T any](flag, list string, all []T, name func(T) string) (chosen []T, err error) {
	if list == "" {
		return all, nil
	}
	chosenAt := make([]bool, len(all))
	var unknown []string
	for pattern := range strings.SplitSeq(list, ",") {
		found := false
		for i, t := range all {
			if matches(pattern, name(t)) {
				chosenAt[i], found = true, true
			}
		}
		if !found {
			unknown = append(unknown, strconv.Quote(pattern))
		}
	}
	if len(unknown) > 0 {
		var known []string
		for _, t := range all {
			known = append(known, name(t))
		}
		return nil, fmt.Errorf("%s: nothing is called %s; known are\n  %s",
			flag, strings.Join(unknown, ", "), strings.Join(known, "\n  "))
	}
	for i, t := range all {
		if chosenAt[i] {
			chosen = append(chosen, t)
		}
	}
	return chosen, nil
}

// matches reports whether a pattern stands for a name: it matches it, or one of the
// groups that it is in.
func matches(pattern, name string) bool {
	for {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return false
		}
		name = name[:i]
	}
}
