package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// A writer writes random structs, whose methods have all shapes that are accepted.
type writer struct {
	*rand.Rand
	strings.Builder
	tparams []string
	wire    bool // types that cross to another process, and nothing else
}

func (w *writer) pick(from ...string) string { return from[w.IntN(len(from))] }

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

// awkward are names that generated code could trip over.
var awkward = []string{
	"a", "actor", "context", "url", "io", "time", "svc", "t", "n", "ctx", "err", "opts", "results", "all", "failed",
	"p1", "p2", "r1", "r2", "error", "string", "int", "nil", "any", "len", "T", "NewT", "TService", "K", "V",
	"plain", "Number", "tActor", "tActorPool", "pool", "p", "key", "_",
}

// wireTyp writes a type that crosses.
func (w *writer) wireTyp(depth int) string {
	if depth == 0 || w.IntN(3) == 0 {
		return w.pick("int", "string", "bool", "rune", "byte", "plain", "Number", "*Number", "url.URL", "*url.URL", "time.Time",
			"time.Duration", "html.HTML", "struct{}", "alias", "Wire", "*Wire", "Carry[int]", "*Carry[Carry[[]string]]")
	}
	t := func() string { return w.wireTyp(depth - 1) }
	switch w.IntN(5) {
	case 0:
		return "map[string]" + t()
	case 1:
		return fmt.Sprintf("struct{ A %s; B %s `json:\"b\"` }", t(), t())
	case 2:
		return fmt.Sprintf("[%d]%s", w.IntN(3), t())
	case 3:
		return "Carry[" + t() + "]"
	}
	return "[]" + t()
}

// typ writes a type; depth bounds it.
func (w *writer) typ(depth int) string {
	if w.wire {
		return w.wireTyp(depth)
	}
	if depth == 0 || w.IntN(3) == 0 {
		simple := []string{
			"int", "string", "bool", "error", "any", "rune", "byte", "plain", "Number", "*T" + w.args(), "T" + w.args(),
			"url.URL", "*u2.Values", "io.Reader", "time.Duration", "text.FuncMap", "html.HTML", "struct{}", "alias",
			"context.Context", "Box[int]", "*Box[*Box[string]]",
		}
		return w.pick(append(simple, w.tparams...)...)
	}
	t := func() string { return w.typ(depth - 1) }
	switch w.IntN(9) {
	case 0:
		return "[]" + t()
	case 1:
		return "map[string]" + t()
	case 2:
		return "*" + t()
	case 3:
		return w.pick("chan ", "<-chan ", "chan<- ") + "(" + t() + ")"
	case 4:
		return fmt.Sprintf("func(%s, ...%s) (%s, error)", t(), t(), t())
	case 5:
		return fmt.Sprintf("struct{ A %s; b %s `json:\"b\"` }", t(), t())
	case 6:
		return fmt.Sprintf("interface{ io.Writer; M(a %s) %s }", t(), t())
	case 7:
		return fmt.Sprintf("[%d]%s", w.IntN(3), t())
	}
	return "Box[" + t() + "]"
}

func (w *writer) args() string {
	if len(w.tparams) == 0 {
		return ""
	}
	return "[" + strings.Join(w.tparams, ", ") + "]"
}

// list writes parameters or results; all have names or none has.
func (w *writer) list(n int, taken set, variadic bool, before, after string) string {
	var all []string
	named := w.IntN(3) > 0
	add := func(name, typ string) {
		for taken[name] {
			name = w.pick(awkward...) + fmt.Sprint(len(taken))
		}
		if name != "_" {
			taken.add(name)
		}
		if named {
			typ = name + " " + typ
		}
		all = append(all, typ)
	}
	if before != "" {
		add(w.pick("ctx", "c", "_", "context"), before)
	}
	for i := range n {
		t := w.typ(2)
		if variadic && i == n-1 {
			t = "..." + t
		}
		add(w.pick(awkward...), t)
	}
	if after != "" {
		add(w.pick("err", "_", "failed"), after)
	}
	return strings.Join(all, ", ")
}

func (w *writer) method(name string) {
	before, after := w.pick("", "context.Context"), w.pick("", "error")
	n := w.IntN(4)
	directive := w.pick("", "", "", "call", "async", "skip")
	if before == "" && w.IntN(6) == 0 {
		directive = w.pick("future", "batched")
	}
	if name == "Serve" || name == "Close" {
		n = 1 + w.IntN(2) // with none it would be refused
	}
	receiver := "*T" + w.args()
	if w.IntN(4) == 0 {
		receiver = "T" + w.args()
	}
	taken := set{}
	taken.add(w.tparams...)
	params := w.list(n, taken, w.IntN(3) == 0, before, "")
	if directive == "future" || directive == "batched" || name == "Serve" { // with a context it would be refused
		params = strings.ReplaceAll(params, "context.Context", "plain")
	}
	results := w.list(w.IntN(4), taken, false, "", after)
	if results != "" {
		results = "(" + results + ")"
	}
	if directive != "" && (directive != "call" || results == "") { // with results its caller waits anyway
		w.printf("//nano:%s\n", directive)
	}
	if w.wire && (directive != "skip" && directive != "future" && w.IntN(5) == 0) {
		w.printf("//nano:local\n")
	}
	w.printf("func (%s) %s(%s) %s { panic(0) }\n\n", receiver, name, params, results)
}

// isRemoteSeed reports whether the struct of a seed gets a client and a binding, too.
func isRemoteSeed(seed uint64) bool { return seed%3 == 0 }

// randomStruct returns the file of a package p with a struct T.
func randomStruct(seed uint64) string {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 0)), wire: isRemoteSeed(seed)}
	w.printf("package p\n\nimport (\n\t\"context\"\n\thtml \"html/template\"\n\t\"io\"\n\t\"net/url\"\n\tu2 \"net/url\"\n\ttext \"text/template\"\n\t\"time\"\n)\n\n")
	w.printf("var _ context.Context\nvar _ html.HTML\nvar _ io.Reader\nvar _ url.URL\nvar _ u2.URL\nvar _ text.FuncMap\nvar _ time.Time\n\n")
	w.printf("type plain struct{}\ntype Number int\ntype alias = map[string]plain\ntype Box[X any] struct{ x X }\n")
	w.printf("type Wire struct{ A int; Next *Wire }\ntype Carry[X any] struct{ X X }\nvar ErrOne = io.EOF\ntype OneError struct{ N int }\nfunc (OneError) Error() string { return \"\" }\n")
	params := ""
	switch kind := w.IntN(3); {
	case w.wire:
	case kind == 0:
		w.tparams, params = []string{"K"}, "[K comparable]"
	case kind == 1:
		w.tparams, params = []string{"K", "V"}, "[K ~int | ~string, V interface{ io.Writer; comparable }]"
	}
	// Names that other declarations of the package have.
	for _, name := range []string{"tActor", "results", "all", "actor", "remote", "tInterface", "bindT", "in", "out", "tAArgs"} {
		if w.IntN(3) == 0 {
			w.printf("type %s struct{}\n", name)
		}
	}
	w.printf("\ntype T%s struct{ base }\n\ntype base struct{}\n\nfunc (*base) Promoted(a int, _ string) int { panic(0) }\n\n", params)
	taken := set{}
	taken.add(w.tparams...)
	args := w.list(w.IntN(3), taken, w.IntN(3) == 0, w.pick("", "context.Context"), "")
	w.printf("func NewT%s(%s) %s { panic(0) }\n\n", params, args, w.pick("*T"+w.args(), "(*T"+w.args()+", error)"))

	names := []string{
		"Do", "Run", "Stop", "Service", "ActorService", "Serve", "Name", "Done", "Info", "Call", "Get", "T", "NewT",
		"Close", "Error", "String", "Key", "Pool", "Add", "A", "B", "C", "D",
	}
	w.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:1+w.IntN(8)] {
		w.method(name)
	}
	return w.String()
}

// world returns what random structs import, and what is generated for them.
func world(t testing.TB) importer {
	t.Helper()
	dir := newModule(t)
	addRemote(t, dir)
	text := randomStruct(0)
	text = text[:strings.Index(text, ")\n\n")+2]
	for _, path := range []string{actorPath, poolPath, remotePath, "math/big"} {
		text += "import _ \"" + path + "\"\n"
	}
	writeFile(t, filepath.Join(dir, "p.go"), text)
	list, err := list(dir, token.NewFileSet(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return list.Imports
}

// generateRandom returns a random struct and what is generated for it: the service, and of
// some the client and the binding.
func generateRandom(t *testing.T, imports types.Importer, seed uint64) (input string, outputs []string) {
	input = randomStruct(seed)
	s := &source{fset: token.NewFileSet()}
	s.add(t, "t.go", input)
	s.check("example.com/p", "go1.26", imports)
	for _, e := range s.errs {
		if !e.Soft { // unused imports and such
			t.Fatalf("seed %d: the test's own struct is wrong: %v\n%s", seed, e, input)
		}
	}
	s.declared = map[string]token.Position{}
	for _, d := range s.files[0].Decls {
		for _, id := range declares(d) {
			s.declared[id.Name] = s.fset.Position(id.Pos())
		}
	}
	p := &place{name: "p", path: "example.com/p", same: true, declared: s.declared}
	found := &findings{}
	m := &modeler{source: s, place: p, found: found, pools: seed%2 == 0, remotes: isRemoteSeed(seed)}
	services := m.services([]string{"T"})
	if len(found.refusals) > 0 {
		t.Fatalf("seed %d: refused: %v\n%s", seed, found.refusals, input)
	}
	parts := []part{servicePart, clientPart | bindingPart}
	if !m.remotes {
		parts = parts[:1]
	}
	for _, part := range parts {
		text, err := emit(s, p, "nanogen -type T", services, part)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, input)
		}
		outputs = append(outputs, string(text))
	}
	return input, outputs
}

// add parses a file.
func (s *source) add(t *testing.T, name, text string) {
	t.Helper()
	f, err := parser.ParseFile(s.fset, name, text, parser.ParseComments)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	s.files = append(s.files, f)
}

// What is generated for any struct compiles, and is the same each time.
func FuzzMethodSets(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	imports := world(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		input, outputs := generateRandom(t, imports, seed)
		s := &source{fset: token.NewFileSet()}
		s.add(t, "t.go", input)
		for i, output := range outputs {
			s.add(t, fmt.Sprintf("t_%d.go", i), output)
		}
		s.check("example.com/p", "go1.26", imports)
		if len(s.errs) > 0 {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, s.errs, input, strings.Join(outputs, "\n"))
		}
		_, again := generateRandom(t, imports, seed)
		for i, output := range outputs {
			if again[i] != output {
				t.Fatalf("seed %d: not the same again:\n%s", seed, diff("first", "second", []byte(output), []byte(again[i])))
			}
		}
	})
}

// Some of them are also built by the go command.
func TestRandomMethodSetsBuild(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	addRemote(t, dir)
	imports := world(t)
	for seed := range uint64(20) {
		input, outputs := generateRandom(t, imports, seed+1000)
		pkg := filepath.Join(dir, fmt.Sprintf("p%d", seed))
		writeFile(t, filepath.Join(pkg, "t.go"), input)
		for i, output := range outputs {
			writeFile(t, filepath.Join(pkg, fmt.Sprintf("t_%d.go", i)), output)
		}
	}
	goCommand(t, dir, "build", "./...")
}
