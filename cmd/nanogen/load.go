package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A source is the package with the structs, parsed and as far as possible
// type-checked. It need not compile: what is generated may be missing.
type source struct {
	dir     string
	version string // of the language, as in "go1.26"; "" if it is not known
	fset    *token.FileSet
	files   []*ast.File
	pkg     *types.Package
	info    *types.Info
	errs    []types.Error // what the type checker complained of

	declared map[string]token.Position // by all files beside it, see neighbours
	stubbed  set                       // generated types that are not there yet, see stubs
	foreign  foreign

	// Checked returns the package with these files alone.
	checked func(files []*ast.File) *source
}

// A place is where generated files go.
type place struct {
	dir      string
	name     string // of the package
	path     string // its import path; "" if it is not known
	same     bool   // the package is the source's own
	declared map[string]token.Position
}

// load reads the package in c.dir without the files that are to be written, and says where
// the services go, and clients in a package of their own. Syntax errors are findings; the
// error is for what has no place in a file.
func load(c *command, outs []*output, found *findings) (s *source, where, client *place, err error) {
	gone := map[string]bool{}
	for _, o := range outs {
		gone[o.path] = true
	}
	for _, file := range broken(c.dir) {
		gone[file] = true
	}
	s = &source{dir: c.dir, fset: token.NewFileSet()}
	p, err := list(c.dir, s.fset, gone)
	if err != nil {
		return nil, nil, nil, err
	}
	if p.Module != nil && os.Getenv("GOFILE") != "" {
		found.dir = p.Module.Dir // go generate may have been started anywhere, and most often there
	}
	if s.files = parse(s.fset, p.CompiledGoFiles, found); len(found.refusals) > 0 {
		return nil, nil, nil, nil
	}
	_, s.declared = neighbours(c.dir, gone)
	if p.Module != nil && p.Module.GoVersion != "" {
		s.version = "go" + p.Module.GoVersion
	}
	s.check(p.PkgPath, s.version, importer(p.Imports))
	if where, err = s.place(filepath.Dir(outs[0].path), gone, p); err == nil && c.client != "" {
		client, err = clientPlace(c.clientDir(), where, gone, p)
	}
	return s, where, client, err
}

// list asks the go command for the package in dir as if the files in gone were not
// there, with the types of all that it imports.
func list(dir string, fset *token.FileSet, gone map[string]bool) (*packages.Package, error) {
	tmp, err := os.MkdirTemp("", "nanogen")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	// The go command's own overlay: that of package packages cannot take a file
	// away, and has everything type-checked from source.
	replace := map[string]string{}
	for file := range gone {
		replace[file] = ""
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	overlay := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return nil, err
	}
	found, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedModule |
			packages.NeedImports | packages.NeedDeps | packages.NeedExportFile | packages.NeedTypes,
		Dir:        dir,
		Fset:       fset,
		Env:        append(os.Environ(), "PWD="+dir),
		BuildFlags: []string{"-overlay=" + overlay},
	}, ".")
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d packages in %s", len(found), dir)
	}
	p := found[0]
	if len(p.CompiledGoFiles) == 0 {
		p.CompiledGoFiles = p.GoFiles
	}
	if len(p.CompiledGoFiles) == 0 {
		for _, e := range p.Errors {
			return nil, errors.New(e.Msg)
		}
		return nil, fmt.Errorf("no Go files in %s", dir)
	}
	return p, nil
}

// parse parses files; what is no Go is refused.
func parse(fset *token.FileSet, names []string, found *findings) (files []*ast.File) {
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
		var list scanner.ErrorList
		switch {
		case errors.As(err, &list):
			list.RemoveMultiples() // one of each line
			for _, e := range list {
				found.refuse(e.Pos, "", "does not parse: %s", e.Msg)
			}
		case err != nil:
			found.refuse(token.Position{Filename: name}, "", "%v", err)
		}
		files = append(files, f)
	}
	return files
}

// importer finds what a package imports among what was listed.
type importer map[string]*packages.Package

func (m importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	p := m[path]
	switch {
	case p == nil:
		return nil, errors.New("it is not there")
	case p.Types == nil || p.Types.Name() == "":
		for _, e := range p.Errors {
			line, _, _ := strings.Cut(e.Msg, ";")
			return nil, errors.New(line)
		}
		return nil, errors.New("it has no Go code")
	}
	return p.Types, nil
}

// check type-checks the package. What other code may know already of files that
// are missing is declared for it: see stubs.
func (s *source) check(path, goVersion string, imports types.Importer) {
	s.checked = func(files []*ast.File) *source {
		alone := &source{dir: s.dir, fset: s.fset, files: files}
		alone.check(path, goVersion, imports)
		return alone
	}
	config := types.Config{GoVersion: goVersion, Importer: imports, Error: func(err error) {
		if e, ok := errors.AsType[types.Error](err); ok {
			s.errs = append(s.errs, e)
		}
	}}
	check := func() {
		s.errs = nil
		s.info = &types.Info{
			Types:      map[ast.Expr]types.TypeAndValue{},
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
			Implicits:  map[ast.Node]types.Object{},
		}
		s.pkg, _ = config.Check(path, s.fset, s.files, s.info) // errors are in errs
	}
	check()
	if s.stubs() {
		check()
	}
}

var undefined = regexp.MustCompile(`^undefined: (\S+)$`)

// stubs declares generated types that are used and are not there: an empty struct
// is enough, since only signatures matter. It reports whether there were any.
func (s *source) stubs() bool {
	s.stubbed = set{}
	missing := set{}
	for _, e := range s.errs {
		if m := undefined.FindStringSubmatch(e.Msg); m != nil {
			missing.add(m[1])
		}
	}
	for _, f := range s.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				t := spec.(*ast.TypeSpec)
				for _, name := range generatedTypes(t.Name.Name) {
					if missing[name] {
						f.Decls = append(f.Decls, stub(name, t))
						s.stubbed.add(name)
					}
				}
			}
		}
	}
	return len(s.stubbed) > 0
}

// stub declares a type with the type parameters of t, at the place of t.
func stub(name string, t *ast.TypeSpec) ast.Decl {
	at := t.Name.Pos()
	return &ast.GenDecl{TokPos: at, Tok: token.TYPE, Specs: []ast.Spec{&ast.TypeSpec{
		Name:       &ast.Ident{NamePos: at, Name: name},
		TypeParams: t.TypeParams,
		Type:       &ast.StructType{Struct: at, Fields: &ast.FieldList{Opening: at, Closing: at}},
	}}}
}

// isStub reports whether obj was declared by stubs.
func (s *source) isStub(obj types.Object) bool { return obj.Pkg() == s.pkg && s.stubbed[obj.Name()] }

// place returns where the generated files go.
func (s *source) place(dir string, gone map[string]bool, source *packages.Package) (*place, error) {
	if dir == s.dir {
		return &place{dir: dir, name: s.pkg.Name(), path: s.pkg.Path(), same: true, declared: s.declared}, nil
	}
	if s.pkg.Name() == "main" {
		return nil, errors.New("-out: the structs are in package main, which no other package can import")
	}
	p, err := placeIn(dir, "-out", gone, source.Module)
	if err != nil {
		return nil, err
	}
	var cycle error
	packages.Visit([]*packages.Package{source}, func(q *packages.Package) bool {
		if len(q.GoFiles) > 0 && filepath.Dir(q.GoFiles[0]) == dir {
			cycle = fmt.Errorf("-out: %s imports %s, which would have to import it", source.PkgPath, q.PkgPath)
		}
		return true
	}, nil)
	return p, cycle
}

// placeIn returns a directory as a place, which a flag names.
func placeIn(dir, flag string, gone map[string]bool, m *packages.Module) (*place, error) {
	p := &place{dir: dir}
	if p.name, p.declared = neighbours(dir, gone); p.name == "" {
		if p.name = filepath.Base(dir); !token.IsIdentifier(p.name) {
			return nil, fmt.Errorf("%s: %q is no name for a package; put a file with a package clause into %s", flag, p.name, dir)
		}
	}
	if m != nil {
		if rel, err := filepath.Rel(m.Dir, dir); err == nil && filepath.IsLocal(rel) {
			p.path = m.Path + "/" + filepath.ToSlash(rel)
		}
	}
	return p, nil
}

// clientPlace returns where clients go that do not stand beside their services.
func clientPlace(dir string, services *place, gone map[string]bool, source *packages.Package) (*place, error) {
	if dir == services.dir || dir == filepath.Dir(source.GoFiles[0]) {
		return nil, errors.New("-client: clients are beside their services without it; it names the directory of another package")
	}
	return placeIn(dir, "-client", gone, source.Module)
}
