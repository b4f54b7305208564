package storm

import (
	"bytes"
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
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The packages whose functions and methods a storm is made of.
var stormed = []string{"actor", "actor/topic", "supervisor", "supervisor/pool", "supervisor/httpserver"}

const module = "github.com/bruskajp/nano_services/"

// excused are those that no operation uses, and why: by name, or by a method's name for all
// types.
var excused = map[string]string{
	"actor.Move":                    "touches nothing but a variable",
	"actor.PanicElsewhere":          "for supervisor/remote, which has a storm of its own in its tests",
	"actor.NewPanicError":           "for package supervisor, which calls it",
	"supervisor.Func.Serve":         "called by its supervisor",
	"supervisor.Supervisor.Abandon": "called by its supervisor",
	".String":                       "the text of plain data",
	".Error":                        "the text of an error",
	".Unwrap":                       "what an error wraps, which errors.Is asks",
	".Is":                           "what an error is, which errors.Is asks",
	".MarshalText":                  "the text of plain data",
	".UnmarshalText":                "the text of plain data",
	".SignalsReady":                 "for supervisors, which the storm has",
	".StartedBy":                    "for supervisors, which the storm has",
}

// A storm uses all that the packages export, or it is said why not: what is added is not
// forgotten.
func TestStormUsesAllThatIsExported(t *testing.T) {
	s := checked(t)
	used := s.used()
	reasons := maps.Clone(excused)
	for _, path := range stormed {
		pkg := s.packages[module+path]
		if pkg == nil {
			t.Fatalf("the storm does not import %s", path)
		}
		for _, f := range exported(pkg) {
			name := nameOf(f)
			_, byName := excused[name]
			_, byMethod := excused[name[strings.LastIndexByte(name, '.'):]]
			switch {
			case byName:
				delete(reasons, name)
			case byMethod && name != pkg.Name()+name[strings.LastIndexByte(name, '.'):]:
				delete(reasons, name[strings.LastIndexByte(name, '.'):])
			case !used[f]:
				t.Errorf("no operation of the storm uses %s, and nothing is said of it in excused", name)
			}
			if byName && used[f] {
				t.Errorf("%s is excused, and used", name)
			}
		}
	}
	for name := range reasons {
		t.Errorf("%s is excused, and there is no such function or method", name)
	}
}

// source is the storm, as the compiler knows it.
type source struct {
	files    []*ast.File
	info     types.Info
	packages map[string]*types.Package // that it imports, by path
}

// checked returns the storm's own source.
func checked(t *testing.T) *source {
	t.Helper()
	s := &source{info: types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}, packages: map[string]*types.Package{}}
	fset := token.NewFileSet()
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string]bool{}
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, n.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
		for _, i := range f.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			imports[path] = true
		}
	}
	compiled := compiledBy(t, slices.Sorted(maps.Keys(imports)))
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := compiled[path]
		if !ok {
			return nil, fmt.Errorf("%s was not compiled", path)
		}
		return os.Open(file)
	})}
	pkg, err := conf.Check("storm", fset, s.files, &s.info)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkg.Imports() {
		s.packages[p.Path()] = p
	}
	return s
}

// compiledBy returns where the compiler has left what these packages export, and those that they
// import.
func compiledBy(t *testing.T, imports []string) map[string]string {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, imports...)...)
	var said bytes.Buffer
	list.Stderr = &said
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &said)
	}
	compiled := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, _ := strings.Cut(strings.TrimSpace(line), " "); file != "" {
			compiled[path] = file
		}
	}
	return compiled
}

// exported returns the functions and methods that a package exports.
func exported(pkg *types.Package) (all []*types.Func) {
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			if o.Exported() {
				all = append(all, o)
			}
		case *types.TypeName:
			named, ok := o.Type().(*types.Named)
			if !ok || !o.Exported() || o.IsAlias() {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() {
					all = append(all, m)
				}
			}
		}
	}
	return all
}

// nameOf returns package, type and name.
func nameOf(f *types.Func) string {
	name := f.Name()
	if r := f.Signature().Recv(); r != nil {
		t := r.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		name = t.(*types.Named).Obj().Name() + "." + name
	}
	return f.Pkg().Name() + "." + name
}

// used returns what the storm uses, also through the methods of a handle: those of each value
// that is one.
func (s *source) used() map[*types.Func]bool {
	used, through := map[*types.Func]bool{}, map[string]bool{}
	for _, o := range s.info.Uses {
		if f, ok := o.(*types.Func); ok {
			used[f.Origin()] = true
			if f.Pkg() != nil && f.Pkg().Path() == "storm" && f.Signature().Recv() != nil {
				through[f.Name()] = true
			}
		}
	}
	handles := func(e ast.Expr) {
		t := s.info.Types[e].Type
		for name := range through {
			if m, _, _ := types.LookupFieldOrMethod(t, true, nil, name); m != nil {
				if f, ok := m.(*types.Func); ok {
					used[f.Origin()] = true
				}
			}
		}
	}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "ref" {
					handles(n.Value)
				}
			case *ast.AssignStmt:
				if x, ok := n.Lhs[0].(*ast.SelectorExpr); ok && x.Sel.Name == "ref" {
					handles(n.Rhs[0])
				}
			}
			return true
		})
	}
	return used
}
