package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

const usage = `usage: go -C benchmarks run . [-quick] [-run REGEXP | -workload LIST] [-system LIST]
                               [-slice DURATION] [-rounds N | -time DURATION]
                               [-against COMMIT [-system nano-proxy]]

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

	// against is the commit whose library is compared with that of the working tree, or
	// nothing.
	against string
	// now is the system that is compared with it.
	now string

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
	flags.StringVar(&c.against, "against", "",
		"compare this library with itself as it was in a `commit`, such as HEAD~3; without -run and -workload,"+
			" in what is measured in slices")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	asked := asked{pattern, workload, system, soak}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("there are no arguments beside flags: %q", flags.Arg(0))
	}
	if err := c.validate(asked); err != nil {
		return nil, err
	}
	c.complete()
	c.command = "go -C benchmarks run ."
	for _, arg := range args {
		c.command += " " + quoted(arg)
	}
	if err := c.choose(asked); err != nil {
		return nil, err
	}
	if c.against != "" {
		c.versus(system, pattern != "" || workload != "")
	}
	c.soak(soak)
	if c.plan.Empty() {
		return nil, errors.New("nothing is left to measure: none of the systems has any of the workloads" +
			" (-list says which there are; -quick leaves out the longest)")
	}
	return &c, nil
}

// asked is what the user asks for that the config has in another form.
type asked struct {
	pattern, workload, system string
	soak                      time.Duration
}

// validate says what is wrong with what the user asks for.
func (c *config) validate(a asked) error {
	if !slices.Contains(formats, c.format) {
		return fmt.Errorf("-format %s: the formats are %s", c.format, strings.Join(formats, ", "))
	}
	switch {
	case a.pattern != "" && a.workload != "":
		return errors.New("-run and -workload both select workloads: use one of them")
	case c.against != "" && (c.update != "" || c.plot != "" || c.format == "rst"):
		return errors.New("-against has two systems, in a table or in JSON: -update, -plot and -format rst do not go with it")
	case c.against != "" && a.system != "" && a.system != own && a.system != proxied:
		return fmt.Errorf("-against compares this library with itself: -system %s does not go with it, but %s or %s", a.system, own, proxied)
	case c.plan.Slice != 0 && (c.plan.Slice < time.Millisecond || c.plan.Slice > time.Second):
		return fmt.Errorf("-slice %v: from 1ms to 1s", c.plan.Slice)
	case c.plan.Budget < 0:
		return fmt.Errorf("-time %v: it is over", c.plan.Budget)
	case a.soak < 0 || a.soak > 0 && a.soak < 100*time.Millisecond:
		return fmt.Errorf("-soak %v: at least 100ms", a.soak)
	case c.plan.Rounds < 0:
		return fmt.Errorf("-rounds %d: at least 1", c.plan.Rounds)
	}
	return nil
}

// quoted writes an argument as a shell wants it.
func quoted(arg string) string {
	if strings.ContainsAny(arg, " |&;<>()$`\\\"*?[]{}~#!'") {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
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

// soak says for how long the bounded service is fed. 0: as it is by default. What is short
// is done in rounds, as other workloads are.
func (c *config) soak(length time.Duration) {
	if length == 0 {
		return
	}
	for _, w := range c.plan.Workloads {
		if w.Name == workloads.BoundedName {
			w.Ops = int(length.Milliseconds())
			w.Quick = w.Ops
			if length < 10*time.Second {
				w.Rounds = 10
			}
		}
	}
}
