package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// oddities are what the golden folders do not have, each on its own.
var oddities = []string{
	"type Map[K comparable, V any] struct{}\nfunc NewMap[K comparable, V any]() *Map[K] { return nil }\nfunc (m *Map[K, V]) A() {}",
	"type T struct{}\nfunc NewT[K any]() *T { return nil }\nfunc (t *T) A() {}",
	"type T[K any] struct{}\nfunc NewT() *T { return nil }\nfunc (t *T) A() {}",
	"type T[K any] struct{}\nfunc NewT[K, V any]() *T[V] { return nil }\nfunc (t *T[_]) A(k K) {}",
	"type T[K any] struct{}\nfunc NewT[K any]() *T[[]K] { return nil }\nfunc (t *T[K]) A() K { panic(0) }",
	"type T[_ any] struct{}\nfunc NewT[A any]() *T[A] { return nil }\nfunc (t *T[_]) A(_, _ int) (_ string, _ error) { return }",
	"type T[K T[K]] struct{}\nfunc NewT[K T[K]]() *T[K] { return nil }\nfunc (t *T[K]) A() {}",
	"type T struct{ T }\nfunc NewT() *T { return nil }\nfunc (t *T) A() {}",
	"type T struct{ *T }\nfunc NewT() *T { return nil }\nfunc (t *T) A() {}",
	"type T struct{ U }\ntype U struct{ *T }\nfunc NewT() *T { return nil }\nfunc (t *T) A() {}\nfunc (u U) B() {}",
	"type T = U\ntype U = T\nfunc NewT() *T { return nil }\nfunc (t *T) A() {}",
	"type T struct{}\ntype A = *T\nfunc NewT() A { return nil }\nfunc (t A) B() {}",
	"type T struct{}\nfunc NewT() *T { return nil }\nfunc (t **T) A() {}\nfunc (T) B() {}\nfunc () C() {}\nfunc (a, b T) D() {}",
	"type T struct{}\nfunc NewT() *T { return nil }\nfunc (t *T) A(x undefined, y struct{ z undefined }) (w []undefined) { return }",
	"type T struct{}\nfunc NewT() *T { return nil }\nfunc (t *T) A()\nfunc (t *T) A(int)\nfunc (t *T) B(f ...func(...int)) {}",
	"type T struct{ a int; a string; _ int; _ U[int] }\ntype U[X any] struct{}\nfunc NewT() *T { return nil }\nfunc (t *T) A(_ U[U[int]]) {}",
	"type Box[X any] struct{ x X }\nfunc (b *Box[Y]) Put(y Y) {}\ntype T struct{ *Box[int]; Box2 }\ntype Box2 = Box[string]\nfunc NewT() *T { return nil }",
	"type T struct{}\nfunc NewT() (*T, error) { return nil, nil }\nfunc (t *T) Do() {}\nfunc (t *T) Service() {}\nfunc (t *T) ActorService() {}",
	"import . \"time\"\nimport _ \"io\"\ntype T struct{}\nfunc NewT(d Duration) *T { return nil }\nfunc (t *T) A(d Duration) Time { panic(0) }",
	"import \"C\"\ntype T struct{}\nfunc NewT() *T { return nil }\nfunc (t *T) A(x C.int) {}",
	"import actor \"context\"\ntype context struct{}\ntype T struct{}\nfunc NewT(c actor.Context, actor int) *T { return nil }\nfunc (t *T) A(c actor.Context, context int) error { return nil }",
	"type error int\ntype any string\ntype T struct{}\nfunc NewT() (*T, error) { return nil, 0 }\nfunc (t *T) A() (any, error) { return \"\", 0 }",
	"type T struct{}\nfunc NewT() *T { return nil }\nfunc init() {}\nfunc _() {}\nfunc (t *T) _() {}\nvar TService, NewTService int\nfunc (t *T) A() {}",
	"type T struct{ m map[string][]int }\nfunc NewT(x ...int) *T { return nil }\nfunc (t *T) A(k string) (r []int, ok bool) { r, ok = t.m[k]; return }\nfunc (t *T) B() []int { return t.B() }",
	"type T struct{ f func() *T }\nfunc NewT() *T { return nil }\nfunc (t *T) A() *T { for { if t = t.f(); t != nil { return t.f() } } }\nfunc (t *T) B(c chan<- func()) { goto x; x: c <- func() { t.B(c) } }",
	"import \"time\"\ntype T struct{ U }\ntype U struct{ V *T; time.Time }\nvar ErrA, errB error = nil, nil\nvar (ErrC error; ErrD = error(nil))\n" +
		"type E struct{ N int }\nfunc (*E) Error() string { return \"\" }\ntype bindT int\nfunc NewT() *T { return nil }\nfunc (t *T) A(remote, in, out, err U) (svc, c *E) { return }\nfunc (t *T) client(x ...E) {}",
	"type T struct{}\ntype TClient struct{}\nfunc BindT() {}\nfunc HostTs() {}\nfunc NewT() *T { return nil }\nfunc (t *T) Client(tNothing, tInterface int, _ ...TClient) (a, _ []T, _ error) { return }",
	"type T struct{}\ntype E[X any] struct{ X X }\nfunc (E[X]) Error() string { return \"\" }\ntype F = E[int]\ntype G struct{ E[int] }\nfunc NewT() *T { return nil }\n//nano:local\n//nano:lossy\nfunc (t *T) A(e E[T]) {}\n//nano:lossy\nfunc (t *T) B(e F, g *G, m map[G]T) (o G) { return }",
	"type I interface{ A() []int; I }\ntype T struct{ I }\nfunc NewT() *T { return nil }\nfunc (t *T) B() any { return t.A }",
}

// generateFrom returns what is generated for all structs of a file, with -remote or without,
// or nothing if that is refused, and whether the file itself compiles.
func generateFrom(t *testing.T, imports types.Importer, fset *token.FileSet, file *ast.File, remotes bool) (outputs []string, compiles bool) {
	s := &source{fset: fset, version: "go1.26", files: []*ast.File{file}, declared: map[string]token.Position{}}
	var names []string
	for _, d := range file.Decls {
		for _, id := range declares(d) {
			s.declared[id.Name] = fset.Position(id.Pos())
		}
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, spec := range g.Specs {
				names = append(names, spec.(*ast.TypeSpec).Name.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil, false
	}
	s.check("example.com/p", s.version, imports)
	p := &place{name: s.pkg.Name(), path: "example.com/p", same: true, declared: s.declared}
	var all []*service
	var left []string
	for _, name := range names { // of several, those that are not refused
		m := &modeler{source: s, place: p, found: &findings{}, remotes: remotes}
		if m.services([]string{name}); len(m.found.refusals) == 0 {
			left = append(left, name)
		}
	}
	m := &modeler{source: s, place: p, found: &findings{}, remotes: remotes}
	if all = m.services(left); len(all) == 0 || len(m.found.refusals) > 0 {
		return nil, false
	}
	parts := []part{servicePart, clientPart | bindingPart}
	if !remotes {
		parts = parts[:1]
	}
	for _, part := range parts {
		text, err := emit(s, p, "nanogen -type T", all, part)
		if err != nil {
			t.Fatal(err)
		}
		outputs = append(outputs, string(text))
	}
	return outputs, len(s.errs) == 0
}

// For any source, what is generated parses, and compiles if that does; or it is refused.
func FuzzGenerate(f *testing.F) {
	for _, text := range oddities {
		f.Add("package p\n\n" + text)
	}
	for seed := range uint64(10) {
		f.Add(randomStruct(seed))
	}
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			f.Add(readFile(f, path))
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	imports := world(f)
	f.Fuzz(func(t *testing.T, text string) {
		fset := token.NewFileSet()
		parse := func(name, text string) (*ast.File, error) {
			return parser.ParseFile(fset, name, text, parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
		}
		for _, remotes := range []bool{false, true} {
			file, err := parse("/fuzz/p.go", text)
			if err != nil || strings.HasSuffix(file.Name.Name, "_test") {
				return
			}
			outputs, compiles := generateFrom(t, imports, fset, file, remotes)
			again, _ := parse("/fuzz/p.go", text)
			all := &source{fset: fset, files: []*ast.File{again}}
			for _, output := range outputs {
				generated, err := parse("/fuzz/p_service.go", output)
				if err != nil {
					t.Fatalf("%v\n%s\n%s", err, text, output)
				}
				all.files = append(all.files, generated)
			}
			if len(outputs) == 0 || !compiles {
				continue
			}
			if all.check("example.com/p", "go1.26", imports); len(all.errs) > 0 {
				t.Fatalf("%v\n%s\n%s", all.errs, text, strings.Join(outputs, "\n"))
			}
		}
	})
}
