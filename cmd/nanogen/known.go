package main

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A known error is one that errors.Is or errors.As finds on the other side of the wire: an
// exported variable Err…, or an exported struct with Error.
type known struct {
	obj     types.Object
	pointer bool // of a type: it is a pointer that is the error
}

// name is what it is called on the wire.
func (k known) name() string { return k.obj.Pkg().Path() + "." + k.obj.Name() }

func (k known) isType() bool {
	_, ok := k.obj.(*types.TypeName)
	return ok
}

// knownErrors returns the errors of the struct's package, and of those that have types in
// its methods, by name. What cannot be one is said.
func (m *modeler) knownErrors(s *service, methods []*method) (all []known) {
	for _, pkg := range m.errorPackages(methods) {
		scope := pkg.Scope()
		for _, name := range scope.Names() {
			obj := scope.Lookup(name)
			if !obj.Exported() || m.isStub(obj) {
				continue
			}
			switch obj := obj.(type) {
			case *types.Var:
				if strings.HasPrefix(name, "Err") && isError(obj.Type()) && m.valued(obj) && m.everywhere(s, obj) {
					all = append(all, known{obj: obj})
				}
			case *types.TypeName:
				if k, ok := m.errorType(obj); ok && m.everywhere(s, obj) {
					all = append(all, k)
				}
			}
		}
	}
	if m.client != nil {
		for _, k := range all {
			if k.obj.Pkg() == m.pkg {
				m.found.say(m.fset.Position(k.obj.Pos()), k.obj.Name(), "-client: clients know it by its text only, since it belongs to the struct's own package, which they do not import")
			}
		}
	}
	return all
}

// errorPackages returns the struct's package, the client's, and those of types in its
// methods, but for the standard library; package remote knows those of package actor.
func (m *modeler) errorPackages(methods []*method) (all []*types.Package) {
	found := map[string]*types.Package{m.pkg.Path(): m.pkg}
	if m.client != nil {
		for _, p := range m.pkg.Imports() {
			if p.Path() == m.client.path {
				found[p.Path()] = p
			}
		}
	}
	for _, x := range methods {
		for _, v := range slices.Concat(x.params, x.answers()) {
			walk(v.Type(), func(t types.Type) {
				if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
					found[named.Obj().Pkg().Path()] = named.Obj().Pkg()
				}
			})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if !isStd(path) && path != actorPath {
			all = append(all, found[path])
		}
	}
	return all
}

// errorType reports whether a type is an error that can cross. One of this package that
// cannot is said: it crosses as its text.
func (m *modeler) errorType(obj *types.TypeName) (known, bool) {
	named, ok := obj.Type().(*types.Named)
	if !ok || obj.IsAlias() || named.TypeParams().Len() > 0 {
		return known{}, false
	}
	if _, ok := named.Underlying().(*types.Struct); !ok {
		return known{}, false
	}
	iface := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	pointer := !types.Implements(named, iface)
	if pointer && !types.Implements(types.NewPointer(named), iface) {
		return known{}, false
	}
	c := &crossing{source: m.source}
	c.value("", named)
	if len(c.culprits) > 0 {
		if obj.Pkg() != m.pkg {
			return known{}, false
		}
		m.found.say(m.fset.Position(obj.Pos()), obj.Name(), "crosses as its text only, and errors.As does not find it on the other side: %s", c.culprits[0])
		return known{}, false
	}
	return known{obj, pointer}, true
}

// valued reports whether a variable of the package has a value from its declaration on. One
// that gets it later is said, and left out: the table would have nil.
func (m *modeler) valued(obj *types.Var) (ok bool) {
	ok = true
	for _, f := range m.files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if is && slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool { return m.info.Defs[id] == obj }) {
				ok = len(spec.Values) > 0
			}
			return !is
		})
	}
	if !ok {
		m.found.say(m.fset.Position(obj.Pos()), obj.Name(), "has no value where it is declared: clients do not know it")
	}
	return ok
}

// everywhere reports whether a variable or a type of the package is there in each build in
// which the struct is. One that is not is said, and left out: the generated file would not
// compile in the others.
func (m *modeler) everywhere(s *service, obj types.Object) bool {
	pos := m.fset.Position(obj.Pos())
	if obj.Pkg() != m.pkg || pos.Filename == s.pos.Filename {
		return true
	}
	own := m.constraintOf(pos.Filename)
	if own == nil || implies(m.constraintOf(s.pos.Filename), own) {
		return true
	}
	m.found.say(pos, obj.Name(), "is there only in a build with %s: clients do not know it", own)
	return false
}
