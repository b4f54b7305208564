package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// shares refuses a method that returns a part of the struct's own state by
// reference: its caller would use it beside the service. If that cannot be told, one
// warning is given for the method.
func (m *modeler) shares(x *method, subject string, decl *ast.FuncDecl) {
	type doubt struct {
		pos token.Position
		typ types.Type
	}
	var doubts []doubt
	sure := false
	if decl == nil || decl.Body == nil { // in another package
		for _, v := range x.results {
			if refers(v.Type()) {
				doubts = append(doubts, doubt{x.pos, v.Type()})
			}
		}
	} else {
		t := m.tracer(decl)
		t.returns(func(pos token.Pos, e ast.Expr, typ types.Type) {
			o, part := t.origin(e)
			switch {
			case o == state, o == copied:
				m.found.refuse(m.fset.Position(pos), subject, "returns %s: its caller would use the service's state beside the service; return a copy, or say //nano:shares", part)
				sure = true
			case o == unknown && refers(typ):
				doubts = append(doubts, doubt{x.pos, typ})
			}
		})
	}
	if len(doubts) > 0 && !sure {
		d := doubts[0]
		m.found.warn(d.pos, subject, "its caller may get a part of the service's state as %s; if not, or if that is meant, say //nano:shares",
			types.TypeString(d.typ, types.RelativeTo(m.pkg)))
	}
}

// refers reports whether a value of this type may refer to what others can change.
func refers(t types.Type) bool {
	if isError(t) {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
		if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == actorPath {
			return false // services are there to be shared
		}
		return true
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Signature, *types.Interface:
		return true
	}
	return false
}
