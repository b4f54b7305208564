package uses

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const actorSource = `package actor

import "context"

type Service[T any] struct{ t *T }

func (s *Service[T]) Do(func(*T)) error

func Get[T, R any](context.Context, *Service[T], func(*T) R) (r R, err error) { return }
`

var letters = map[Reason]string{Calls: "(a)", Asks: "(b)", Writes: "(c)", Blocks: "(d)", Unread: "( )"}

// tableSource returns a file with the methods of the table.
func tableSource() string {
	var source strings.Builder
	source.WriteString(prelude)
	for _, row := range table {
		if !strings.HasPrefix(row.method, "func ") {
			source.WriteString("func (s *S) ")
		}
		source.WriteString(row.method + "\n")
	}
	return source.String()
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{},
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	p, fns := check(t, tableSource(), len(prelude))
	if len(fns) != len(table) {
		t.Fatalf("%d methods of %d", len(fns), len(table))
	}
	for i, row := range table {
		got := ""
		if all := p.Of(fns[i]); len(all) > 0 {
			got = letters[all[0].Reason] + " " + all[0].Text
		}
		if got != row.want {
			t.Errorf("%s\n\tgot  %q\n\twant %q", row.method, got, row.want)
		}
	}
}

// Whatever does not compile is looked at all the same, and nothing panics.
func TestBroken(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	source := tableSource()
	imports := imported(t, fset, source)
	random := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		file, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		var all []*ast.Ident
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				all = append(all, id)
			}
			return true
		})
		for range 30 {
			all[random.IntN(len(all))].Name = all[random.IntN(len(all))].Name
		}
		info := newInfo()
		config := types.Config{Importer: imports, Error: func(error) {}}
		pkg, _ := config.Check("example.com/p", fset, []*ast.File{file}, info)
		p := New(pkg, info, []*ast.File{file}, nil)
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				if fn, ok := info.Defs[d.Name].(*types.Func); ok {
					p.Of(fn)
				}
			}
		}
	}
}

// check type-checks a source, and returns the functions behind an offset.
func check(t *testing.T, source string, offset int) (p *Package, fns []*types.Func) {
	t.Helper()
	fset := token.NewFileSet()
	imports := imported(t, fset, source)
	config := types.Config{Importer: imports, Error: func(err error) {
		// A method of the table is meant to be unknown, and a proxy has yet to be generated.
		unknown := strings.Contains(err.Error(), "no field or method nothing") || strings.Contains(err.Error(), "undefined (type StockService has no")
		if e, ok := errors.AsType[types.Error](err); !ok || !e.Soft && !unknown { // an import that is not used
			t.Error(err)
		}
	}}
	parse := func(name, text string) *ast.File {
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	config.IgnoreFuncBodies = true
	imports[actorPath], _ = config.Check(actorPath, fset, []*ast.File{parse("actor.go", actorSource)}, nil)
	config.IgnoreFuncBodies = false
	file := parse("p.go", source)
	info := newInfo()
	pkg, _ := config.Check("example.com/p", fset, []*ast.File{file}, info)
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && fset.Position(d.Pos()).Offset >= offset {
			fns = append(fns, info.Defs[d.Name].(*types.Func))
		}
	}
	standsFor := func(t types.Type) *types.Named {
		if named, ok := t.(*types.Named); ok && named.Obj().Name() == "StockService" {
			stock, _ := pkg.Scope().Lookup("Stock").Type().(*types.Named)
			return stock
		}
		return nil
	}
	return New(pkg, info, []*ast.File{file}, standsFor), fns
}

type importer map[string]*types.Package

func (m importer) Import(path string) (*types.Package, error) {
	if m[path] == nil {
		return nil, fmt.Errorf("no package %s", path)
	}
	return m[path], nil
}

// imported returns what a source imports.
func imported(t *testing.T, fset *token.FileSet, source string) importer {
	t.Helper()
	f, err := parser.ParseFile(fset, "imports.go", source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range f.Imports {
		if path := strings.Trim(spec.Path.Value, `"`); path != actorPath && path != "unsafe" {
			paths = append(paths, path)
		}
	}
	found, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedExportFile | packages.NeedImports | packages.NeedDeps, Fset: fset,
	}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	m := importer{"unsafe": types.Unsafe}
	for _, p := range found {
		m[p.PkgPath] = p.Types
	}
	return m
}
