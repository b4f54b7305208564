package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// Each row has a file a.go that uses something of b.go in one way.
func TestUses(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		want       []string
	}{
		{"nothing", "func a() {}", "func b() {}", nil},
		{"same name, local", "func a(b int) int { return b }", "func b() {}", nil},
		{"type", "var a b", "type b int", []string{"b"}},
		{"alias", "var a b", "type b = int", []string{"b"}},
		{"function", "var a = b()", "func b() int { return 1 }", []string{"b"}},
		{"variable", "func a() { b++ }", "var b int", []string{"b"}},
		{"constant", "var a = b", "const b = 1", []string{"b"}},
		{"constant in an array's length", "var a [b]int", "const b = 1", []string{"b"}},
		{"field", "func a(x t) { x.f = 1 }", "type t struct{ f int }", []string{"t", "t.f"}},
		{"field in a literal", "var a = t{f: 1}", "type t struct{ f int }", []string{"t", "t.f"}},
		{"field without the type's name", "func a() { b().f = 1 }", "type t struct{ f int }\nfunc b() *t { return nil }",
			[]string{"b", "t.f"}},
		{"field of an inner struct", "func a() { b.s.f = 1 }", "type t struct{ s struct{ f int } }\nvar b t",
			[]string{"b", "t.f", "t.s"}},
		{"promoted field", "type u struct{ t }\nfunc a(x u) { x.f = 1 }", "type t struct{ f int }", []string{"t", "t.f"}},
		{"embedded field", "func a(x u) { x.t.f = 1 }", "type t struct{ f int }\ntype u struct{ t }", []string{"t.f", "u", "u.t"}},
		{"method", "func a(x t) { x.m() }", "type t int\nfunc (t) m() {}", []string{"t", "t.m"}},
		{"method value", "var a = b.m", "type t int\nfunc (t) m() {}\nvar b t", []string{"b", "t.m"}},
		{"method expression", "var a = (*t).m", "type t int\nfunc (*t) m() {}", []string{"t", "t.m"}},
		{"promoted method", "type u struct{ t }\nfunc a(x u) { x.m() }", "type t int\nfunc (t) m() {}", []string{"t", "t.m"}},
		{"receiver", "func (t) m() {}", "type t int", []string{"t"}},
		{"through an interface", "func a(x i) { x.m() }", "type i interface{ m() }", []string{"i", "i.m"}},
		{"through an interface of its own", "type i interface{ m() }\nfunc a(x i) { x.m() }", "type t int\nfunc (t) m() {}", nil},
		{"through an embedded interface", "type j interface{ i }\nfunc a(x j) { x.m() }", "type i interface{ m() }",
			[]string{"i", "i.m"}},
		{"field of an instance", "func a(x g[int]) { x.f = 1 }", "type g[T any] struct{ f T }", []string{"g", "g.f"}},
		{"method of an instance", "func a(x g[int]) { x.m() }", "type g[T any] struct{ f T }\nfunc (g[T]) m() {}",
			[]string{"g", "g.m"}},
		{"generic receiver", "func (x *g[T]) m() { x.f = x.f }", "type g[T any] struct{ f T }", []string{"g", "g.f"}},
		{"constraint", "func a[T c]() {}", "type c interface{ ~int }", []string{"c"}},
		{"inferred instance", "var a = b(1)", "func b[T any](x T) T { return x }", []string{"b"}},
		{"method of the universe", "func a(e error) { _ = e.Error() }", "func b() {}", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			fset := token.NewFileSet()
			var trees []*ast.File
			for name, text := range map[string]string{"a.go": test.a, "b.go": test.b} {
				tree, err := parser.ParseFile(fset, name, "package p\n"+text, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				trees = append(trees, tree)
			}
			all, err := arrows(fset, trees, dependencies{path: "p", goVersion: "go1.26"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range all {
				if a.from != "a.go" || a.to != "b.go" {
					t.Errorf("an arrow from %s to %s", a.from, a.to)
				}
				got = append(got, a.names...)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("uses %q, want %q", got, test.want)
			}
		})
	}
}

func TestFunctions(t *testing.T) {
	const source = `package p

// A comment is not a part of it.
func f() {
}

func (x *g[T]) m() {
	_ = func() {
	}
}

var v = func() {
	_ = 1
}
`
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	want := []function{{"f", 4, 2}, {"g.m", 7, 4}, {"a function literal", 8, 2}, {"a function literal", 12, 3}}
	if got := functions(fset, tree); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}
