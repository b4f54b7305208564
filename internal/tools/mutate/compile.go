package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// A checker type-checks the packages of a tree as mutations leave them: in a tenth
// of a second, while to compile one takes seconds. What a package imports is as the
// go command has compiled it, so that a package that uses a declaration which a
// mutation takes away is not looked at.
type checker struct {
	root string
	fset *token.FileSet

	mu       sync.Mutex
	packages map[string]*checked // by directory
}

// A checked is a package of the tree.
type checked struct {
	once sync.Once
	err  error

	path      string
	goVersion string
	files     map[string]*ast.File // by name, from the root
	exports   map[string]string    // by import path: the file with what it exports

	mu sync.Mutex // an importer is used by one goroutine at a time
	types.Importer
}

func newChecker(root string) *checker {
	return &checker{root: root, fset: token.NewFileSet(), packages: map[string]*checked{}}
}

// check returns what a compiler would say of the packages that m changes.
func (c *checker) check(ctx context.Context, m mutation, changed map[string]string) error {
	dirs := map[string]bool{}
	for _, e := range m.edits {
		dirs[e.dir] = true
	}
	for dir := range dirs {
		c.mu.Lock()
		p := c.packages[dir]
		if p == nil {
			p = &checked{}
			c.packages[dir] = p
		}
		c.mu.Unlock()
		if p.once.Do(func() { p.err = c.load(ctx, p, dir) }); p.err != nil {
			return p.err
		}
		var files []*ast.File
		for name, file := range p.files {
			if text, ok := changed[name]; ok {
				var err error
				if file, err = parser.ParseFile(c.fset, name, text, parser.SkipObjectResolution); err != nil {
					return err
				}
			}
			files = append(files, file)
		}
		if err := p.check(c.fset, files); err != nil {
			return err
		}
	}
	return nil
}

// check type-checks the files as package p, and returns all errors.
func (p *checked) check(fset *token.FileSet, files []*ast.File) error {
	var errs []error
	conf := types.Config{
		GoVersion: p.goVersion,
		Importer:  p,
		Error:     func(err error) { errs = append(errs, err) },
	}
	_, err := conf.Check(p.path, fset, files, nil)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return err
}

// load asks the go command for the package in dir and for what it imports, and
// checks it as it is.
func (c *checker) load(ctx context.Context, p *checked, dir string) error {
	cmd := goCommand(ctx, filepath.Join(c.root, dir), "list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,Module", ".")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	p.exports, p.files = map[string]string{}, map[string]*ast.File{}
	var names []string
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			Dir, ImportPath, Export string
			GoFiles                 []string
			Module                  *struct{ GoVersion string }
		}
		if err := list.Decode(&pkg); errors.Is(err, io.EOF) {
			break // the last one was the package itself
		} else if err != nil {
			return err
		}
		p.exports[pkg.ImportPath] = pkg.Export
		p.path, names = pkg.ImportPath, pkg.GoFiles
		if pkg.Module != nil && pkg.Module.GoVersion != "" {
			p.goVersion = "go" + pkg.Module.GoVersion
		}
	}
	p.Importer = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		if p.exports[path] == "" {
			return nil, fmt.Errorf("%s is not among what %s imports", path, p.path)
		}
		return os.Open(p.exports[path])
	})
	var files []*ast.File
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(c.root, dir, name))
		if err != nil {
			return err
		}
		name = filepath.ToSlash(filepath.Join(dir, name))
		if p.files[name], err = parser.ParseFile(c.fset, name, text, parser.SkipObjectResolution); err != nil {
			return err
		}
		files = append(files, p.files[name])
	}
	if err := p.check(c.fset, files); err != nil {
		return fmt.Errorf("without a mutation: %w", err)
	}
	return nil
}

// Import is that of the importer, by one goroutine at a time.
func (p *checked) Import(path string) (*types.Package, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Importer.Import(path)
}
