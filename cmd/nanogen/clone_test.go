package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands that docs/generator.rst gives for a clone make a module that
// generates and compiles.
func TestFromAClone(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(readFile(t, filepath.Join(root, "docs", "generator.rst")), "\nFrom a clone\n")
	if !ok {
		t.Fatal("there is no such section")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.26.0\n")
	writeFile(t, filepath.Join(dir, "counter.go"), strings.Replace(counterSource, "package counter\n", "package counter\n\n//go:generate go tool nanogen -type Counter\n", 1))
	_, block, _ := strings.Cut(rest, "::\n\n")
	block, _, _ = strings.Cut(block, "\n\n")
	n := 0
	for line := range strings.Lines(block) {
		args := strings.Fields(strings.ReplaceAll(line, "../nano_services", root))
		if args[0] != "go" { // git clone
			continue
		}
		n++
		goCommand(t, dir, args[1:]...)
	}
	if n < 3 {
		t.Errorf("only %d commands in %q", n, block)
	}
	goCommand(t, dir, "vet", "./...")
	if out, err := exec.Command("go", "-C", dir, "tool", "nanogen", "-version").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "nanogen v0.0.0-") {
		t.Errorf("%v: %s", err, out)
	}
}
