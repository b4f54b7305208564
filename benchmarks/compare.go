package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/against"
	"github.com/bruskajp/nano_services/benchmarks/internal/before"
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// own is the system that is this library, and proxied the same through generated methods.
const (
	own     = "nano"
	proxied = "nano-proxy"
)

// everySystem returns also the library of another commit, if it was built in.
func everySystem() []*systems.System { return append(systems.All(), before.Systems()...) }

// versus fills the plan with two systems, the library before and now, and with those of the
// workloads that were chosen, or else with those that are short.
func (c *config) versus(system string, chosen bool) {
	c.now, c.plan.Systems, c.plan.Baseline = own, nil, nil
	if system != "" {
		c.now = system
	}
	for _, s := range before.Systems() {
		if "nano"+strings.TrimPrefix(s.Name, "before") == c.now {
			c.plan.Baseline, c.plan.Systems = s, append(c.plan.Systems, s)
		}
	}
	for _, s := range systems.All() {
		if s.Name == c.now {
			c.plan.Systems = append(c.plan.Systems, s)
		}
	}
	c.plan.Alike = true
	if !chosen {
		c.plan.Workloads = slices.DeleteFunc(c.plan.Workloads, func(w *workloads.Workload) bool { return !w.Sliced() })
	}
}

// rebuild builds this program with the library of another commit, and has that program do
// what this one was asked to. It returns the exit code.
func (c *config) rebuild(ctx context.Context, args []string, stdout, stderr io.Writer) (code int, err error) {
	program, err := against.Build(ctx, ".", c.against)
	if err != nil {
		return exitFailed, fmt.Errorf("-against %s: %w", c.against, err)
	}
	defer func() { err = errors.Join(err, program.Remove()) }()
	for _, reason := range program.LeftOut {
		fmt.Fprintf(stderr, "benchmarks: left out: %s\n", reason)
	}
	cmd := exec.CommandContext(ctx, program.Path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second // for the run that it is in the middle of
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case ctx.Err() != nil:
		return exitInterrupted, nil
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	case err != nil:
		return exitFailed, err
	}
	return exitOK, nil
}

// common leaves out the workloads that one of the systems, which was built from commit,
// cannot do, and says so.
func (c *config) common(earlier []*systems.System, commit string, stderr io.Writer) {
	c.plan.Workloads = slices.DeleteFunc(slices.Clone(c.plan.Workloads), func(w *workloads.Workload) bool {
		for _, s := range earlier {
			if !w.Has(s) {
				fmt.Fprintf(stderr, "benchmarks: %s is left out: it cannot be done with %s\n", w.Name, commit)
				return true
			}
		}
		return false
	})
}
