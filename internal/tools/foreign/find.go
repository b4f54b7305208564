package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const module = "github.com/bruskajp/nano_services/"

// leftOut are the package through which values are asked, and those of tests.
var leftOut = map[string]bool{"internal/foreign": true, "internal/foreign/hostile": true, "internal/actortest": true}

// listed is a package, as the go command describes it.
type listed struct {
	ImportPath, Export, Dir string
	DepOnly                 bool
	GoFiles                 []string
	Module                  struct{ GoVersion string }
}

// find returns the places of the packages, sorted, each once.
func find(root string, patterns ...string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,Dir,DepOnly,GoFiles,Module"}, patterns...)...)
	cmd.Dir = root
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	export, targets := map[string]string{}, []listed(nil)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		export[p.ImportPath] = p.Export
		if !p.DepOnly && !leftOut[strings.TrimPrefix(p.ImportPath, module)] {
			targets = append(targets, p)
		}
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(export[path]) })
	found := map[string]bool{}
	for _, p := range targets {
		if err := search(found, fset, imports, p); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// search adds the places of one package.
func search(found map[string]bool, fset *token.FileSet, imports types.Importer, p listed) error {
	var trees []*ast.File
	for _, name := range p.GoFiles {
		tree, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		trees = append(trees, tree)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: imports, GoVersion: "go" + p.Module.GoVersion}
	if _, err := config.Check(p.ImportPath, fset, trees, info); err != nil {
		return err
	}
	short := strings.TrimPrefix(p.ImportPath, module)
	for _, tree := range trees {
		for _, d := range tree.Decls {
			where := short + " " + nameOf(d)
			ast.Inspect(d, func(n ast.Node) bool {
				if what := asks(info, n); what != "" {
					found[where+" "+what] = true
				}
				return true
			})
		}
	}
	return nil
}

// nameOf returns how a declaration is called: (*core).ask of a method.
func nameOf(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return "var"
	}
	if f.Recv == nil {
		return f.Name.Name
	}
	recv, star := f.Recv.List[0].Type, ""
	if s, ok := recv.(*ast.StarExpr); ok {
		recv, star = s.X, "*"
	}
	switch x := recv.(type) {
	case *ast.IndexExpr:
		recv = x.X
	case *ast.IndexListExpr:
		recv = x.X
	}
	return "(" + star + types.ExprString(recv) + ")." + f.Name.Name
}

// functions are those of packages that ask the values which they are given.
var functions = []string{"errors.Is", "errors.As", "errors.AsType", "errors.Join", "context.Cause", "context.AfterFunc"}

// asks returns what a node asks of a value that may be the user's, or "".
func asks(info *types.Info, n ast.Node) string {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal && types.IsInterface(s.Recv()) {
			if what := interest(s.Recv()); what != "" {
				return what + "." + n.Sel.Name
			}
		}
		if t := info.TypeOf(n.X); t != nil && t.String() == "*log/slog.Logger" {
			return "Logger." + n.Sel.Name
		}
		if f, ok := info.Uses[n.Sel].(*types.Func); ok && f.Pkg() != nil && slices.Contains(functions, f.Pkg().Name()+"."+f.Name()) {
			return f.Pkg().Name() + "." + f.Name()
		}
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		f, ok := info.Uses[sel.Sel].(*types.Func)
		if !ok || f.Pkg() == nil || f.Pkg().Path() != "fmt" {
			return ""
		}
		for _, arg := range n.Args {
			if t := info.TypeOf(arg); types.IsInterface(t) && types.Implements(t, errorType) {
				return "fmt." + f.Name()
			}
		}
	}
	return ""
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// named are the interfaces whose methods are the user's, besides errors.
var named = map[string]string{
	"context.Context": "Context", "log/slog.Handler": "Handler", "log/slog.LogValuer": "LogValuer",
	"log/slog.Leveler": "Leveler", "fmt.Stringer": "Stringer",
	module + "internal/tree.Abandoner": "Abandoner", module + "internal/tree.CutOffer": "CutOffer",
	module + "internal/tree.Readier": "Readier", module + "supervisor.Service": "Service",
}

// interest returns what an interface is called in the table: "" if it is none of the user's.
// An interface without a name is one that the library asks a value for.
func interest(t types.Type) string {
	if _, param := t.(*types.TypeParam); param {
		return ""
	}
	if types.Implements(t, errorType) {
		return "error"
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if o := t.Obj(); o.Pkg() != nil {
			return named[o.Pkg().Path()+"."+o.Name()]
		}
	case *types.Interface:
		for i := range t.NumMethods() {
			if !t.Method(i).Exported() { // the library's own
				return ""
			}
		}
		return "optional"
	}
	return ""
}
