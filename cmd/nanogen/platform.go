package main

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// tooManyTags bounds the table of truth.
const tooManyTags = 12

// elsewhere returns the constraint under which a method or function of the package is
// there, if it is missing in a build in which the struct is; "" otherwise. It may be
// declared more than once, for one platform each.
func (s *source) elsewhere(fn *types.Func, struc token.Position) string {
	file := s.fset.Position(fn.Pos()).Filename
	if fn.Pkg() != s.pkg || file == struc.Filename {
		return ""
	}
	own := s.constraintOf(file)
	if own == nil {
		return ""
	}
	there := own
	all, _ := filepath.Glob(filepath.Join(s.dir, "*.go"))
	fset := token.NewFileSet()
	for _, name := range all {
		if name == file || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, _ := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if f == nil || !declaresFunc(f, fn) {
			continue
		}
		x := fileConstraint(f, name, s.version)
		if x == nil {
			return ""
		}
		there = &constraint.OrExpr{X: there, Y: x}
	}
	if implies(s.constraintOf(struc.Filename), there) {
		return ""
	}
	return there.String()
}

// constraintOf returns the constraint of a file of the package, or nil.
func (s *source) constraintOf(file string) constraint.Expr {
	for _, f := range s.files {
		if s.fset.Position(f.Pos()).Filename == file {
			return fileConstraint(f, file, s.version)
		}
	}
	return nil
}

// fileConstraint returns the constraint of a file, by its comment and its name, or nil.
func fileConstraint(f *ast.File, name, release string) (all constraint.Expr) {
	for _, x := range append(comments(f), nameTags(name)...) {
		switch x = withoutReleases(x, release); {
		case x == nil:
		case all == nil:
			all = x
		default:
			all = &constraint.AndExpr{X: all, Y: x}
		}
	}
	return all
}

// declaresFunc reports whether a file has a function, or a method of the same type, of
// this name.
func declaresFunc(f *ast.File, fn *types.Func) bool {
	receiver := ""
	if recv := fn.Signature().Recv(); recv != nil {
		t := recv.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := t.(*types.Named); ok {
			receiver = named.Obj().Name()
		}
	}
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Name.Name != fn.Name() {
			continue
		}
		has := ""
		if d.Recv != nil && len(d.Recv.List) == 1 {
			has = embeddedName(&ast.Field{Type: d.Recv.List[0].Type})
		}
		if has == receiver {
			return true
		}
	}
	return false
}

// implies reports whether y holds whenever x does, which is nil if it always does. It
// knows of no tags that exclude each other.
func implies(x, y constraint.Expr) bool {
	tags := set{}
	var collect func(constraint.Expr)
	collect = func(x constraint.Expr) {
		switch x := x.(type) {
		case *constraint.TagExpr:
			tags.add(x.Tag)
		case *constraint.NotExpr:
			collect(x.X)
		case *constraint.AndExpr:
			collect(x.X)
			collect(x.Y)
		case *constraint.OrExpr:
			collect(x.X)
			collect(x.Y)
		}
	}
	collect(x)
	collect(y)
	var names []string
	for name := range tags {
		names = append(names, name)
	}
	if len(names) > tooManyTags {
		return false
	}
	slices.Sort(names)
	for row := range 1 << len(names) {
		holds := func(tag string) bool { return row>>slices.Index(names, tag)&1 == 1 }
		if (x == nil || x.Eval(holds)) && !y.Eval(holds) {
			return false
		}
	}
	return true
}

var release = regexp.MustCompile(`^go1\.\d+$`)

// withoutReleases returns a constraint without the tags of releases of Go that every
// toolchain for the module has: they would set back the language version of a file. It
// returns nil if nothing is left.
func withoutReleases(x constraint.Expr, of string) constraint.Expr {
	known := func(x constraint.Expr) (value, ok bool) {
		t, is := x.(*constraint.TagExpr)
		if is && t.Tag == "" {
			return true, true
		}
		n, is := x.(*constraint.NotExpr)
		if is {
			if t, is := n.X.(*constraint.TagExpr); is && t.Tag == "" {
				return false, true
			}
		}
		return false, false
	}
	always := &constraint.TagExpr{} // no tag is called that
	never := &constraint.NotExpr{X: always}
	var fold func(constraint.Expr) constraint.Expr
	fold = func(x constraint.Expr) constraint.Expr {
		switch x := x.(type) {
		case *constraint.TagExpr:
			if release.MatchString(x.Tag) && version.Compare(x.Tag, of) <= 0 {
				return always
			}
		case *constraint.NotExpr:
			y := fold(x.X)
			if value, ok := known(y); ok {
				if value {
					return never
				}
				return always
			}
			if twice, ok := y.(*constraint.NotExpr); ok {
				return twice.X
			}
			return &constraint.NotExpr{X: y}
		case *constraint.AndExpr:
			return folded(fold(x.X), fold(x.Y), false, known, func(a, b constraint.Expr) constraint.Expr { return &constraint.AndExpr{X: a, Y: b} })
		case *constraint.OrExpr:
			return folded(fold(x.X), fold(x.Y), true, known, func(a, b constraint.Expr) constraint.Expr { return &constraint.OrExpr{X: a, Y: b} })
		}
		return x
	}
	x = fold(x)
	if value, ok := known(x); ok && value {
		return nil
	}
	return x
}

// folded joins two constraints, of which one may be known: if it is decides, the other
// does not matter, and else it does not matter itself.
func folded(x, y constraint.Expr, decides bool, known func(constraint.Expr) (value, ok bool), join func(x, y constraint.Expr) constraint.Expr) constraint.Expr {
	for _, pair := range [][2]constraint.Expr{{x, y}, {y, x}} {
		if value, ok := known(pair[0]); ok {
			if value == decides {
				return pair[0]
			}
			return pair[1]
		}
	}
	return join(x, y)
}
