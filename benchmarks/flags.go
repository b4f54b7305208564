package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

const usage = `usage: go -C benchmarks run . [-quick] [-run REGEXP | -workload LIST] [-system LIST]
                               [-slice DURATION] [-rounds N | -time DURATION]

Compares nano services with channels, a mutex and other libraries. Ratios are to the
goroutine that reads a channel of 128 functions, chan128, in the same round.

A LIST has names or patterns, separated by commas: tell/1, tell, 'tell/*', 'nano*'. The
name of a group stands for all that is in it. A REGEXP selects as that of go test -run:
'tell|call' for the groups tell and call.

`

// config is what the user asks for.
type config struct {
	plan   harness.Plan
	format string
	plot   string // the file to draw, or nothing

	list bool // only say what there is

	// update is the clone of the repository whose documents get the figures, or nothing.
	update string

	// command is how the program was called.
	command string
}

// formats are the values of -format.
var formats = []string{"table", "json", "rst"}

// parse reads the arguments, and says what is wrong with them.
func parse(args []string, stderr io.Writer) (*config, error) {
	var c config
	var pattern, workload, system string
	var soak time.Duration
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.BoolVar(&c.list, "list", false, "say what systems and workloads there are, and measure nothing")
	flags.StringVar(&pattern, "run", "", "run the workloads that a `regexp` selects, as with go test")
	flags.StringVar(&workload, "workload", "", "run these workloads only; the default is all (`list`)")
	flags.StringVar(&system, "system", "", "run these systems only; the default is all (`list`)")
	flags.IntVar(&c.plan.Rounds, "rounds", 0, "measure everything `n` times, at most; the default is 30, or 5 with -quick;"+
		" what is not measured in slices has 10 at most")
	flags.DurationVar(&c.plan.Slice, "slice", 0, "each time for this `duration`; the default is 20ms, or 10ms with -quick")
	flags.DurationVar(&c.plan.Budget, "time", 0,
		"begin no round after a `duration`, and without -rounds as many as fit into it; with -quick it is 30s")
	flags.BoolVar(&c.plan.Quick, "quick", false, "less work and fewer rounds: under 50 s on two cores")
	flags.StringVar(&c.format, "format", formats[0], "one of `table`, json, rst")
	flags.StringVar(&c.plot, "plot", "", "draw the results, in SVG, to `file`")
	flags.StringVar(&c.update, "update", "",
		"write the figures and the plot into the documents of the repository in `directory`")
	flags.DurationVar(&soak, "soak", 0,
		"feed the bounded service of "+workloads.BoundedName+" for a `duration`; the default is 1m, or 1.5s with -quick")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("there are no arguments beside flags: %q", flags.Arg(0))
	}
	if !slices.Contains(formats, c.format) {
		return nil, fmt.Errorf("-format %s: the formats are %s", c.format, strings.Join(formats, ", "))
	}
	switch {
	case pattern != "" && workload != "":
		return nil, errors.New("-run and -workload both select workloads: use one of them")
	case c.plan.Slice != 0 && (c.plan.Slice < time.Millisecond || c.plan.Slice > time.Second):
		return nil, fmt.Errorf("-slice %v: from 1ms to 1s", c.plan.Slice)
	case c.plan.Budget < 0:
		return nil, fmt.Errorf("-time %v: it is over", c.plan.Budget)
	case soak < 0 || soak > 0 && soak < 100*time.Millisecond:
		return nil, fmt.Errorf("-soak %v: at least 100ms", soak)
	case c.plan.Rounds < 0:
		return nil, fmt.Errorf("-rounds %d: at least 1", c.plan.Rounds)
	}
	c.complete()
	c.command = strings.Join(append([]string{"go -C benchmarks run ."}, args...), " ")
	if err := c.choose(pattern, workload, system); err != nil {
		return nil, err
	}
	c.soak(soak)
	if c.plan.Empty() {
		return nil, errors.New("nothing is left to measure: none of the systems has any of the workloads" +
			" (-list says which there are; -quick leaves out the longest)")
	}
	return &c, nil
}

// complete chooses what was left open.
func (c *config) complete() {
	rounds, slice, budget := 30, 20*time.Millisecond, time.Duration(0)
	if c.plan.Quick {
		rounds, slice, budget = 5, 10*time.Millisecond, 30*time.Second
	}
	if c.plan.Budget > 0 {
		rounds = 0 // as many as fit
	}
	c.plan.Rounds = cmp.Or(c.plan.Rounds, rounds)
	c.plan.Slice = cmp.Or(c.plan.Slice, slice)
	c.plan.Budget = cmp.Or(c.plan.Budget, budget)
	if c.update != "" && c.plot == "" {
		c.plot = filepath.Join(c.update, "docs", "performance.svg")
	}
}

// soak says for how long the bounded service is fed. 0: as it is by default.
func (c *config) soak(length time.Duration) {
	if length == 0 {
		return
	}
	for _, w := range c.plan.Workloads {
		if w.Name == workloads.BoundedName {
			w.Ops = int(length.Milliseconds())
			w.Quick = w.Ops
		}
	}
}

// choose fills the plan with what is selected.
func (c *config) choose(pattern, workload, system string) (err error) {
	all := systems.All()
	for _, s := range all {
		if s.Name == workloads.Baseline {
			c.plan.Baseline = s
		}
	}
	var titles []string
	if pattern != "" {
		titles, err = searched(pattern, allTitles())
	} else {
		titles, err = selected("-workload", workload, allTitles(), func(title string) string { return title })
	}
	if err != nil {
		return err
	}
	c.plan.Titles = titles
	c.plan.Workloads = slices.DeleteFunc(workloads.All(), func(w *workloads.Workload) bool {
		return !slices.ContainsFunc(w.Titles(), func(t string) bool { return slices.Contains(titles, t) })
	})
	c.plan.Systems, err = selected("-system", system, all,
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

// searched returns the titles that a pattern as for go test -run stands for: each of its
// parts, between slashes, is found somewhere in that part of the title.
func searched(pattern string, titles []string) (found []string, err error) {
	var parts []*regexp.Regexp
	for part := range strings.SplitSeq(pattern, "/") {
		re, err := regexp.Compile(part)
		if err != nil {
			return nil, fmt.Errorf("-run: %w", err)
		}
		parts = append(parts, re)
	}
	for _, title := range titles {
		words := strings.Split(title, "/")
		ok := len(parts) <= len(words)
		for i := 0; ok && i < len(parts); i++ {
			ok = parts[i].MatchString(words[i])
		}
		if ok {
			found = append(found, title)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("-run %s: there is none; known are\n  %s", pattern, strings.Join(titles, "\n  "))
	}
	return found, nil
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
