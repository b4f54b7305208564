package main

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// parameters returns what is generated for, or found wrong with, a method M whose
// parameters and results are written as given.
func parameters(t *testing.T, imports types.Importer, decls, signature string) (*service, []string) {
	t.Helper()
	s := &source{fset: token.NewFileSet()}
	s.add(t, "t.go", "package p\n\nimport (\n\t\"context\"\n\t\"math/big\"\n\t\"net/url\"\n\t\"time\"\n)\n\n"+
		"var _ context.Context\nvar _ big.Int\nvar _ url.URL\nvar _ time.Time\n"+
		"type T struct{}\nfunc NewT() *T { return nil }\n"+decls+"\nfunc (t *T) M"+signature+" { panic(0) }\n")
	s.check("example.com/p", "go1.26", imports)
	for _, e := range s.errs {
		if !e.Soft {
			t.Fatalf("%s: the test's own code is wrong: %v", signature, e)
		}
	}
	p := &place{name: "p", path: "example.com/p", same: true, declared: map[string]token.Position{}}
	m := &modeler{source: s, place: p, found: &findings{}, remotes: true}
	services := m.services([]string{"T"})
	var reasons []string
	for _, r := range m.found.refusals {
		reasons = append(reasons, r.reason)
	}
	if len(services) == 0 {
		return nil, reasons
	}
	return services[0], reasons
}

// What crosses, and what is refused with the path to the culprit. A row is told by the
// beginnings of what is said.
func TestCrossing(t *testing.T) {
	t.Parallel()
	imports := world(t)
	const lossy = "//nano:lossy"
	for _, row := range []struct {
		decls, signature string
		want             []string
	}{
		{"", "(a bool, b int8, c uint64, d float32, e string, f rune)", nil},
		{"", "(a []byte, b [4]string, c map[string][]int, d *int, e struct{ A int })", nil},
		{"type N int; type S []N; type A = S", "(a A) (b map[N]*S, err error)", []string{"b[]: *S: a pointer to a nil"}},
		{"", "(a time.Time, b time.Duration, c *time.Time, d url.URL, e *big.Int, f map[time.Duration]int)", nil},
		{"type Tree struct{ L, R *Tree; Of []Tree }", "(a Tree) (*Tree, error)", nil},
		{"type Box[X any] struct{ V X }", "(a Box[int], b Box[[]string]) error", nil},
		{"type Box[X any] struct{ V X }", "(a Box[func()], b Box[Box[chan int]]) error", []string{"Box.V: func(): ", "Box.V.V: chan int: "}},
		{"type E struct{}; type B struct{ _ [0]func(); A int }", "(a E, b B) error", nil},
		{"type in struct{ A int }; type Out struct{ in; B int }", "(o Out) error", nil},
		{"type in struct{ A int; b int }; type Out struct{ in; B int }", "(o Out) error", []string{"Out.in.b: not exported: "}},
		{"type in struct{ A int }; type Out struct{ in `json:\"x\"`; B int }", "(o Out) error", []string{"Out.in: in: what embeds it cannot set it"}},
		{"type in int; type Out struct{ in; B int }", "(o Out) error", []string{"Out.in: not exported: "}},
		{"type Out struct{ *Out; B int }", "(o Out) error", nil},
		{"type In struct{ A int }; type Out struct{ In `json:\"A\"`; B int `json:\"-,\"` }", "(o Out) error", nil},
		{"type In struct{ A int }; type Out struct{ In; A int }", "(o Out) error", []string{`Out.In.A: field: has the name "A" on the wire, as Out.A has`}},
		{"type In struct{ A int }; type On struct{ A int }; type Out struct{ In; On }", "(o Out) error", []string{"Out.In.A: field: ", "Out.On.A: field: "}},
		{"type In struct{ A int `json:\"A\"` }; type On struct{ A int }; type Out struct{ In; On }", "(o Out) error", []string{"Out.On.A: field: "}},
		{"type C struct{ a int }; func (C) MarshalText() ([]byte, error) { return nil, nil }; func (*C) UnmarshalText([]byte) error { return nil }; " +
			"type D struct{ b int }; func (D) MarshalText() ([]byte, error) { return nil, nil }; func (*D) UnmarshalText([]byte) error { return nil }; " +
			"type Out struct{ C; D; E int }", "(o Out) error", []string{"Out.C.a: not exported", "Out.D.b: not exported"}},
		{"type Out struct{ time.Time }", "(o Out) error", nil},
		{"type Out struct{ time.Time; At int }", "(o Out) error", []string{"Out: Out: its MarshalBinary is that of the embedded Time"}},
		{"type X struct{ a int }; func (X) MarshalCBOR() ([]byte, error) { return nil, nil }; func (*X) UnmarshalCBOR([]byte) error { return nil }", "(x X, y []*X, z map[X]X) error", []string{"z[key]: X: keys are"}},
		{"type X struct{ a int }; func (*X) MarshalText() ([]byte, error) { return nil, nil }; func (*X) UnmarshalText([]byte) error { return nil }", "(x X) error", nil},
		{"type X struct{ a int }; func (X) MarshalText() (string, error) { return \"\", nil }; func (*X) UnmarshalText(string) error { return nil }", "(x X) error", []string{"X: struct: has nothing exported"}},
		{"type X struct{ A int }; func (X) MarshalJSON() ([]byte, error) { return nil, nil }", "(x X) error", nil},
		{"type X int; func (X) MarshalBinary() ([]byte, error) { return nil, nil }", "(x X) error", []string{"X: X: has MarshalBinary and no UnmarshalBinary"}},
		{"type X struct{}; func (*X) Serve(context.Context) error { return nil }", "(x *X) error", []string{"X: X: a service stays"}},
		{"", "(s TService, c *TClient) error", []string{"TService: TService: a service stays", "TClient: TClient: a service stays"}},
		{"type Order struct{ Lines []Line }; type Line struct{ Done chan int }", "(o Order) error", []string{"Order.Lines[].Done: chan int: "}},
		{"type Order struct{ Lines map[string]Line }; type Line struct{ f func() }", "() (*Order, error)", []string{"Order.Lines[]: struct: has nothing exported"}},
		{"", "(m map[[2]*int]string, n map[interface{ F() }]int) error", []string{"m[key]: [2]*int: keys are", "n[key]: interface{F()}: keys"}},
		{"", "(err error, _ context.Context) error", []string{"err: error: an error crosses only as the last", "parameter 2: context.Context: only"}},
		{"", "(ctx context.Context, n int) (error, error)", []string{"result 1: error: an error crosses only as the last"}},
		{"type X struct{ A, b int }; " + lossy, "(x X, c chan int) error", []string{"c: chan int: "}},
		{"type X struct{ a, b int }; " + lossy, "(x X) error", []string{"X: struct: has nothing exported"}},
		{"type X struct{ A, b int }; " + lossy, "(x X, p **int) error", []string{"p: **int: a pointer to a nil"}},
		{lossy, "(x int) error", []string{"//nano:lossy does nothing at a method of which nothing"}},
	} {
		decls := strings.ReplaceAll(row.decls, "; "+lossy, "\n"+lossy)
		_, got := parameters(t, imports, strings.ReplaceAll(decls, lossy, "\n"+lossy), row.signature)
		if len(got) != len(row.want) || !slices.EqualFunc(got, row.want, strings.HasPrefix) {
			t.Errorf("%s\nM%s:\n got %q\nwant %q", row.decls, row.signature, got, row.want)
		}
	}
}

// A signature has one text, however its types are written, and the hash that is sent.
func TestSignature(t *testing.T) {
	t.Parallel()
	imports := world(t)
	for _, row := range []struct{ decls, signature, want string }{
		{"", "()", "M()"},
		{"//nano:call", "()", "M() ()"},
		{"", "() error", "M() (error)"},
		{"", "(ctx context.Context, a, b int) (n int, err error)", "M(a int, b int) (int, error)"},
		{"", "(_ byte, r rune, _ ...time.Time) int", "M(_ byte, r int32, _ ...time.Time) (int)"},
		{"", "(uint8, int32, ...time.Time) int", "M(_ byte, _ int32, _ ...time.Time) (int)"},
		{"type A = map[string]B; type B = []*C; type C struct{ N int }", "(a A) C", "M(a map[string][]*example.com/p.C) (example.com/p.C)"},
		{"type Box[X, Y any] struct{ V X; W Y }", "(a Box[int, Box[byte, url.URL]]) [2]int",
			"M(a example.com/p.Box[int, example.com/p.Box[byte, net/url.URL]]) ([2]int)"},
		{"", "(a struct{ A int; B []string }) error", "M(a struct{A int; B []string}) (error)"},
	} {
		s, reasons := parameters(t, imports, row.decls, row.signature)
		if len(reasons) > 0 {
			t.Errorf("%s: refused: %q", row.signature, reasons)
		} else if got := s.methods[0].signature(); got != row.want {
			t.Errorf("M%s is %q, want %q", row.signature, got, row.want)
		}
	}
	// The numbers of the FNV authors, and one that package remote sends.
	for text, want := range map[string]string{"": "cbf29ce484222325", "a": "af63dc4c8601ec8c", "foobar": "85944171f73967e8"} {
		if got := hashOf(text); got != want {
			t.Errorf("the hash of %q is %s, want %s", text, got, want)
		}
	}
}
