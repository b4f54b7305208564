package main

import (
	"io"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// TestAgainst compares the library with that of the latest commit, in a program that it
// builds.
func TestAgainst(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	code, stdout, stderr := program(t, "-against", "HEAD", "-run", "^spawn|topic/^1$|footprint/100k",
		"-rounds", "1", "-slice", "1ms", "-quick")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		"-run '^spawn|topic/^1$|footprint/100k'", "\nbefore: ", "\nafter:  ", "\nspawn ", "\ntopic/1 ", "\nfootprint/100k/rss ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "chan128") {
		t.Errorf("another system is there:\n%s", stdout)
	}
}

func TestAgainstFails(t *testing.T) {
	code, stdout, stderr := program(t, "-against", "nonsense", "-run", "spawn")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, `-against nonsense: there is no commit "nonsense"`) {
		t.Errorf("exit code %d, %q: %s", code, stdout, stderr)
	}
}

// TestVersus has two systems of which the earlier one has no pools.
func TestVersus(t *testing.T) {
	c, err := parse([]string{"-against", "HEAD"}, io.Discard)
	if err != nil || !c.plan.Alike || len(c.plan.Systems) != 1 || c.plan.Systems[0].Name != own {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, w := range c.plan.Workloads {
		if !w.Sliced() {
			t.Errorf("%s was not asked for, and is long", w.Name)
		}
	}
	c, err = parse([]string{"-against", "HEAD", "-system", proxied, "-run", "spawn"}, io.Discard)
	if err != nil || len(c.plan.Systems) != 1 || c.plan.Systems[0].Name != proxied || c.now != proxied {
		t.Fatalf("%+v, %v", c, err)
	}
	c, err = parse([]string{"-against", "HEAD", "-run", "pool/call|spawn|footprint/1M"}, io.Discard)
	if err != nil || len(c.plan.Workloads) != 3 {
		t.Fatalf("%+v, %v", c, err)
	}
	earlier := *system(t, own)
	earlier.Name, earlier.NewPool = "before", nil
	var said strings.Builder
	c.common([]*systems.System{&earlier}, "0123456 the past", &said)
	if len(c.plan.Workloads) != 2 || said.String() != "benchmarks: pool/call is left out: it cannot be done with 0123456 the past\n" {
		t.Errorf("%d workloads are left, and it says %q", len(c.plan.Workloads), said.String())
	}
}
