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
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "github.com/bruskajp/nano_services/"

// leftOut are the package through which values are asked, and those of tests.
var leftOut = map[string]bool{
	"internal/foreign": true, "internal/foreign/hostile": true, "internal/actortest": true, "internal/nils": true,
}

// listed is a package, as the go command describes it.
type listed struct {
	ImportPath, Export, Dir string
	DepOnly                 bool
	GoFiles                 []string
	Module                  struct{ GoVersion string }
}

// places are what is asked in a function, and where: an expression may stand there twice.
type places map[string][]token.Position

// find returns the places of the packages.
func find(root string, patterns ...string) (places, error) {
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
	found := places{}
	for _, p := range targets {
		if err := search(found, fset, imports, p); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// search adds the places of one package.
func search(found places, fset *token.FileSet, imports types.Importer, p listed) error {
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
			where, cases := short+" "+nameOf(d), comms{}
			ast.Inspect(d, func(n ast.Node) bool {
				cases.note(n)
				if what := asks(info, n); what != "" {
					found[where+" "+what] = append(found[where+" "+what], fset.Position(cases.runsAt(n.Pos())))
				}
				return true
			})
		}
	}
	return nil
}

// comms are the cases of select statements: what stands in one is asked where the statement
// begins, and package cover counts it there.
type comms map[*ast.CommClause]token.Pos

func (c comms) note(n ast.Node) {
	if s, ok := n.(*ast.SelectStmt); ok {
		for _, clause := range s.Body.List {
			c[clause.(*ast.CommClause)] = s.Pos()
		}
	}
}

// runsAt returns where what stands at a position is asked.
func (c comms) runsAt(at token.Pos) token.Pos {
	for clause, begins := range c {
		if clause.Comm != nil && clause.Comm.Pos() <= at && at < clause.Comm.End() {
			return begins
		}
	}
	return at
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

// named are the interfaces whose methods are the user's, besides errors.
var named = map[string]string{
	"context.Context": "Context", "log/slog.Handler": "Handler", "log/slog.LogValuer": "LogValuer",
	"log/slog.Leveler": "Leveler", "fmt.Stringer": "Stringer",
	"net.Listener": "Listener", "net.Conn": "Conn", "net.Addr": "Addr",
	module + "internal/tree.Abandoner": "Abandoner", module + "internal/tree.CutOffer": "CutOffer",
	module + "internal/tree.Readier": "Readier", module + "supervisor.Service": "Service",
}

// interest returns what an interface is called in the table: "" if it is none of the user's.
// An interface without a name is one that the library asks a value for.
func interest(t types.Type) string {
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
