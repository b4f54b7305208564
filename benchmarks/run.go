package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/bruskajp/nano_services/benchmarks/internal/against"
	"github.com/bruskajp/nano_services/benchmarks/internal/before"
	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/report"
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // a system did not do its work, or a result could not be written
	exitUsage       = 2
	exitInterrupted = 130
)

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "benchmarks: %v\n", err)
		return exitUsage
	}
	if c.list {
		c.catalogue(stdout)
		return exitOK
	}
	if c.against != "" && before.Commit == "" {
		code, err := c.rebuild(ctx, args, stdout, stderr)
		if err != nil {
			fmt.Fprintf(stderr, "benchmarks: %v\n", err)
		}
		return code
	}
	if err := c.measure(ctx, stdout, stderr); err != nil {
		if ctx.Err() != nil {
			fmt.Fprintln(stderr, "benchmarks: interrupted: nothing is shown")
			return exitInterrupted
		}
		fmt.Fprintf(stderr, "benchmarks: %v\n", err)
		return exitFailed
	}
	return exitOK
}

// catalogue says what the chosen systems and workloads are.
func (c *config) catalogue(out io.Writer) {
	fmt.Fprintln(out, "Systems:")
	for _, s := range c.plan.Systems {
		fmt.Fprintf(out, "  %-20s %s\n", s.Name, s.About)
	}
	fmt.Fprintln(out, "\nWorkloads:")
	for _, w := range c.plan.Workloads {
		fmt.Fprintf(out, "  %-20s %s\n", w.Name, w.About)
	}
}

// measure runs what was chosen and shows it.
func (c *config) measure(ctx context.Context, stdout, stderr io.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	bar := newProgress(stderr)
	c.plan.Progress = bar.show
	c.plan.Alone = alone
	c.fit(workloads.Available(), stderr)
	if c.against != "" {
		if c.plan.Baseline == nil {
			return fmt.Errorf("%s cannot be compared with %s", c.now, before.Commit)
		}
		c.common([]*systems.System{c.plan.Baseline}, before.Commit, stderr)
	}
	if c.plan.Empty() {
		return errors.New("nothing is left to measure")
	}
	if !workloads.ResidentKnown() {
		fmt.Fprintln(stderr, "benchmarks: resident memory is left out: it can be read on Linux only")
	}
	rs, err := c.plan.Run(ctx)
	bar.close()
	if err != nil {
		return err
	}
	if c.format == "json" { // of which it cannot be a part
		fmt.Fprintln(stderr, c.origin(""))
	}
	return errors.Join(c.show(ctx, rs, stdout), c.draw(rs), c.renew(rs))
}

// fit leaves out what takes too long for those who cannot wait, and what needs more
// memory than there is (in MB; 0: that is not known), and says so.
func (c *config) fit(available int, stderr io.Writer) {
	c.plan.Workloads = slices.DeleteFunc(slices.Clone(c.plan.Workloads), func(w *workloads.Workload) bool {
		switch {
		case c.plan.Quick && w.Quick == 0 && !w.Sliced():
			fmt.Fprintf(stderr, "benchmarks: %s is left out: it takes too long for -quick\n", w.Name)
		case available > 0 && w.Needs > available:
			fmt.Fprintf(stderr, "benchmarks: %s is left out: it needs %d MB of memory, and %d are available\n",
				w.Name, w.Needs, available)
		default:
			return false
		}
		return true
	})
}

// show writes the results to standard output, and nothing else if they are in JSON.
func (c *config) show(ctx context.Context, rs []harness.Result, stdout io.Writer) error {
	switch c.format {
	case "json":
		return report.JSON(stdout, rs)
	case "rst":
		return report.RST(stdout, c.origin("``"), rs)
	}
	if _, err := fmt.Fprintf(stdout, "%s\n\n", c.origin("")); err != nil {
		return err
	}
	if c.against == "" {
		return report.Table(stdout, rs)
	}
	now, err := against.Now(ctx, ".")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "before: %s\nafter:  %s\n\n", before.Commit, now); err != nil {
		return err
	}
	return report.Versus(stdout, rs, c.plan.Baseline.Name, c.now)
}

// draw writes the plot, if there is to be one.
func (c *config) draw(rs []harness.Result) error {
	if c.plot == "" {
		return nil
	}
	var svg bytes.Buffer
	if err := report.Plot(&svg, rs); err != nil {
		return err
	}
	return os.WriteFile(c.plot, svg.Bytes(), 0o644)
}

// The documents with figures, in a clone of the repository.
var (
	performance = filepath.Join("docs", "performance.rst")
	readme      = "README.rst"
)

// check looks for what could fail after all the measuring.
func (c *config) check() error {
	if c.update == "" {
		return nil
	}
	return errors.Join(
		report.CheckMarks(filepath.Join(c.update, performance)),
		report.CheckMarks(filepath.Join(c.update, readme)),
	)
}

// renew writes the figures into the documents, if it is to.
func (c *config) renew(rs []harness.Result) error {
	if c.update == "" {
		return nil
	}
	var tables, small bytes.Buffer
	if err := errors.Join(report.RST(&tables, c.origin("``"), rs), report.Small(&small, c.origin("``"), rs)); err != nil {
		return err
	}
	return errors.Join(
		report.Replace(filepath.Join(c.update, performance), tables.Bytes()),
		report.Replace(filepath.Join(c.update, readme), small.Bytes()),
	)
}
