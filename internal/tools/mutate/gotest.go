package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An event is a line of go test -json; see go doc test2json.
type event struct {
	Action      string
	Package     string
	Test        string
	Output      string
	FailedBuild string
}

// A result is what go test said.
type result struct {
	failed   bool
	timedOut bool
	last     map[test]string // its last action; top-level tests only
	output   string
}

type test struct{ pkg, name string }

// ran returns the tests that have run at all.
func (r result) ran() []string { return r.with("run", "cont", "pause", "pass", "fail") }

// with returns, sorted, the tests whose last action is one of the actions.
func (r result) with(actions ...string) (tests []string) {
	for test, action := range r.last {
		if slices.Contains(actions, action) {
			tests = append(tests, test.name)
		}
	}
	return unique(tests)
}

// blame says which tests failed.
func (r result) blame() string {
	how := "a panic in "
	if r.timedOut {
		how = "a time-out of "
	}
	if running := r.with("run", "cont"); len(running) > 0 {
		return how + strings.Join(running, ", ")
	}
	if failed := r.with("fail"); len(failed) > 0 {
		if r.timedOut {
			return how + strings.Join(failed, ", ")
		}
		return strings.Join(failed, ", ")
	}
	return "TestMain after " + strings.Join(r.ran(), ", ")
}

// goTest runs the tests that match pattern. An error means that go test said
// nothing about them: they do not compile, or not one of them began. The overlay is a
// file as writeOverlay makes it, or empty.
func goTest(ctx context.Context, dir string, race bool, timeout time.Duration, overlay, pattern string, packages []string) (result, error) {
	args := []string{"test", "-json", "-vet=off", "-count=1", "-failfast", "-timeout", timeout.String(), "-overlay", overlay, "-run", pattern}
	if race {
		args = append(args, "-race")
	}
	events, stderr, err := goJSON(ctx, dir, append(args, packages...)...)
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	r := result{failed: err != nil, last: map[test]string{}}
	var output, build strings.Builder
	for _, e := range events {
		switch {
		case e.Action == "build-output":
			build.WriteString(e.Output)
		case e.FailedBuild != "":
			return r, fmt.Errorf("%s does not compile:\n%s", e.Package, &build)
		case e.Action == "output":
			output.WriteString(e.Output)
			r.timedOut = r.timedOut || strings.HasPrefix(e.Output, "panic: test timed out after ")
		case e.Test != "" && !strings.Contains(e.Test, "/"):
			r.last[test{e.Package, e.Test}] = e.Action
		}
	}
	r.output = output.String()
	if len(r.last) == 0 {
		return r, fmt.Errorf("no test ran:\n%s%s", r.output, stderr)
	}
	return r, nil
}

// A tested is a package with tests.
type tested struct {
	path  string   // its import path
	files []string // those with the tests, absolute
	tests []string // their names
}

// listTests returns the packages with tests of the module in dir. It reads the names
// of the tests: go test -list would have to link all of them first.
func listTests(ctx context.Context, dir string) (packages []tested, err error) {
	cmd := goCommand(ctx, dir, "list", "-json=Dir,ImportPath,TestGoFiles,XTestGoFiles", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			Dir, ImportPath           string
			TestGoFiles, XTestGoFiles []string
		}
		if err := list.Decode(&pkg); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		p := tested{path: pkg.ImportPath}
		for _, name := range append(pkg.TestGoFiles, pkg.XTestGoFiles...) {
			file := filepath.Join(pkg.Dir, name)
			p.files = append(p.files, file)
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
					p.tests = append(p.tests, fn.Name.Name)
				}
			}
		}
		if len(p.tests) > 0 {
			packages = append(packages, p)
		}
	}
}

// goJSON runs a go command that prints events.
func goJSON(ctx context.Context, dir string, args ...string) (events []event, stderr string, err error) {
	cmd := goCommand(ctx, dir, args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			events = append(events, e)
		}
	}
	return events, errOut.String(), errors.Join(err, lines.Err())
}

func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// PWD has to follow Dir, or the go command may see another path.
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOWORK=off")
	// The test binary inherits the output and could keep it open after a kill.
	cmd.WaitDelay = 10 * time.Second
	return cmd
}
