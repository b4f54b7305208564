package origin

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"
)

// A flow is a way on which state may leave a method, and what is to be said about it.
type flow struct {
	name string
	want verdict
	code string
}

// A verdict is what becomes of a method, for the worst of its results.
type verdict string

const (
	accepted verdict = "accepted"
	warned   verdict = "warned about" // it cannot be told
	refused  verdict = "refused"
)

// header declares the state of which all flows are methods.
const header = `package p

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

var (
	_ bytes.Buffer
	_ json.Number
	_ = fmt.Sprint
	_ io.Reader
	_ iter.Seq[int]
	_ = maps.Clone[map[int]int]
	_ = slices.Clone[[]int]
	_ = sort.Ints
	_ = strings.Fields
	_ sync.Mutex
	_ time.Time
)

// T is the state.
type T struct {
	n     int
	l     []int          // elements are numbers,
	ll    [][]int        // slices,
	ss    []S            // structs that have a slice,
	us    []*U           // or pointers
	m     map[string]int
	ml    map[string][]int
	ms    map[string]S
	mu    map[string]*U
	s     S
	u     *U
	ps    *S
	a     [2]int
	al    [2][]int
	spare []int
	any   any
	f     func() int
	ch    chan []int
	buf   bytes.Buffer
	err   error
	when  time.Time
	child *T
	lock  sync.Mutex
	in
}

// S is a struct whose copies share a slice.
type S struct {
	n    int
	list []int
}

// U is used by pointer.
type U struct {
	name string
	tags []string
}

// View is a struct of the package that refers to what it shows.
type View struct {
	data []int
	of   *T
}

type in struct{ inner []int }

func (i *in) own() []int { return i.inner }

func use(...any) {}
`

// withActor imports a package actor that has what flows need.
type withActor struct{ types.Importer }

func (w withActor) Import(path string) (*types.Package, error) {
	if path != actorPath {
		return w.Importer.Import(path)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", "package actor\n\ntype Service[T any] struct{ t *T }\n\nfunc Move[T any](from *T) (moved T)\n", 0)
	if err != nil {
		return nil, err
	}
	config := types.Config{IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := config.Check(path, fset, []*ast.File{f}, nil)
	return pkg, nil
}

func testFlows(t *testing.T, flows []flow) {
	t.Helper()
	imports := withActor{importer.Default()}
	names := map[string]bool{}
	for _, f := range flows {
		if names[f.name] {
			t.Errorf("two flows are called %q", f.name)
		}
		names[f.name] = true
		t.Run(f.name, func(t *testing.T) {
			got, parts := judge(t, imports, f.code)
			if got != f.want {
				t.Errorf("is %s %v, and is to be %s:\n%s", got, parts, f.want, f.code)
			}
			breakIt(t, imports, f.code)
		})
	}
}

// judge returns what is to be said about the method F of a text, or about the first
// function literal.
func judge(t *testing.T, imports types.Importer, code string) (worst verdict, parts []string) {
	t.Helper()
	s, files, err := parse(t, imports, code)
	if err != nil {
		t.Fatalf("%v\n%s", err, code)
	}
	worst = accepted
	for _, r := range s.Results(functionOf(t, s, files[1])) {
		switch {
		case r.Origin == State, r.Origin == Copied:
			worst = refused
			parts = append(parts, r.Part)
		case r.Origin == Unknown && Refers(r.Type, s.pkg) && worst != refused:
			worst = warned
		}
	}
	return worst, parts
}

// breakIt looks at a text from which one name after the other is taken away: code that does
// not compile has to be gone through as well.
func breakIt(t *testing.T, imports types.Importer, code string) {
	t.Helper()
	for i, at := range identifiers.FindAllStringIndex(code, -1) {
		if i%13 != len(code)%13 { // not all of them: they would be thousands
			continue
		}
		broken := code[:at[0]] + "nothing" + code[at[1]:]
		s, files, _ := parse(t, imports, broken)
		if s == nil {
			continue // it does not even parse
		}
		for _, d := range files[1].Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv != nil && d.Body != nil {
				s.Results(s.Method(d))
			}
		}
	}
}

var identifiers = regexp.MustCompile(`\b[a-zA-Z]\w*\b`)

// parse parses and type-checks a text, beside the header. Without a Source it does not
// parse.
func parse(t *testing.T, imports types.Importer, code string) (*Source, []*ast.File, error) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, text := range []string{header, "package p\n\n" + imported(code) + code} {
		f, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	var first error
	config := types.Config{Importer: imports, Error: func(err error) {
		if first == nil {
			first = err
		}
	}}
	pkg, _ := config.Check("example.com/p", fset, files, info)
	return New(info, pkg, files), files, first
}

// imported returns an import declaration with the packages that a text mentions.
func imported(code string) string {
	text := "import (\n"
	for _, path := range []string{actorPath, "bytes", "encoding/json", "fmt", "io", "iter", "maps", "slices", "sort", "strings", "sync", "time"} {
		name := path[strings.LastIndex(path, "/")+1:]
		if strings.Contains(code, name+".") {
			text += "\t\"" + path + "\"\n"
		}
	}
	return text + ")\n\n"
}

func functionOf(t *testing.T, s *Source, file *ast.File) (found Function) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "F" {
				found = s.Method(n)
			}
			return false
		case *ast.FuncLit:
			if found.Body == nil {
				found = s.Literal(n)
			}
		}
		return found.Body == nil
	})
	if found.Body == nil {
		t.Fatal("there is no function")
	}
	return found
}
