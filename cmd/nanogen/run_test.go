package main

import (
	"path/filepath"
	"testing"
)

// The structs of testdata/run get their services, and then the tests beside them
// are run: in the race detector, and once more without, since only then the
// allocations are the program's own.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	copyDir(t, filepath.Join("testdata", "run"), dir)
	for _, args := range commands(t, dir) {
		if status, stdout, stderr := nanogen(dir, args...); status != 0 {
			t.Fatalf("nanogen %v: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
	goCommand(t, dir, "vet", ".")
	goCommand(t, dir, "test", "-race", "-shuffle=on", ".")
	t.Log(goCommand(t, dir, "test", "-v", "-run=Allocate", "."))
}
