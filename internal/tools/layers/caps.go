package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// figures are the numbers that have caps, by name. Caps may also have names of files
// and functions: those that are longer than the others may be.
type figures map[string]int

const (
	fileLines = "lines-of-a-file"
	funcLines = "lines-of-a-function"
)

// capped are the figures that have to have a cap, first those of the last line.
var capped = []string{"files", "lines", "arrows", "up", "mutual", "exported", fileLines, funcLines}

func (p *pack) figures(ranks map[string]int) figures {
	n := figures{
		"files":    len(p.files),
		"arrows":   len(p.arrows),
		"mutual":   len(mutual(p.arrows)),
		"exported": p.exported,
	}
	for _, a := range p.arrows {
		if a.up(ranks) {
			n["up"]++
		}
	}
	for _, f := range p.files {
		n["lines"] += f.lines
		n[f.name] = f.lines
		for _, fn := range f.funcs {
			n[fn.name] = max(n[fn.name], fn.lines)
		}
	}
	return n
}

// readCaps reads a file with a name and a number on each line, and comments.
func readCaps(name string) (figures, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	caps := figures{}
	for i, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		n, err := strconv.Atoi(fields[len(fields)-1])
		if err != nil || n < 0 || len(fields) != 2 || !slices.Contains(capped, fields[0]) && !isOwn(fields[0]) {
			return nil, fmt.Errorf("%s:%d: %q is not a cap: want one of %q, a file or Type.method, and a number",
				name, i+1, line, capped)
		}
		if _, ok := caps[fields[0]]; ok {
			return nil, fmt.Errorf("%s:%d: a second cap of %s", name, i+1, fields[0])
		}
		caps[fields[0]] = n
	}
	for _, c := range capped {
		if _, ok := caps[c]; !ok {
			return nil, fmt.Errorf("%s has no cap of %s", name, c)
		}
	}
	return caps, nil
}

// isOwn says that a cap is the one of a single file or method.
func isOwn(name string) bool { return strings.Contains(name, ".") }

// common returns the cap that all files, or all functions, have.
func (c figures) common(name string) int {
	if strings.HasSuffix(name, ".go") {
		return c[fileLines]
	}
	return c[funcLines]
}

// longest returns how many lines a file or a function may have.
func (c figures) longest(name string) int { return max(c.common(name), c[name]) }

// slack returns the caps that are higher than their figures, sorted. Those that all
// files and functions have are meant to be.
func (c figures) slack(now figures) (names []string) {
	for name := range c {
		if name != fileLines && name != funcLines && now[name] < c[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// lower writes each figure that is less than its cap into the file of caps. A file
// or method that is no longer too long loses its own one. All else stays as it was.
func (c figures) lower(name string, now figures) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	slack := c.slack(now)
	var lines []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 0 && slices.Contains(slack, fields[0]) {
			f := fields[0]
			c[f] = now[f]
			if isOwn(f) && now[f] <= c.common(f) {
				delete(c, f)
				continue
			}
			line = fmt.Sprintf("%s %d\n", f, now[f])
		}
		lines = append(lines, line)
	}
	return os.WriteFile(name, []byte(strings.Join(lines, "")), 0o644)
}
