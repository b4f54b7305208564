package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// childVariable is the variable of the environment that makes this program measure one
// run for the process that started it.
const childVariable = "NANO_SERVICES_BENCHMARK"

// job is what a child is to measure.
type job struct {
	Workload, System string
	Ops              int
}

// alone measures a workload in a process of its own, which is this program again.
func alone(ctx context.Context, w *workloads.Workload, s *systems.System, ops int) (sample harness.Sample, err error) {
	exe, err := os.Executable()
	if err != nil {
		return sample, err
	}
	order, err := json.Marshal(job{w.Name, s.Name, ops})
	if err != nil {
		return sample, err
	}
	var complaint strings.Builder
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), childVariable+"="+string(order))
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return sample, fmt.Errorf("%s of %s, in a process of its own: %w: %s",
			w.Name, s.Name, err, firstLine(complaint.String()))
	}
	return sample, json.Unmarshal(out, &sample)
}

// child is the other end: it measures what the variable says. It returns the exit code.
func child(order string, stdout, stderr io.Writer) int {
	sample, err := obey(order)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(sample)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailed
	}
	return exitOK
}

func obey(order string) (sample harness.Sample, err error) {
	var j job
	if err := json.Unmarshal([]byte(order), &j); err != nil {
		return sample, fmt.Errorf("%s: %w", childVariable, err)
	}
	for _, w := range workloads.All() {
		for _, s := range everySystem() {
			if w.Name == j.Workload && s.Name == j.System {
				return harness.Measure(w, s, j.Ops)
			}
		}
	}
	return sample, fmt.Errorf("%s: no workload %q of system %q", childVariable, j.Workload, j.System)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
