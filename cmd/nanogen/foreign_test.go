package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

var long = flag.Bool("long", false, "test all of what takes long")

// TestForeign generates services for types that were not written for it, builds and
// vets all of it, and compares what became of each method with
// testdata/foreign/table.txt. Without -long it looks at a tenth of the packages.
//
//	go -C cmd test -run TestForeign ./nanogen -long
//	go -C cmd test -run TestForeign ./nanogen -long -rewrite
func TestForeign(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs other modules")
	}
	all := readSubjects(t)
	f := newForeign(t, all)
	var chosen []*subject
	for i, s := range all {
		if *long || i%10 == 0 {
			chosen = append(chosen, s)
		}
	}
	t.Run("packages", func(t *testing.T) {
		for _, s := range chosen {
			t.Run(s.title(), func(t *testing.T) {
				t.Parallel()
				f.generate(t, s)
			})
		}
	})
	f.vet(t, chosen)
	f.compare(t, all, chosen)
}

// A subject is a line of subjects.txt.
type subject struct {
	how, path string // wrap or source, and the package
	types     []foreignType

	dir  string      // where the structs are
	rows []*tableRow // what became of their methods
}

// A foreignType is a type of another module.
type foreignType struct {
	name    string
	tparams string // in brackets, as they are declared; "" if there are none
	build   string // the constructor; "" if it needs one
}

// title returns the line as it stands in the table.
func (s *subject) title() string { return s.how + " " + s.path }

var foreignTypeText = regexp.MustCompile(`^(\w+)(\[.*\])?(?:=(\w+))?$`)

func readSubjects(t *testing.T) (all []*subject) {
	t.Helper()
	for line := range strings.Lines(readFile(t, filepath.Join("testdata", "foreign", "subjects.txt"))) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		head, list, _ := strings.Cut(line, ": ")
		how, path, _ := strings.Cut(head, " ")
		s := &subject{how: how, path: path}
		for text := range strings.SplitSeq(list, "; ") {
			m := foreignTypeText.FindStringSubmatch(text)
			if m == nil || how != "wrap" && how != "source" {
				t.Fatalf("subjects.txt: %q", line)
			}
			s.types = append(s.types, foreignType{m[1], m[2], m[3]})
		}
		all = append(all, s)
	}
	return all
}

// foreignModule is the module in which services are generated.
type foreignModule struct {
	dir   string
	files map[string][]string // of the packages whose source is copied
}

// newForeign returns a copy of the module in testdata/foreign, which has the versions
// of the others.
func newForeign(t *testing.T, all []*subject) *foreignModule {
	t.Helper()
	from := filepath.Join("testdata", "foreign")
	if *rewrite && *long {
		writeFile(t, filepath.Join(from, "imports.go"), importsOf(all))
	}
	if got := readFile(t, filepath.Join(from, "imports.go")); got != importsOf(all) {
		t.Errorf("testdata/foreign/imports.go is not that of subjects.txt: run with -long -rewrite, and go mod tidy")
	}
	f := &foreignModule{dir: t.TempDir(), files: map[string][]string{}}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	mod := readFile(t, filepath.Join(from, "go.mod"))
	writeFile(t, filepath.Join(f.dir, "go.mod"), strings.Replace(mod, "=> ../../../..", "=> "+root, 1))
	for _, name := range []string{"go.sum", "imports.go"} {
		writeFile(t, filepath.Join(f.dir, name), readFile(t, filepath.Join(from, name)))
	}
	goCommand(t, f.dir, "list", "-deps", "./...") // all modules are here now
	args := []string{"list", "-f", "{{.ImportPath}}\t{{range .GoFiles}}{{$.Dir}}/{{.}}\t{{end}}"}
	for _, s := range all {
		if s.how == "source" {
			args = append(args, s.path)
		}
	}
	for line := range strings.Lines(goCommand(t, f.dir, args...)) {
		path, files, _ := strings.Cut(strings.TrimSpace(line), "\t")
		f.files[path] = strings.Split(files, "\t")
	}
	return f
}

// importsOf returns a file that imports what the subjects have of other modules: go
// mod tidy looks at it.
func importsOf(all []*subject) string {
	paths := []string{actorPath}
	for _, s := range all {
		if !isStd(s.path) {
			paths = append(paths, s.path)
		}
	}
	slices.Sort(paths)
	var b strings.Builder
	b.WriteString("// Package foreign imports what subjects.txt has of other modules, so that go mod\n" +
		"// tidy knows. TestForeign writes it.\npackage foreign\n\nimport (\n")
	for _, path := range slices.Compact(paths) {
		fmt.Fprintf(&b, "\t_ %q\n", path)
	}
	b.WriteString(")\n")
	return b.String()
}

// generate writes the package of a subject and its services. A method that is refused
// is left out, as a user would, until nothing is.
func (f *foreignModule) generate(t *testing.T, s *subject) {
	s.dir = filepath.Join(f.dir, s.how, filepath.FromSlash(s.path))
	if s.how == "wrap" {
		s.wrap(t)
	} else {
		s.copy(t, f.files[s.path])
	}
	var together []string
	for _, x := range s.types {
		if x.build == "" {
			together = append(together, x.name)
		} else {
			s.generateAll(t, []string{x.name}, x.build)
		}
	}
	s.generateAll(t, together, "")
	slices.SortFunc(s.rows, (*tableRow).compare)
	for _, x := range s.types {
		if !slices.ContainsFunc(s.rows, func(r *tableRow) bool { return strings.HasPrefix(r.subject+".", x.name+".") }) {
			t.Errorf("the table would have nothing of %s", x.name)
		}
	}
}

func (s *subject) generateAll(t *testing.T, names []string, build string) {
	for len(names) > 0 {
		outs, found, err := carefully(&command{dir: s.dir, types: names, build: build, pools: true})
		if err != nil {
			t.Fatalf("nanogen -type %s: %v", strings.Join(names, ","), err)
		}
		if len(found.refusals) == 0 {
			s.note(t, outs, found)
			return
		}
		left := map[string]bool{}
		for _, r := range found.refusals {
			typ, method, ok := strings.Cut(r.subject, ".")
			if left[r.subject] {
				continue
			}
			left[r.subject] = true
			s.rows = append(s.rows, &tableRow{subject: r.subject, fate: "refused", why: word(t, r.reason)})
			if ok {
				s.skip(t, typ, method)
				continue
			}
			i := slices.Index(names, typ)
			if i < 0 {
				t.Fatalf("refused for a reason that this test does not know: %s", found.line(r))
			}
			names = slices.Delete(slices.Clone(names), i, i+1)
		}
	}
}

// carefully is generate, and returns a panic as an error.
func carefully(c *command) (outs []*output, found *findings, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return generate(c)
}
