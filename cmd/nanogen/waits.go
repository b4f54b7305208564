package main

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/cmd/internal/uses"
)

// waits decides about a method without results and without a directive: it is an
// event, unless it uses what it is given before it returns, or blocks. Then its caller
// waits, and a line says why.
func (m *modeler) waits(x *method, fn *types.Func, subject string) {
	if m.uses == nil {
		m.uses = m.bare().reader()
	}
	if all := m.uses.Of(fn); len(all) > 0 {
		x.kind = call
		m.found.say(x.pos, subject, "waits: it %s; say //nano:call if that is right, //nano:async if not", all[0].Text)
	}
}

// reader returns what reads the functions of the package.
func (s *source) reader() *uses.Package { return uses.New(s.pkg, s.info, s.files, s.structOfProxy) }

// structOfProxy returns the struct of which a type is the proxy, nil if it is none.
func (s *source) structOfProxy(t types.Type) *types.Named {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !s.isStub(named.Obj()) {
		return nil
	}
	for _, suffix := range generatedTypes("") {
		if name, ok := strings.CutSuffix(named.Obj().Name(), suffix); ok {
			if obj := s.pkg.Scope().Lookup(name); obj != nil {
				named, _ := obj.Type().(*types.Named)
				return named
			}
		}
	}
	return nil
}

// bare returns the package without any file of nanogen's, whether it is to be written
// now or not. What a method does would else be known or not, depending on which files
// are there already.
func (s *source) bare() *source {
	var files []*ast.File
	for _, f := range s.files {
		if len(f.Comments) == 0 || f.Comments[0].Pos() != f.FileStart || !generated([]byte(f.Comments[0].List[0].Text)) {
			f := *f
			f.Decls = slices.Clone(f.Decls) // stubs are added
			files = append(files, &f)
		}
	}
	if len(files) == len(s.files) {
		return s
	}
	b := s.checked(files)
	maps.Copy(b.stubbed, s.stubbed)
	return b
}
