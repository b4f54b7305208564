package main

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "renew docs/trips.rst, and the table of trips in docs/design.rst")

const (
	module = "github.com/bruskajp/nano_services"
	root   = "../../.."
)

// The documents say what the trips run through.
func TestTrips(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "trips")
	run(t, "go", "build", "-cover", "-covermode=atomic", "-coverpkg="+module+"/...", "-o", bin, ".")
	t.Setenv("GOCOVERDIR", dir) // for what is counted at its end
	run(t, bin, dir)

	page, table := pageHead, tableHead
	for _, trip := range trips {
		profile := filepath.Join(dir, trip.name+".txt")
		run(t, "go", "tool", "covdata", "textfmt", "-i", filepath.Join(dir, trip.name), "-o", profile)
		files := through(t, profile)
		if len(files) == 0 {
			t.Fatalf("%s runs through nothing", trip.title)
		}
		told(t, trip.title, trip.story, files)
		page += section(trip.title, trip.story, files)
		table += row(trip.title, files)
	}
	agree(t, "docs/trips.rst", page)

	design := read(t, "docs/design.rst")
	before, rest, ok := strings.Cut(design, tableHead)
	_, after, ok2 := strings.Cut(rest, tableFoot)
	if !ok || !ok2 {
		t.Fatalf("docs/design.rst has no table of trips, which begins with\n%s", tableHead)
	}
	agree(t, "docs/design.rst", before+table+tableFoot+after)
}

var named = regexp.MustCompile("`([^`]+)`")

// told demands that the functions that a story names are run through. (Done is a channel.)
func told(t *testing.T, title string, story []string, files []visited) {
	t.Helper()
	for _, m := range named.FindAllStringSubmatch(strings.Join(story, "\n"), -1) {
		in := func(f visited) bool { return slices.Contains(f.funcs, m[1]) }
		if m[1] != "Done" && !slices.ContainsFunc(files, in) {
			t.Errorf("%s: its story names %s, which is not run through", title, m[1])
		}
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// agree demands that a document is what it should be, or makes it so.
func agree(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(root, name))
	switch {
	case string(got) == want:
	case *rewrite:
		if err := os.WriteFile(filepath.Join(root, name), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case err != nil:
		t.Error(err)
	default:
		t.Errorf("%s does not say what the trips run through: go -C internal/checks test ./trips -rewrite\n%s",
			name, difference(string(got), want))
	}
}

// difference returns the lines that only one of the texts has.
func difference(got, want string) string {
	var b strings.Builder
	only := func(sign, text, other string) {
		lines := strings.Split(other, "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if !slices.Contains(lines, line) {
				fmt.Fprintln(&b, sign, line)
			}
		}
	}
	only("-", got, want)
	only("+", want, got)
	return b.String()
}

// A visited file has the functions of which something was run.
type visited struct {
	name  string // from the root of the module
	funcs []string
}

// through returns the library's files in a profile of which something was run: the packages
// from above down, the files of actor from the top of LAYERS down.
func through(t *testing.T, profile string) (files []visited) {
	t.Helper()
	text, err := os.ReadFile(profile)
	if err != nil {
		t.Fatal(err)
	}
	run := map[string][]int{} // the lines at which what was run begins
	for line := range strings.Lines(string(text)) {
		name, block, ok := strings.Cut(strings.TrimSpace(line), ".go:")
		if !ok || strings.HasSuffix(block, " 0") {
			continue
		}
		name = strings.TrimPrefix(name, module+"/") + ".go"
		if strings.HasPrefix(name, "internal/checks/") || strings.HasPrefix(name, "internal/actortest/") {
			continue
		}
		at, _, _ := strings.Cut(block, ".")
		n, err := strconv.Atoi(at)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		run[name] = append(run[name], n)
	}
	for name, lines := range run {
		files = append(files, visited{name, functions(t, name, lines)})
	}
	layers := strings.Fields(read(t, "actor/LAYERS"))
	slices.SortFunc(files, func(a, b visited) int {
		return cmp.Or(
			height(b.name)-height(a.name),
			strings.Compare(path.Dir(a.name), path.Dir(b.name)),
			slices.Index(layers, path.Base(b.name))-slices.Index(layers, path.Base(a.name)),
			strings.Compare(a.name, b.name),
		)
	})
	return files
}

// height is that of a file's package.
func height(name string) int {
	return slices.Index([]string{"internal", "mailbox", "actor", "supervisor"}, part(name))
}

func part(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

// functions returns those in which the lines are, in their order.
func functions(t *testing.T, name string, lines []int) (names []string) {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		begin, end := fset.Position(d.Pos()).Line, fset.Position(d.End()).Line
		inside := func(line int) bool { return begin <= line && line <= end }
		if !slices.ContainsFunc(lines, inside) {
			continue
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, receiver(d)+d.Name.Name)
		case *ast.GenDecl: // a function in a variable
			names = append(names, d.Specs[0].(*ast.ValueSpec).Names[0].Name)
		}
	}
	return names
}

// receiver returns the name of a method's type, and a point.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	for x := d.Recv.List[0].Type; ; {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		case *ast.Ident:
			return y.Name + "."
		default:
			return ""
		}
	}
}
