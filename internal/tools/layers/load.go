package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A pack is what is known of a package.
type pack struct {
	files    []file
	arrows   []arrow // in the order of their files' names
	exported int     // names at package level
}

// A file is one that is neither a test nor doc.go.
type file struct {
	name  string
	lines int
	funcs []function
}

// A function is a declared one, or a literal.
type function struct {
	name  string
	line  int
	lines int
}

// An arrow says that a file uses what another one declares.
type arrow struct {
	from, to string
	names    []string // what is used: sorted, each once
}

func (p *pack) names() []string {
	var names []string
	for _, f := range p.files {
		names = append(names, f.name)
	}
	return names
}

// load reads the package in dir.
//
// All files count, also those that are not built here. But there are no arrows from or
// to a file for another system or for a later version of Go than the module names: thus
// the figures are the same with each toolchain.
func load(dir string) (*pack, error) {
	deps, err := list(dir)
	if err != nil {
		return nil, err
	}
	context := build.Default
	context.ReleaseTags = slices.DeleteFunc(slices.Clone(context.ReleaseTags), func(tag string) bool {
		return version.Compare(tag, deps.goVersion) > 0
	})
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p, fset, exported := &pack{}, token.NewFileSet(), map[string]bool{}
	var built []*ast.File
	for _, name := range names { // sorted
		base := filepath.Base(name)
		if strings.HasSuffix(base, "_test.go") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		match, err := context.MatchFile(dir, base)
		if err != nil {
			return nil, err
		}
		// What is known of a file that cannot be parsed, for it is in a later Go, counts.
		tree, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if match && err != nil {
			return nil, err
		}
		if match {
			built = append(built, tree)
		}
		if base != "doc.go" {
			p.files = append(p.files, file{base, bytes.Count(text, []byte("\n")), functions(fset, tree)})
			collect(exported, tree)
		}
	}
	p.exported = len(exported)
	p.arrows, err = arrows(fset, built, deps)
	return p, err
}

// dependencies say where the compiled form of each imported package is.
type dependencies struct {
	path      string // of the package
	goVersion string // of its module: go1.26
	export    map[string]string
}

func (d dependencies) open(path string) (io.ReadCloser, error) {
	if d.export[path] == "" {
		return nil, fmt.Errorf("the go command does not know %s", path)
	}
	return os.Open(d.export[path])
}

// list asks the go command, which compiles what has changed.
func list(dir string) (dependencies, error) {
	d := dependencies{export: map[string]string{}}
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,DepOnly,Module", ".")
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return d, fmt.Errorf("go list in %s: %w\n%s", dir, err, exit.Stderr)
		}
		return d, err
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Export string
			DepOnly            bool
			Module             struct{ GoVersion string }
		}
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return d, err
		}
		d.export[p.ImportPath] = p.Export
		if !p.DepOnly {
			d.path, d.goVersion = p.ImportPath, version.Lang("go"+p.Module.GoVersion)
		}
	}
}

// arrows type-checks the package and returns its arrows. What is promoted belongs to
// the file that declares it, and a method called through an interface to the file
// of the interface.
func arrows(fset *token.FileSet, trees []*ast.File, deps dependencies) ([]arrow, error) {
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", deps.open), GoVersion: deps.goVersion}
	pkg, err := config.Check(deps.path, fset, trees, &info)
	if err != nil {
		return nil, err
	}
	owners := map[token.Pos]string{}
	for _, tree := range trees {
		findOwners(owners, tree)
	}
	found := map[[2]string]map[string]bool{}
	for id, obj := range info.Uses {
		if obj.Pkg() != pkg || !obj.Pos().IsValid() {
			continue
		}
		// By position: a field or a method of an instantiated type has the one of its origin.
		// Local names are never used in another file.
		pair := [2]string{base(fset, id.Pos()), base(fset, obj.Pos())}
		if pair[0] == pair[1] || slices.Contains(pair[:], "doc.go") {
			continue
		}
		if found[pair] == nil {
			found[pair] = map[string]bool{}
		}
		found[pair][owners[obj.Pos()]+obj.Name()] = true
	}
	var all []arrow
	for pair, set := range found {
		a := arrow{from: pair[0], to: pair[1]}
		for name := range set {
			a.names = append(a.names, name)
		}
		slices.Sort(a.names)
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b arrow) int {
		return cmp.Or(strings.Compare(a.from, b.from), strings.Compare(a.to, b.to))
	})
	return all, nil
}

func base(fset *token.FileSet, pos token.Pos) string {
	return filepath.Base(fset.Position(pos).Filename)
}
