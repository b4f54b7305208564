package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/report"
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

// measure runs what was chosen and shows it. Standard output gets the results and
// nothing else, and of JSON not even a heading.
func (c *config) measure(ctx context.Context, stdout, stderr io.Writer) error {
	bar := newProgress(stderr)
	c.plan.Progress = bar.show
	c.plan.Alone = alone
	c.fit(workloads.Available(), stderr)
	rs, err := c.plan.Run(ctx)
	bar.close()
	if err != nil {
		return err
	}
	return c.show(rs, stdout)
}

// fit leaves out what needs more memory than there is (in MB; 0: that is not known).
func (c *config) fit(available int, stderr io.Writer) {
	if available == 0 {
		return
	}
	c.plan.Workloads = slices.DeleteFunc(slices.Clone(c.plan.Workloads), func(w *workloads.Workload) bool {
		if w.Needs <= available {
			return false
		}
		fmt.Fprintf(stderr, "benchmarks: %s is left out: it needs %d MB of memory, and %d are available\n",
			w.Name, w.Needs, available)
		return true
	})
}

func (c *config) show(rs []harness.Result, stdout io.Writer) error {
	switch c.format {
	case "json":
		return report.JSON(stdout, rs)
	default:
		return report.Table(stdout, rs)
	}
}
