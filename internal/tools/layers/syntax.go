package main

import (
	"go/ast"
	"go/token"
)

// functions returns the functions of a file with their lines, without their comments.
// A literal inside of a function is a part of it, and has a length of its own as well.
func functions(fset *token.FileSet, tree *ast.File) (found []function) {
	ast.Inspect(tree, func(n ast.Node) bool {
		name := "a function literal"
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = receiver(n) + n.Name.Name
		case *ast.FuncLit:
		default:
			return true
		}
		first, last := fset.Position(n.Pos()).Line, fset.Position(n.End()).Line
		found = append(found, function{name, first, last - first + 1})
		return true
	})
	return found
}

// collect adds the exported names that a file declares at package level. Variants of a
// file for several systems declare the same ones.
func collect(exported map[string]bool, tree *ast.File) {
	add := func(names ...*ast.Ident) {
		for _, n := range names {
			if n.IsExported() {
				exported[n.Name] = true
			}
		}
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					add(s.Names...)
				}
			}
		}
	}
}

// findOwners says, for the position of each field and method, what goes before its name
// in a list: its type and a dot.
func findOwners(owners map[token.Pos]string, tree *ast.File) {
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			owners[d.Name.Pos()] = receiver(d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					findMembers(owners, s)
				}
			}
		}
	}
}

// findMembers does so for a type. An inner struct's fields count as the type's.
func findMembers(owners map[token.Pos]string, s *ast.TypeSpec) {
	ast.Inspect(s.Type, func(n ast.Node) bool {
		f, ok := n.(*ast.Field)
		if !ok {
			return true
		}
		for _, name := range f.Names {
			owners[name.Pos()] = s.Name.Name + "."
		}
		if len(f.Names) == 0 {
			if id := typeName(f.Type); id != nil { // embedded
				owners[id.Pos()] = s.Name.Name + "."
			}
		}
		return true
	})
}

// receiver returns the type of a method and a dot, or nothing for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	if id := typeName(d.Recv.List[0].Type); id != nil {
		return id.Name + "."
	}
	return ""
}

// typeName returns the name in the type of a receiver or an embedded field, or nil.
func typeName(x ast.Expr) *ast.Ident {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.ParenExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.IndexListExpr:
		return typeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel
	case *ast.Ident:
		return x
	}
	return nil
}
