package main

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// constraint returns the build constraint of a file with the services: where all of
// the structs are.
func (e *emitter) constraint(services []*service) string {
	var all constraint.Expr
	var seen []string
	for _, s := range services {
		for _, f := range e.src.files {
			if e.src.fset.Position(f.Pos()).Filename != s.pos.Filename {
				continue
			}
			for _, x := range append(comments(f), nameTags(s.pos.Filename)...) {
				x = withoutReleases(x, e.src.version)
				switch {
				case x == nil:
					continue
				case slices.Contains(seen, x.String()):
					continue
				case all == nil:
					all = x
				default:
					all = &constraint.AndExpr{X: all, Y: x}
				}
				seen = append(seen, x.String())
			}
		}
	}
	if all == nil {
		return ""
	}
	return "//go:build " + all.String()
}

// comments returns the constraint that a file has as a comment.
func comments(f *ast.File) (all []constraint.Expr) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if group.Pos() < f.Package && constraint.IsGoBuild(c.Text) {
				if x, err := constraint.Parse(c.Text); err == nil {
					all = append(all, x)
				}
			}
		}
	}
	return all
}

// nameTags returns the constraints that a file has by its name: name_GOOS.go,
// name_GOARCH.go or name_GOOS_GOARCH.go. Package build knows which names are those.
func nameTags(file string) (all []constraint.Expr) {
	context := build.Context{Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p")), nil
	}}
	words := strings.Split(strings.TrimSuffix(filepath.Base(file), ".go"), "_")
	for i := len(words); ; i-- {
		if ok, err := context.MatchFile("", filepath.Base(file)); ok || err != nil || i == 0 {
			return all
		}
		all = append([]constraint.Expr{&constraint.TagExpr{Tag: words[i-1]}}, all...)
		context.BuildTags = append(context.BuildTags, words[i-1])
	}
}
