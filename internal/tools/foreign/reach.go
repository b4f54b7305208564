package main

import (
	"bytes"
	"fmt"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// covered is what has run while a test did: by file, as the go command calls it, the blocks.
type covered map[string][]block

type block struct{ fromLine, fromColumn, toLine, toColumn int }

// has reports whether a block that has run has the position in it.
func (c covered) has(root string, at token.Position) bool {
	return slices.ContainsFunc(c[module+strings.TrimPrefix(at.Filename, root+"/")], func(b block) bool {
		return !before(at.Line, at.Column, b.fromLine, b.fromColumn) && before(at.Line, at.Column, b.toLine, b.toColumn)
	})
}

func before(line, column, thanLine, thanColumn int) bool {
	return line < thanLine || line == thanLine && column < thanColumn
}

// unreached runs each test that the table names, alone, and returns the places that a test
// named there does not reach, and the expressions that none of those tests does.
func unreached(root string, found places, table map[string]string, dirs map[string]string) (faults []string, err error) {
	tests := map[string]covered{}
	for _, who := range table {
		for word := range strings.FieldsSeq(who) {
			if dirs[word] != "" {
				tests[word] = nil
			}
		}
	}
	tmp, err := os.MkdirTemp("", "foreign")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		if tests[name], err = run(root, tmp, dirs[name], name); err != nil {
			return nil, err
		}
	}
	for _, p := range slices.Sorted(maps.Keys(found)) {
		faults = append(faults, missed(root, p, found[p], table[p], tests)...)
	}
	return faults, nil
}

// missed is what the tests of one place do not reach.
func missed(root, place string, at []token.Position, who string, tests map[string]covered) (faults []string) {
	open := slices.Clone(at)
	for word := range strings.FieldsSeq(who) {
		c, ok := tests[word]
		if !ok {
			continue
		}
		reached := func(p token.Position) bool { return c.has(root, p) }
		if !slices.ContainsFunc(at, reached) {
			faults = append(faults, fmt.Sprintf("%s: %s does not reach it", place, word))
		}
		open = slices.DeleteFunc(open, reached)
	}
	for _, p := range open {
		faults = append(faults, fmt.Sprintf("%s: no test named there reaches %s:%d", place, strings.TrimPrefix(p.Filename, root+"/"), p.Line))
	}
	return faults
}

// run runs one test of the package in dir, and returns what it covers.
func run(root, tmp, dir, test string) (covered, error) {
	bin := filepath.Join(tmp, strings.ReplaceAll(dir, "/", "_")+".test")
	if _, err := os.Stat(bin); err != nil {
		of := partOf(dir)
		var packages []string
		for _, p := range of.patterns {
			packages = append(packages, module+path.Join(of.dir, p))
		}
		within := "./" + strings.TrimPrefix(strings.TrimPrefix(dir, of.dir), "/")
		if err := command(filepath.Join(root, of.dir), "go", "test", "-c", "-cover", "-coverpkg="+strings.Join(packages, ","), "-o", bin, within); err != nil {
			return nil, err
		}
	}
	profile := filepath.Join(tmp, "profile")
	if err := command(filepath.Join(root, dir), bin, "-test.run=^"+test+"$", "-test.timeout=5m", "-test.coverprofile="+profile); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		return nil, err
	}
	return parseProfile(string(text))
}

// command runs one, and returns what it has printed as an error if it fails.
func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%v in %s: %w\n%s", args, dir, err, &out)
	}
	return nil
}

// parseProfile reads a coverage profile: the blocks that have run.
func parseProfile(text string) (covered, error) {
	c := covered{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "mode:") {
			continue
		}
		file, rest, ok := strings.Cut(line, ":")
		var b block
		var statements, count int
		if _, err := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d", &b.fromLine, &b.fromColumn, &b.toLine, &b.toColumn, &statements, &count); err != nil || !ok {
			return nil, fmt.Errorf("not a line of a coverage profile: %q", line)
		}
		if count > 0 {
			c[file] = append(c[file], b)
		}
	}
	return c, nil
}
