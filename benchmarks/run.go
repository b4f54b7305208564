package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/report"
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
	rs, err := c.plan.Run(ctx)
	bar.close()
	if err != nil {
		return err
	}
	return c.show(rs, stdout)
}

func (c *config) show(rs []harness.Result, stdout io.Writer) error {
	switch c.format {
	case "json":
		return report.JSON(stdout, rs)
	default:
		return report.Table(stdout, rs)
	}
}
