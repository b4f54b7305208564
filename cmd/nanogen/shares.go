package main

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/bruskajp/nano_services/cmd/internal/origin"
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
			if origin.Refers(v.Type(), v.Pkg()) && !isError(v.Type()) {
				doubts = append(doubts, doubt{x.pos, v.Type()})
			}
		}
	} else {
		source := origin.New(m.info, m.pkg, m.files)
		for _, r := range source.Results(source.Method(decl)) {
			switch {
			case r.Origin == origin.State, r.Origin == origin.Copied:
				m.found.refuse(m.fset.Position(r.Pos), subject, "returns %s: its caller would use the service's state beside the service; return a copy, or say //nano:shares", r.Part)
				sure = true
			case r.Origin == origin.Unknown && origin.Refers(r.Type, m.pkg) && !isError(r.Type):
				doubts = append(doubts, doubt{x.pos, r.Type})
			}
		}
	}
	if len(doubts) == 0 && !sure {
		for _, v := range m.instantiated(x, decl) {
			doubts = append(doubts, doubt{x.pos, v.Type()})
		}
	}
	if len(doubts) > 0 && !sure {
		d := doubts[0]
		m.found.warn(d.pos, subject, "its caller may get a part of the service's state as %s; if not, or if that is meant, say //nano:shares",
			types.TypeString(d.typ, types.RelativeTo(m.pkg)))
	}
}

// instantiated returns the results that the declaration of an embedded generic type's method
// calls a type parameter, which is not followed, and that refer to something here.
func (m *modeler) instantiated(x *method, decl *ast.FuncDecl) (all []*types.Var) {
	if decl == nil {
		return nil
	}
	fn, ok := m.info.Defs[decl.Name].(*types.Func)
	if !ok {
		return nil
	}
	declared := fn.Signature().Results()
	for i, v := range x.results {
		if i >= declared.Len() {
			break
		}
		if _, param := declared.At(i).Type().(*types.TypeParam); param && origin.Refers(v.Type(), m.pkg) && !isError(v.Type()) {
			all = append(all, v)
		}
	}
	return all
}
