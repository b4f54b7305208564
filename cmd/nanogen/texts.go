package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A text is the source of a method.
type text struct {
	doc        *ast.CommentGroup
	decl       *ast.FuncDecl // nil if it is not in the package itself, or is an interface's
	directives []directive
}

// textOf returns the text of a method, which may be another package's: what is
// known of those otherwise comes without comments. It is empty if there is no such
// file here.
func (s *source) textOf(m *types.Func) (found text) {
	pos := s.fset.Position(m.Pos())
	files, fset := s.files, s.fset
	own := m.Pkg() == s.pkg
	if !own {
		files, fset = s.foreign.file(pos.Filename), s.foreign.fset
	}
	here := func(id *ast.Ident) bool {
		if own {
			return id.Pos() == m.Pos()
		}
		return id.Name == m.Name() && fset.Position(id.Pos()).Line == pos.Line // more is not known
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil && here(n.Name) {
				found.doc = n.Doc
				if own {
					found.decl = n
				}
			}
			return false
		case *ast.InterfaceType:
			for _, field := range n.Methods.List {
				if len(field.Names) == 1 && here(field.Names[0]) {
					found.doc = field.Doc
				}
			}
		}
		return true
	}
	for _, f := range files {
		ast.Inspect(f, visit)
	}
	found.directives = directives(fset, found.doc)
	return found
}

// foreign has files of other packages, parsed.
type foreign struct {
	fset  *token.FileSet
	files map[string][]*ast.File // one each, or none
}

func (f *foreign) file(name string) []*ast.File {
	// The standard library's positions are relative to the toolchain's root.
	if rest, ok := strings.CutPrefix(name, "$GOROOT"); ok {
		name = filepath.Join(build.Default.GOROOT, rest)
	}
	if known, ok := f.files[name]; ok {
		return known
	}
	if f.files == nil {
		f.fset, f.files = token.NewFileSet(), map[string][]*ast.File{}
	}
	f.files[name] = nil
	if source, err := os.ReadFile(name); err == nil {
		parsed, _ := parser.ParseFile(f.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
		f.files[name] = []*ast.File{parsed}
	}
	return f.files[name]
}

// The words after "//nano:".
const (
	sayCall    = "call"    // wait for the end
	sayAsync   = "async"   // do not wait
	sayFuture  = "future"  // wait later
	sayBatched = "batched" // wait for the commit
	saySkip    = "skip"    // not for the proxy
	sayShares  = "shares"  // what it returns may be shared
	sayLocal   = "local"   // not for other processes
	sayLossy   = "lossy"   // what is lost on the way to them does not matter
)

var words = []string{sayCall, sayAsync, sayFuture, sayBatched, saySkip, sayShares, sayLocal, sayLossy}

// isRemoteWord reports whether a word speaks of other processes.
func isRemoteWord(word string) bool { return word == sayLocal || word == sayLossy }

// A directive is a comment //nano:word.
type directive struct {
	pos    token.Position
	word   string
	spaced bool // it is "// nano:word", which is none, and surely meant to be
	more   bool // there is another one behind it
}

var directiveComment = regexp.MustCompile(`^//([ \t]*)nano:([ \t]*)(\S*)(.*)`)

// directives returns those of a comment.
func directives(fset *token.FileSet, doc *ast.CommentGroup) (all []directive) {
	if doc == nil {
		return nil
	}
	for _, c := range doc.List {
		if m := directiveComment.FindStringSubmatch(c.Text); m != nil && (m[1] == "" || m[2] == "" && m[3] != "") {
			all = append(all, directive{fset.Position(c.Pos()), m[3], m[1]+m[2] != "", strings.Contains(m[4], "//nano:")})
		}
	}
	return all
}

// has reports whether the word was said.
func has(all []directive, word string) bool {
	for _, d := range all {
		if d.word == word {
			return true
		}
	}
	return false
}

// embeddedDirectives returns those at an embedded field: they hold for the methods
// that come with it.
func (s *source) embeddedDirectives(spec *ast.TypeSpec) map[string][]directive {
	all := map[string][]directive{}
	t, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, field := range t.Fields.List {
		if name := embeddedName(field); name != "" {
			all[name] = append(directives(s.fset, field.Doc), directives(s.fset, field.Comment)...)
		}
	}
	return all
}

// embeddedName returns the name of an embedded field, "" if it is none.
func embeddedName(field *ast.Field) string {
	if len(field.Names) > 0 {
		return ""
	}
	t := field.Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.SelectorExpr:
			return x.Sel.Name
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// misplaced refuses directives that would do nothing, because they stand at nothing
// that has any.
func (s *source) misplaced(found *findings) {
	placed := map[*ast.CommentGroup]bool{}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			placed[n.Doc] = n.Recv != nil && n.Name.IsExported()
		case *ast.Field:
			if embeddedName(n) != "" || len(n.Names) == 1 && n.Names[0].IsExported() && isMethod(n) {
				placed[n.Doc], placed[n.Comment] = true, true
			}
		}
		return true
	}
	for _, f := range s.files {
		ast.Inspect(f, visit)
		for _, group := range f.Comments {
			if placed[group] {
				continue
			}
			for _, d := range directives(s.fset, group) {
				found.refuse(d.pos, "", "//nano:%s stands neither at an exported method nor at an embedded field: it would do nothing", d.word)
			}
		}
	}
}

func isMethod(field *ast.Field) bool {
	_, ok := field.Type.(*ast.FuncType)
	return ok
}
