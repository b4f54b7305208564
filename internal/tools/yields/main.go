// Command yields has each lock, each operation of a channel and each select give its processor
// away at random, in all of a program: others run then where they seldom do. A test that counts
// on an order which nothing orders, and a fault that needs one goroutine to be interrupted in a
// window of nanoseconds, show within minutes. (The race detector makes the runtime take its
// goroutines in random order; it does not interrupt them.)
//
// It writes changed files of Go's library into a directory, and prints the name of a file
// for go's flag -overlay:
//
//	go test -race -overlay "$(go -C internal/tools run ./yields DIR)" ./actor
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: yields DIR")
		os.Exit(2)
	}
	overlay, err := write(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "yields:", err)
		os.Exit(1)
	}
	fmt.Println(overlay)
}

// edits are what is put behind a line of a file, which it has once.
var edits = []struct{ file, line, behind string }{
	{"internal/sync/mutex.go", "func (m *Mutex) Lock() {", "\tyields()"},
	{"internal/sync/mutex.go", "func (m *Mutex) Unlock() {", "\tdefer yields()"},
	{"internal/sync/runtime.go", "func throw(string)", "\n//go:linkname yields\nfunc yields()"},
	{"runtime/chan.go", "func chansend1(c *hchan, elem unsafe.Pointer) {", "\tyields()"},
	{"runtime/chan.go", "func chanrecv1(c *hchan, elem unsafe.Pointer) {", "\tyields()"},
	{"runtime/chan.go", "func chanrecv2(c *hchan, elem unsafe.Pointer) (received bool) {", "\tyields()"},
	{"runtime/chan.go", "func closechan(c *hchan) {", "\tyields()"},
	{"runtime/select.go", selectgo, "\tyields()"},
}

const selectgo = "func selectgo(cas0 *scase, order0 *uint16, pc0 *uintptr, nsends, nrecvs int, block bool) (int, bool) {"

// inRuntime is a file of package runtime. Where a goroutine may not be interrupted, it is not.
const inRuntime = `package runtime

import _ "unsafe"

//go:linkname syncYields internal/sync.yields
func syncYields() { yields() }

func yields() {
	gp := getg()
	mp := gp.m
	if gp == mp.g0 || gp == mp.gsignal || gp != mp.curg || mp.locks != 0 || mp.mallocing != 0 || mp.preemptoff != "" {
		return
	}
	n := 0
	switch r := cheaprandn(256); {
	case r == 0: // as one whose processor the system has taken away
		n = 100
	case r < 40:
		n = 1
	}
	for ; n > 0; n-- {
		goschedguarded()
	}
}
`

// write returns the name of the overlay.
func write(dir string) (overlay string, err error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	library := filepath.Join(strings.TrimSpace(string(out)), "src")
	texts, err := edited(library)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for name, text := range texts {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			return "", err
		}
		replace[filepath.Join(library, filepath.FromSlash(name))] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o644)
}

// edited returns the files that differ from those of Go's library, by their names there.
func edited(library string) (map[string]string, error) {
	texts := map[string]string{"runtime/yields.go": inRuntime}
	for _, e := range edits {
		text, ok := texts[e.file]
		if !ok {
			read, err := os.ReadFile(filepath.Join(library, filepath.FromSlash(e.file)))
			if err != nil {
				return nil, err
			}
			text = string(read)
		}
		line := "\n" + e.line + "\n"
		if n := strings.Count(text, line); n != 1 {
			return nil, fmt.Errorf("%s of this release of Go has %d lines %q: want 1", e.file, n, e.line)
		}
		texts[e.file] = strings.Replace(text, line, line+e.behind+"\n", 1)
	}
	return texts, nil
}
