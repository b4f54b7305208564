package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
)

// slim returns the test files of a package, by their names from the root, without the
// tests, benchmarks, fuzz tests and examples that keep does not match and that nothing
// else mentions. To compile them takes most of the time that a mutation takes, and they
// would not be run.
func slim(root string, files []string, keep *regexp.Regexp) (map[string]string, error) {
	type function struct {
		file     string
		from, to int
	}
	var (
		texts     = map[string]string{}
		left      = map[string][]function{} // by name: one in package p, one in p_test
		mentioned = map[string]bool{}
	)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		texts[file] = string(text)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			own := ok && fn.Recv == nil && runs.MatchString(fn.Name.Name) && fn.Name.Name != "TestMain" && !keep.MatchString(fn.Name.Name)
			if own {
				from := fn.Pos()
				if fn.Doc != nil { // there may be a directive in it
					from = fn.Doc.Pos()
				}
				left[fn.Name.Name] = append(left[fn.Name.Name], function{file, int(from - f.FileStart), int(fn.End() - f.FileStart)})
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && !(own && id.Name == fn.Name.Name) {
					mentioned[id.Name] = true
				}
				return true
			})
		}
	}
	old := maps.Clone(texts)
	for name, functions := range left {
		for _, fn := range functions {
			if !mentioned[name] {
				text := texts[fn.file]
				texts[fn.file] = text[:fn.from] + blank(text[fn.from:fn.to]) + text[fn.to:]
			}
		}
	}
	slimmed := map[string]string{}
	for file, text := range texts {
		if text == old[file] {
			continue
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		slimmed[filepath.ToSlash(name)] = withImports(old[file], text, nil)
	}
	return slimmed, nil
}

// runs matches the names of what go test runs.
var runs = regexp.MustCompile(`^(Test|Benchmark|Fuzz|Example)([^a-z]|$)`)

// blank returns text of the same length and with the same lines that says nothing.
func blank(text string) string {
	b := []byte(text)
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}
