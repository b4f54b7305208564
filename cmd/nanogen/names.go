package main

import (
	"cmp"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// set is a set of names.
type set map[string]bool

func (s set) add(names ...string) {
	for _, name := range names {
		s[name] = true
	}
}

// fresh adds a name that was not in the set, and returns it: base, or base and a
// number.
func (s set) fresh(base string) string {
	name := base
	for i := 2; s[name]; i++ {
		name = base + strconv.Itoa(i)
	}
	s[name] = true
	return name
}

// predeclared returns the names of the language's own types and values, and those
// of its functions too.
func predeclared(functions bool) set {
	s := set{"_": true}
	for _, name := range types.Universe.Names() {
		if _, ok := types.Universe.Lookup(name).(*types.Builtin); functions || !ok {
			s.add(name)
		}
	}
	return s
}

var identifier = regexp.MustCompile(`[\pL_][\pL\p{Nd}_]*`)

// mention adds all that may be a name in some code.
func (s set) mention(code string) { s.add(identifier.FindAllString(code, -1)...) }

// title returns name with an upper-case letter at its beginning.
func title(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}

// lower returns name with its first word in lower case: httpCache, db, counter.
func lower(name string) string {
	all := []rune(name)
	for i, r := range all {
		if i > 0 && (!unicode.IsUpper(r) || i+1 < len(all) && unicode.IsLower(all[i+1])) {
			break
		}
		all[i] = unicode.ToLower(r)
	}
	return string(all)
}

// imports are the packages that a file imports, and their names in it. It is filled
// while the file is written for the first time; settle chooses the names, and then
// the file is written again.
type imports struct {
	self  string            // path of the file's package, which needs no import
	real  map[string]string // path to the package's own name
	names map[string]string // path to the name chosen
	taken set               // names that are something else in the package or the file
}

func newImports(self string) *imports {
	return &imports{self: self, real: map[string]string{}, names: map[string]string{}, taken: predeclared(true)}
}

// of returns how a file calls a package.
func (m *imports) of(path, name string) string {
	m.real[path] = name
	return cmp.Or(m.names[path], name)
}

// isImport reports whether a package of this name is imported.
func (m *imports) isImport(name string) bool {
	for _, real := range m.real {
		if real == name {
			return true
		}
	}
	return false
}

// qualifier is for types.TypeString.
func (m *imports) qualifier(p *types.Package) string {
	if p.Path() == m.self {
		return ""
	}
	return m.of(p.Path(), p.Name())
}

// settle chooses a name for each package: its own, if nothing else has that.
func (m *imports) settle() {
	for _, path := range slices.Sorted(maps.Keys(m.real)) {
		m.names[path] = m.taken.fresh(m.real[path])
	}
}

// An importLine is a line of an import declaration.
type importLine struct{ Name, Path string }

// lines returns the import declaration: the standard library, and the others.
func (m *imports) lines() (std, others []importLine) {
	for _, path := range slices.Sorted(maps.Keys(m.real)) {
		line := importLine{Path: path}
		if m.names[path] != m.real[path] {
			line.Name = m.names[path]
		}
		if isStd(path) {
			std = append(std, line)
		} else {
			others = append(others, line)
		}
	}
	return std, others
}

// isStd reports whether a path belongs to the standard library: there is no dot in
// its first element.
func isStd(path string) bool {
	for _, r := range path {
		if r == '/' {
			break
		}
		if r == '.' {
			return false
		}
	}
	return true
}
