package main

import (
	"cmp"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"
)

// findings are what is wrong with the input, and what may be.
type findings struct {
	dir      string // paths are shown relative to it
	refusals []finding
	warnings []finding
	through  string // the field that the method which is looked at comes with
	group    string // Type.Field, while methods that come with a field from another package are looked at
}

type finding struct {
	pos     token.Position
	subject string // Type or Type.Method; "" if it is about neither
	reason  string
	group   string // of findings that are told together, if they differ only in the method
	kind    string // what they are about
}

// refuse notes a reason for writing nothing.
func (f *findings) refuse(pos token.Position, subject, format string, args ...any) {
	f.refusals = append(f.refusals, finding{pos, subject, fmt.Sprintf(format, args...) + f.hint(), "", ""})
}

func (f *findings) warn(pos token.Position, subject, format string, args ...any) {
	f.warnings = append(f.warnings, finding{pos, subject, "warning: " + fmt.Sprintf(format, args...), f.group, format})
}

// say notes what is neither refused nor doubtful, but should be known.
func (f *findings) say(pos token.Position, subject, format string, args ...any) {
	f.warnings = append(f.warnings, finding{pos, subject, fmt.Sprintf(format, args...), f.group, format})
}

// print prints a line for each finding, in the order of the source.
func (f *findings) print(w io.Writer) {
	all := slices.Concat(f.refusals, together(f.warnings))
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

// hint says how a method that comes with a field is left out.
func (f *findings) hint() string {
	if f.through == "" {
		return ""
	}
	return " (it comes with " + f.through + ": a method of the same name with //nano:skip leaves it out)"
}

// shownMethods is how many methods a line names.
const shownMethods = 5

// together joins the findings of a group that are about the same.
func together(all []finding) (joined []finding) {
	type key struct{ group, kind string }
	members := map[key][]finding{}
	for _, x := range all {
		k := key{x.group, x.kind}
		if x.group != "" {
			if members[k] = append(members[k], x); len(members[k]) > 1 {
				continue
			}
		}
		joined = append(joined, x)
	}
	for i, x := range joined {
		list := members[key{x.group, x.kind}]
		if len(list) < 2 {
			continue
		}
		var names []string
		for _, y := range list[:min(len(list), shownMethods)] {
			names = append(names, y.subject[strings.LastIndexByte(y.subject, '.')+1:])
		}
		more := ""
		if n := len(list) - len(names); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		what, warning := strings.CutPrefix(x.reason, "warning: ")
		joined[i].reason = fmt.Sprintf("%s%s (%d methods: %s%s)", map[bool]string{true: "warning: "}[warning], what, len(list), strings.Join(names, ", "), more)
		joined[i].subject = x.group
	}
	return joined
}
