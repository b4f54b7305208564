package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wrap writes a struct for each type, which embeds a pointer to it.
func (s *subject) wrap(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "package wrapped\n\nimport of %q\n", s.path)
	for _, x := range s.types {
		args := typeArgsOf(x.tparams)
		fmt.Fprintf(&b, "\ntype %s%s struct{ *of.%[1]s%[3]s }\n\nfunc New%[1]s%[2]s(x *of.%[1]s%[3]s) *%[1]s%[3]s { return &%[1]s%[3]s{x} }\n",
			x.name, x.tparams, args)
	}
	writeFile(t, filepath.Join(s.dir, "wrapped.go"), b.String())
}

// typeArgsOf returns the names of type parameters, in brackets.
func typeArgsOf(tparams string) string {
	if tparams == "" {
		return ""
	}
	var names []string
	for p := range strings.SplitSeq(strings.Trim(tparams, "[]"), ", ") {
		name, _, _ := strings.Cut(p, " ")
		names = append(names, name)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// copy copies the package's files, and writes the constructors that it lacks.
func (s *subject) copy(t *testing.T, files []string) {
	for _, file := range files {
		writeFile(t, filepath.Join(s.dir, filepath.Base(file)), readFile(t, file))
	}
	var b strings.Builder
	for i, x := range s.types {
		if x.build == "" {
			s.types[i].build = "make" + x.name
			fmt.Fprintf(&b, "\nfunc make%s%s() *%[1]s%[3]s { return new(%[1]s%[3]s) }\n", x.name, x.tparams, typeArgsOf(x.tparams))
		}
	}
	if b.Len() > 0 {
		name, _ := neighbours(s.dir, nil)
		writeFile(t, filepath.Join(s.dir, "constructors.go"), "package "+name+"\n"+b.String())
	}
}

// skip leaves out a method of a type: with a directive, or if it comes with an
// embedded field, by one of the same name that has the directive.
func (s *subject) skip(t *testing.T, typ, method string) {
	t.Helper()
	fset := token.NewFileSet()
	files, _ := filepath.Glob(filepath.Join(s.dir, "*.go"))
	for _, file := range files {
		text := readFile(t, file)
		parsed, err := parser.ParseFile(fset, file, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != method || receiverName(fn) != typ {
				continue
			}
			if has(directives(fset, fn.Doc), saySkip) {
				t.Fatalf("%s.%s is refused although it is to be left out", typ, method)
			}
			at := fset.Position(fn.Pos()).Offset
			if fn.Doc != nil {
				at = fset.Position(fn.Type.Func).Offset
			}
			writeFile(t, file, text[:at]+"//nano:skip\n"+text[at:])
			return
		}
	}
	file := filepath.Join(s.dir, "left_out.go")
	name, declared := neighbours(s.dir, nil)
	text := "package " + name + "\n"
	if _, err := os.Stat(file); err == nil {
		text = readFile(t, file)
	}
	for _, x := range s.types {
		if _, ok := declared[typ]; ok && x.name == typ {
			text += fmt.Sprintf("\n//nano:skip\nfunc (*%s%s) %s() {}\n", typ, typeArgsOf(x.tparams), method)
		}
	}
	writeFile(t, file, text)
}

// receiverName returns the name of the type that a method belongs to, or "".
func receiverName(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	return embeddedName(&ast.Field{Type: fn.Recv.List[0].Type})
}
