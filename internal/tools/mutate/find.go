package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// sources are the packages of a tree that mutations look into. Each is read once.
type sources struct {
	root string

	mu   sync.Mutex
	read map[string][]source // by directory and whether the race detector is on
}

// A source is one Go file.
type source struct {
	file  string // from the root, with slashes
	text  string
	decls []decl
}

// A decl is where something is declared. Names in one pair of parentheses have the
// same place, that of the whole of it.
type decl struct {
	name     string // as declName returns it
	from, to int    // its lines; the first of the file is 0, to is behind the last
}

// in returns the files of a package that the go command would compile here, without
// its tests.
func (s *sources) in(dir string, race bool) (files []source, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fmt.Sprint(dir, race)
	if files, ok := s.read[key]; ok {
		return files, nil
	}
	here := build.Default
	if race {
		here.BuildTags = append(here.BuildTags, "race")
	}
	abs := filepath.Join(s.root, filepath.FromSlash(dir))
	entries, err := os.ReadDir(abs)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := here.MatchFile(abs, name); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		text, err := os.ReadFile(filepath.Join(abs, name))
		if err != nil {
			return nil, err
		}
		file, err := newSource(path.Join(dir, name), string(text))
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if s.read == nil {
		s.read = map[string][]source{}
	}
	s.read[key] = files
	return files, nil
}

// newSource finds the declarations of a file.
func newSource(name, text string) (source, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	s := source{file: name, text: text}
	add := func(d ast.Decl, name string) {
		s.decls = append(s.decls, decl{name, fset.Position(d.Pos()).Line - 1, fset.Position(d.End()).Line})
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			add(d, name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(d, "type "+spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						add(d, d.Tok.String()+" "+name.Name)
					}
				}
			}
		}
	}
	return s, nil
}

// receiver returns the name of a receiver's type, without star and type parameters.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.ParenExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return "?"
}

// declName returns the name under which decls are kept: core.crashed for
// (*core).crashed, so that a receiver that becomes a pointer is no other method.
func declName(name string) string {
	if recv, method, ok := strings.Cut(name, ")."); ok {
		return strings.TrimLeft(recv, "(*") + "." + method
	}
	return name
}

// tokens returns a line without what may change while it says the same: comments,
// and the blanks around and between its tokens.
func tokens(text string) string {
	var s scanner.Scanner
	src := []byte(text)
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, func(token.Position, string) {}, 0) // a part of a raw string is no Go
	var b strings.Builder
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON && lit == "\n": // made up by the scanner
			continue
		case lit == "":
			lit = tok.String()
		}
		b.WriteString(lit)
		b.WriteByte(' ')
	}
}

// find returns the numbers of the lines of d that are those of e, one for each that
// stays or goes, for each place where they follow one another, and how many of them
// are in the place that is most like it.
func (e edit) find(lines []string, d decl) (places [][]int, longest int) {
	var want, have []string
	var numbers []int
	for _, l := range e.lines {
		if l.op != '+' {
			want = append(want, tokens(l.text))
		}
	}
	for n := d.from; n < d.to; n++ {
		if text := tokens(lines[n]); text != "" {
			have, numbers = append(have, text), append(numbers, n)
		}
	}
	for i := range have {
		j := 0
		for j < len(want) && i+j < len(have) && have[i+j] == want[j] {
			j++
		}
		if longest = max(longest, j); j == len(want) {
			places = append(places, numbers[i:i+j])
		}
	}
	return places, longest
}
