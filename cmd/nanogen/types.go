package main

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// checkType refuses a parameter or result whose type the proxy cannot write down.
func (m *modeler) checkType(pos token.Position, subject, what string, v *types.Var) {
	if name := v.Name(); name != "" && name != "_" {
		what += " " + name
	}
	walk(v.Type(), func(t types.Type) {
		var obj *types.TypeName
		switch t := t.(type) {
		case *types.Basic:
			if t.Kind() == types.Invalid {
				m.found.refuse(pos, subject, "the type of %s is not known%s", what, m.complaint(v.Pos()))
			}
			return
		case *types.Struct:
			for f := range t.Fields() {
				if !f.Exported() && !m.here(f.Pkg()) {
					m.found.refuse(pos, subject, "%s has a type with the unexported field %s of package %s, and the proxy is in another package", what, f.Name(), f.Pkg().Path())
				}
			}
			return
		case *types.Interface:
			for f := range t.ExplicitMethods() {
				if !f.Exported() && !m.here(f.Pkg()) {
					m.found.refuse(pos, subject, "%s has a type with the unexported method %s of package %s, and the proxy is in another package", what, f.Name(), f.Pkg().Path())
				}
			}
			return
		case *types.Named:
			obj = t.Obj()
		case *types.Alias:
			obj = t.Obj()
		default:
			return
		}
		switch pkg := obj.Pkg(); {
		case strings.HasPrefix(obj.Name(), "_Ctype_"):
			m.found.refuse(pos, subject, "%s has a type of cgo, which has a name in its own file only", what)
		case pkg == nil || m.here(pkg):
		case !obj.Exported():
			m.found.refuse(pos, subject, "%s has the type %s, which is not exported, and the proxy is in another package", what, types.TypeString(t, nil))
		case m.place.path != "" && !importable(pkg.Path(), m.place.path):
			m.found.refuse(pos, subject, "%s has a type of %s, which %s cannot import", what, pkg.Path(), m.place.path)
		}
	})
}

// typeParams refuses type parameters that the proxy cannot have: their constraints
// cannot be written down, or their names are those of other types that it mentions.
func (m *modeler) typeParams(s *service) {
	own := set{}
	for _, p := range s.tparams {
		own.add(p.Obj().Name())
		m.checkType(s.pos, s.name, "constraint of", types.NewParam(p.Obj().Pos(), m.pkg, p.Obj().Name(), p.Constraint()))
	}
	mentioned := set{"error": true, s.name: true, s.proxy(): true}
	visit := func(t types.Type) {
		switch t := t.(type) {
		case *types.Basic:
			mentioned.add(t.Name())
		case interface{ Obj() *types.TypeName }: // a named type, an alias or a type parameter
			_, param := t.(*types.TypeParam)
			if pkg := t.Obj().Pkg(); !param && (pkg == nil || m.here(pkg)) {
				mentioned.add(t.Obj().Name())
			}
		}
	}
	for _, x := range s.methods {
		for _, v := range slices.Concat(x.params, x.results) {
			walk(v.Type(), visit)
		}
	}
	if s.build != nil {
		for _, v := range s.build.params {
			walk(v.Type(), visit)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if mentioned[name] {
			m.found.refuse(s.pos, s.name, "the type parameter %s has the name of another type, which the proxy needs: rename it", name)
		}
	}
}

// here reports whether pkg is the package of the proxy.
func (m *modeler) here(pkg *types.Package) bool { return pkg.Path() == m.place.path }

// complaint returns what the type checker says on a line, or else of an import, in
// brackets; or "".
func (m *modeler) complaint(pos token.Pos) string {
	at := m.fset.Position(pos)
	say := func(e types.Error) string {
		line, _, _ := strings.Cut(e.Msg, "\n")
		return " (" + line + ")"
	}
	for _, e := range m.errs {
		if p := m.fset.Position(e.Pos); p.Filename == at.Filename && p.Line == at.Line {
			return say(e)
		}
	}
	for _, e := range m.errs {
		if strings.HasPrefix(e.Msg, "could not import") {
			return say(e)
		}
	}
	return ""
}

// importable reports whether package from may import path, which may be internal.
func importable(path, from string) bool {
	i := strings.LastIndex("/"+path+"/", "/internal/")
	if i < 0 {
		return true
	}
	root := strings.TrimSuffix(path[:i], "/")
	return from == root || strings.HasPrefix(from, root+"/")
}

// walk calls visit with t and all types that stand in it when it is written down.
func walk(t types.Type, visit func(types.Type)) {
	visit(t)
	each := func(list *types.TypeList) {
		for t := range list.Types() {
			walk(t, visit)
		}
	}
	switch t := t.(type) {
	case *types.Named:
		each(t.TypeArgs())
	case *types.Alias:
		each(t.TypeArgs())
		if obj := t.Obj(); obj.Pkg() == nil { // any
			return
		}
		if types.Unalias(t) == types.Typ[types.Invalid] {
			visit(types.Typ[types.Invalid])
		}
	case *types.Pointer:
		walk(t.Elem(), visit)
	case *types.Slice:
		walk(t.Elem(), visit)
	case *types.Array:
		walk(t.Elem(), visit)
	case *types.Chan:
		walk(t.Elem(), visit)
	case *types.Map:
		walk(t.Key(), visit)
		walk(t.Elem(), visit)
	case *types.Signature:
		for v := range t.Params().Variables() {
			walk(v.Type(), visit)
		}
		for v := range t.Results().Variables() {
			walk(v.Type(), visit)
		}
	case *types.Struct:
		for f := range t.Fields() {
			walk(f.Type(), visit)
		}
	case *types.Interface:
		for f := range t.ExplicitMethods() {
			walk(f.Type(), visit)
		}
		for e := range t.EmbeddedTypes() {
			walk(e, visit)
		}
	case *types.Union:
		for term := range t.Terms() {
			walk(term.Type(), visit)
		}
	}
}

// receiverOf returns the type of a value receiver, nil if a method has another.
func receiverOf(fn *types.Func) types.Type {
	recv := fn.Signature().Recv().Type()
	if _, ok := types.Unalias(recv).(*types.Pointer); ok || types.IsInterface(recv) {
		return nil
	}
	return recv
}

// lockIn returns the type of a lock that a copy of t would copy, or nil: as in go
// vet, something whose pointer is a sync.Locker and that is none itself. If another
// package has hidden the lock in its type, it is that type.
func lockIn(t types.Type) *types.Named {
	for {
		a, ok := t.Underlying().(*types.Array)
		if !ok {
			break
		}
		t = a.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	named, _ := types.Unalias(t).(*types.Named)
	if named != nil && isLock(named) {
		return named
	}
	for f := range s.Fields() {
		if lock := lockIn(f.Type()); lock != nil {
			if named != nil && !lock.Obj().Exported() && lock.Obj().Pkg() == named.Obj().Pkg() {
				return named
			}
			return lock
		}
	}
	return nil
}

// isLock reports whether a pointer to t has the methods of a lock, itself and not
// through an embedded field, and t has not.
func isLock(t *types.Named) bool {
	has := func(set *types.MethodSet, name string) bool {
		sel := set.Lookup(t.Obj().Pkg(), name)
		return sel != nil && len(sel.Index()) == 1
	}
	pointer, value := types.NewMethodSet(types.NewPointer(t)), types.NewMethodSet(t)
	return has(pointer, "Lock") && has(pointer, "Unlock") && !has(value, "Lock")
}
