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
// makes the system, each other adds something to it, and the last makes another.
type part struct {
	file  string
	add   string // the function that adds, if it does
	makes string // the function that makes a system, if it does,
	name  string // the name that this has then,
	with  string // and a file that was generated for it
	what  string
}

var parts = []part{
	{file: "nano.go", makes: "nano", name: "before", what: "the library"},
	{file: "nano_queue.go", add: "addNanoQueue", what: "the queue"},
	{file: "nano_pool.go", add: "addNanoPool", what: "pools"},
	{file: "nano_topic.go", add: "addNanoTopic", what: "topics"},
	{file: "nano_served.go", add: "addNanoServed", what: "services that are served"},
	{file: "nano_nested.go", add: "addNanoNested", what: "calls of closures"},
	{file: "nano_proxy.go", makes: "nanoProxy", name: "before-proxy", with: "tally_service.go", what: "generated methods"},
}

// files returns the names of the files that are the part.
func (p part) files() []string {
	if p.with == "" {
		return []string{p.file}
	}
	return []string{p.file, p.with}
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

// types returns a file of package before in which the types of package systems, and the functions
// that make them, have the names that they have there, unless they are of a part.
func types(folder, importPath string) ([]byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names, makers []string
	for _, e := range entries {
		ofPart := slices.ContainsFunc(parts, func(p part) bool { return slices.Contains(p.files(), e.Name()) })
		if path.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") || ofPart {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Type.TypeParams == nil && strings.HasPrefix(f.Name.Name, "New") {
				makers = append(makers, f.Name.Name)
			}
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
	slices.Sort(makers)
	for _, name := range makers {
		fmt.Fprintf(&b, "\nvar %s = systems.%s\n", name, name)
	}
	return b.Bytes(), nil
}

// face returns the file of package before that is there in the repository, too, with these parts.
func face(commit string, parts []part) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package before\n\nconst Commit = %q\n\nfunc Systems() (all []*System) {\n\tvar s *System\n", commit)
	for _, p := range parts {
		if p.add != "" {
			fmt.Fprintf(&b, "\t%s(s)\n", p.add)
			continue
		}
		fmt.Fprintf(&b, "\ts = %s()\n\ts.Name, s.About = %q, \"this library as it was in \"+Commit\n\tall = append(all, s)\n", p.makes, p.name)
	}
	b.WriteString("\treturn all\n}\n")
	return b.Bytes()
}
