package main

import (
	"cmp"
	"fmt"
	"go/token"
	"io"
	"slices"
)

// findings are what is wrong with the input, and what may be.
type findings struct {
	dir      string // paths are shown relative to it
	refusals []finding
	warnings []finding
}

type finding struct {
	pos     token.Position
	subject string // Type or Type.Method; "" if it is about neither
	reason  string
}

// refuse notes a reason for writing nothing.
func (f *findings) refuse(pos token.Position, subject, format string, args ...any) {
	f.refusals = append(f.refusals, finding{pos, subject, fmt.Sprintf(format, args...)})
}

func (f *findings) warn(pos token.Position, subject, format string, args ...any) {
	f.warnings = append(f.warnings, finding{pos, subject, "warning: " + fmt.Sprintf(format, args...)})
}

// say notes what is neither refused nor doubtful, but should be known.
func (f *findings) say(pos token.Position, subject, format string, args ...any) {
	f.warnings = append(f.warnings, finding{pos, subject, fmt.Sprintf(format, args...)})
}

// print prints a line for each finding, in the order of the source.
func (f *findings) print(w io.Writer) {
	all := slices.Concat(f.refusals, f.warnings)
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(
			cmp.Compare(a.pos.Filename, b.pos.Filename),
			cmp.Compare(a.pos.Line, b.pos.Line),
			cmp.Compare(a.pos.Column, b.pos.Column),
			cmp.Compare(a.subject, b.subject),
		)
	})
	for _, x := range slices.Compact(all) {
		fmt.Fprintln(w, f.line(x))
	}
}

func (f *findings) line(x finding) string {
	s := x.reason
	if x.subject != "" {
		s = x.subject + ": " + s
	}
	if x.pos.IsValid() {
		s = f.place(x.pos) + ": " + s
	}
	return s
}

// place returns a position as it is printed.
func (f *findings) place(pos token.Position) string {
	pos.Filename = shown(f.dir, pos.Filename)
	return pos.String()
}
