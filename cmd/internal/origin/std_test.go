package origin

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"testing"
)

// What is said about methods of the standard library, and that something is said about
// each.
func TestStandardLibrary(t *testing.T) {
	for path, want := range map[string]map[string]Origin{
		"bytes":               {"Buffer.Bytes": State, "Buffer.Next": State, "Buffer.ReadBytes": Fresh},
		"bufio":               {"Reader.Peek": State, "Scanner.Bytes": State, "Writer.AvailableBuffer": State},
		"container/list":      {"List.Init": State, "List.Front": Unknown, "List.Remove": Fresh},
		"net/url":             {"URL.Query": Fresh, "URL.JoinPath": Unknown},
		"encoding/json":       {"Decoder.Buffered": State},
		"net/textproto":       {"MIMEHeader.Values": State},
		"text/template":       {"Template.Funcs": State},
		"mime/multipart":      {"Reader.NextPart": State},
		"go/doc":              {"Package.Parser": State},
		"go/ast":              {"CommentMap.Filter": State},
		"database/sql":        {"DB.Stats": Fresh},
		"text/template/parse": {"ListNode.CopyList": Unknown},
	} {
		t.Run(path, func(t *testing.T) {
			got := originsOf(t, path)
			for name, o := range want {
				if all, ok := got[name]; !ok || all != o {
					t.Errorf("%s is %v, and is to be %v", name, all, o)
				}
			}
		})
	}
}

// originsOf returns the origin of the first result of the methods of a package: that of
// the return statement from which least is to be hoped.
func originsOf(t *testing.T, path string) map[string]Origin {
	t.Helper()
	p, err := build.Import(path, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	config := types.Config{Importer: importer.Default(), Error: func(error) {}}
	pkg, _ := config.Check(path, fset, files, info)
	s := New(info, pkg, files)
	all := map[string]Origin{}
	for _, d := range s.decls {
		if d.Recv == nil || !d.Name.IsExported() || d.Type.Results == nil {
			continue
		}
		worst := Fresh
		rank := map[Origin]int{Fresh: 0, Unknown: 1, Copied: 2, State: 3}
		for _, r := range s.Results(s.Method(d)) {
			if rank[r.Origin] > rank[worst] {
				worst = r.Origin
			}
		}
		all[receiverName(d)+"."+d.Name.Name] = worst
	}
	return all
}

func receiverName(d *ast.FuncDecl) string {
	x := d.Recv.List[0].Type
	if p, ok := x.(*ast.StarExpr); ok {
		x = p.X
	}
	if id, ok := x.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
