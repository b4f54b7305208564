// Command doccheck finds exported names without a comment, and packages without
// one.
//
//	go run ./doccheck dir...
//
// The files that would be built count, except tests and package main. A comment on a group of constants or variables speaks for
// the names in it, and a comment on a field or on a method of an interface also for
// those that follow it without an empty line. The only member of a struct or an
// interface needs none, and methods count where their type is exported. The exit status is 1 if anything was found.
package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	found := 0
	for _, dir := range os.Args[1:] {
		missing, err := check(dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, "doccheck:", err)
			os.Exit(2)
		}
		for _, line := range missing {
			fmt.Println(line)
		}
		found += len(missing)
	}
	if found > 0 {
		os.Exit(1)
	}
}

// check returns a line for each name of the package in dir that lacks a comment.
func check(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	c := checker{fset: token.NewFileSet()}
	var name *ast.Ident
	documented := false
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		// One for a later version of Go may not even be parsed.
		if built, err := build.Default.MatchFile(dir, filepath.Base(file)); err != nil {
			return nil, err
		} else if !built {
			continue
		}
		f, err := parser.ParseFile(c.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if f.Name.Name == "main" {
			return nil, nil
		}
		name = f.Name
		documented = documented || f.Doc != nil
		for _, d := range f.Decls {
			c.decl(d)
		}
	}
	if name != nil && !documented {
		c.report(name, "package "+name.Name)
	}
	return c.missing, nil
}

type checker struct {
	fset    *token.FileSet
	missing []string
}

func (c *checker) report(at ast.Node, name string) {
	c.missing = append(c.missing, fmt.Sprintf("%s: %s has no comment", c.fset.Position(at.Pos()), name))
}

func (c *checker) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := typeName(d.Recv.List[0].Type)
			if !ast.IsExported(receiver) {
				return
			}
			name = receiver + "." + name
		}
		if d.Name.IsExported() && d.Doc == nil {
			c.report(d.Name, name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if !s.Name.IsExported() {
					continue
				}
				// In a group, each type needs its own comment.
				if s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
					c.report(s.Name, s.Name.Name)
				}
				c.members(s.Name.Name, s.Type)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
						c.report(n, n.Name)
					}
				}
			}
		}
	}
}

// members looks at the fields of a struct and the methods of an interface.
func (c *checker) members(owner string, typ ast.Expr) {
	var list []*ast.Field
	switch typ := typ.(type) {
	case *ast.StructType:
		list = typ.Fields.List
	case *ast.InterfaceType:
		list = typ.Methods.List
	}
	if len(list) == 1 && len(list[0].Names) == 1 {
		return // the comment of the type speaks for its only member
	}
	documented, end := false, 0
	for _, f := range list {
		own := f.Doc != nil || f.Comment != nil
		documented = own || documented && c.fset.Position(f.Pos()).Line == end+1
		end = c.fset.Position(f.End()).Line
		for _, n := range f.Names { // none if embedded
			if n.IsExported() && !documented {
				c.report(n, owner+"."+n.Name)
			}
		}
	}
}

// typeName returns the name of the type of a receiver.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.ParenExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.IndexListExpr:
		return typeName(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}
