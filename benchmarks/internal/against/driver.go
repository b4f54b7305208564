package against

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is one of the files in which package systems has what drives the library. The first
// makes the system, and each other adds something to it.
type part struct {
	file string
	add  string // the function that adds; empty for the first
	what string
}

var parts = []part{
	{"nano.go", "", "the library"},
	{"nano_queue.go", "addNanoQueue", "the queue"},
	{"nano_pool.go", "addNanoPool", "pools"},
	{"nano_topic.go", "addNanoTopic", "topics"},
	{"nano_served.go", "addNanoServed", "services that are served"},
	{"nano_nested.go", "addNanoNested", "calls of closures"},
}

// driverFolder is where the parts are, from the root of the repository.
const driverFolder = "benchmarks/internal/systems"

// history is how many versions of a part are tried.
const history = 30

// versions returns what a part's file is in the working tree, then what it was in the
// commit, and then what it was before, from the latest on: the API may have changed in
// between, but one of them may suit the commit. Each is there once.
func versions(ctx context.Context, root, hash, file string) (texts []string, err error) {
	name := path.Join(driverFolder, file)
	now, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	texts = append(texts, string(now))
	past, err := git(ctx, root, "log", fmt.Sprintf("-%d", history), "--format=%H", "HEAD", "--", name)
	if err != nil {
		return nil, err
	}
	for _, at := range append([]string{hash}, strings.Fields(past)...) {
		text, err := git(ctx, root, "show", at+":"+name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && !slices.Contains(texts, text) { // an error: it had none
			texts = append(texts, text)
		}
	}
	return texts, nil
}

var packageClause = regexp.MustCompile(`(?m)^package \w+`)

// driver turns a file of package systems into one of package before, which drives the
// library under its other path.
func driver(text string, r renaming) []byte {
	return r.apply(packageClause.ReplaceAll([]byte(text), []byte("package before")))
}

// types returns a file of package before in which the types of package systems have the
// names that they have there.
func types(folder, importPath string) ([]byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if path.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				for _, s := range d.Specs {
					if s := s.(*ast.TypeSpec); s.Name.IsExported() && s.TypeParams == nil {
						names = append(names, s.Name.Name)
					}
				}
			}
		}
	}
	slices.Sort(names)
	var b bytes.Buffer
	fmt.Fprintf(&b, "package before\n\nimport %q\n\ntype (\n", importPath)
	for _, name := range names {
		fmt.Fprintf(&b, "\t%s = systems.%s\n", name, name)
	}
	b.WriteString(")\n")
	return b.Bytes(), nil
}

// face returns the file of package before that is there in the repository, too.
func face(commit string, adds []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package before\n\nconst Commit = %q\n\nfunc Systems() []*System {\n\ts := nano()\n", commit)
	for _, add := range adds {
		fmt.Fprintf(&b, "\t%s(s)\n", add)
	}
	b.WriteString("\ts.Name, s.About = \"before\", \"this library as it was in \"+Commit\n\treturn []*System{s}\n}\n")
	return b.Bytes()
}
