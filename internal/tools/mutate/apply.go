package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// apply returns the files, by their names, that m changes, as it leaves them. Each
// edit finds what those before it have left.
func (s *sources) apply(m mutation) (changed map[string]string, err error) {
	changed = map[string]string{}
	for _, e := range m.edits {
		if err := s.edit(e, m.race, changed); err != nil {
			return nil, fmt.Errorf("%s: %w", e.at, err)
		}
	}
	for _, e := range m.edits {
		files, err := s.in(e.dir, m.race)
		if err != nil {
			return nil, err
		}
		for _, src := range files {
			if text, ok := changed[src.file]; ok {
				changed[src.file] = withImports(src.text, text, m.imports)
			}
		}
	}
	return changed, nil
}

// edit makes one edit. Its text has to be in one place: applied to similar code
// elsewhere it would prove nothing.
func (s *sources) edit(e edit, race bool, changed map[string]string) error {
	files, err := s.in(e.dir, race)
	if err != nil {
		return err
	}
	var (
		name, result string
		declared     []string // file:line
		count        int
		furthest     int
	)
	for _, src := range files {
		if text, ok := changed[src.file]; ok {
			if src, err = newSource(src.file, text); err != nil {
				return fmt.Errorf("what the edits before it have left: %w", err)
			}
		}
		lines := strings.Split(src.text, "\n")
		for _, d := range src.decls {
			if d.name != declName(e.decl) {
				continue
			}
			declared = append(declared, fmt.Sprintf("%s:%d", src.file, d.from+1))
			places, longest := e.find(lines, d)
			if count += len(places); len(places) == 1 {
				name, result = src.file, e.rewrite(lines, places[0])
			}
			furthest = max(furthest, longest)
		}
	}
	where := strings.Join(declared, ", ")
	switch {
	case len(declared) == 0:
		return fmt.Errorf("%s does not declare %s", e.dir, e.decl)
	case count == 0:
		old := slices.DeleteFunc(slices.Clone(e.lines), func(l line) bool { return l.op == '+' })
		return fmt.Errorf("%s at %s does not have this line, or not behind the one before it: %s", e.decl, where, strings.TrimSpace(old[furthest].text))
	case count > 1:
		return fmt.Errorf("%s at %s has these lines %d times: write the line before or behind them, too", e.decl, where, count)
	}
	changed[name] = result
	return nil
}

// rewrite returns the text in which e is made at the lines with the numbers given.
func (e edit) rewrite(lines []string, at []int) string {
	out := slices.Clone(lines[:at[0]])
	next := at[0] // the first line that is not in out yet
	for _, l := range e.lines {
		if l.op == '+' {
			out = append(out, l.text)
			continue
		}
		out = append(out, lines[next:at[0]]...) // comments and empty lines
		if l.op == ' ' {
			out = append(out, lines[at[0]])
		}
		next, at = at[0]+1, at[1:]
	}
	return strings.Join(append(out, lines[next:]...), "\n")
}

// withImports returns the text of a file, which was the old one, with the imports
// given, where they are missing, and those that it does not use any more as blank
// ones. Which packages a file imports depends on what else is in it, and a mutation is
// not to depend on that.
func withImports(old, text string, add []string) string {
	before, _, errBefore := qualifiers(old)
	after, f, err := qualifiers(text)
	if err := errors.Join(errBefore, err); err != nil {
		return text // the compiler will say so
	}
	imported := map[string]bool{}
	for _, spec := range slices.Backward(f.Imports) { // what is behind a change has moved
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		imported[imp] = true
		name, from := nameOf(imp), spec.Path.Pos()
		if spec.Name != nil {
			name, from = spec.Name.Name, spec.Name.Pos()
		}
		if before[name] && !after[name] {
			text = text[:from-f.FileStart] + "_ " + spec.Path.Value + text[spec.Path.End()-f.FileStart:]
		}
	}
	// In the line of the package clause, so that the numbers of lines stay.
	clause := f.Name.End() - f.FileStart
	for _, imp := range add {
		if !imported[imp] && after[nameOf(imp)] {
			text = text[:clause] + "; import " + strconv.Quote(imp) + text[clause:]
		}
	}
	return text
}

var version = regexp.MustCompile(`/v[0-9]+$`)

// nameOf returns the name that a package has by its import path, mostly: nats that of
// nats.go.
func nameOf(imp string) string {
	return strings.TrimSuffix(path.Base(version.ReplaceAllString(imp, "")), ".go")
}

// qualifiers returns the names in front of a dot that the file does not declare: those
// of the packages that are used, and of what other files declare.
func qualifiers(text string) (names map[string]bool, f *ast.File, err error) {
	f, err = parser.ParseFile(token.NewFileSet(), "", text, 0)
	if err != nil {
		return nil, nil, err
	}
	names = map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil {
				names[x.Name] = true
			}
		}
		return true
	})
	return names, f, nil
}
