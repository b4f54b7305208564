package main

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/bruskajp/nano_services/cmd/internal/origin"
)

// shares refuses a method that returns a part of the struct's own state by
// reference: its caller would use it beside the service. If that cannot be told, one
// warning is given for the method. said: the method has //nano:shares. That settles both,
// unless the results go to another process as well: they are written for it when the service
// goes on with the next closure, which the caller of here may see to, and that of there cannot.
func (m *modeler) shares(x *method, subject string, decl *ast.FuncDecl, said bool) {
	crosses := m.remotes && !x.local
	if said && !crosses {
		return
	}
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
				m.found.refuse(m.fset.Position(r.Pos), subject, sharing(crosses, said), r.Part)
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
	if len(doubts) > 0 && !sure && !said {
		d := doubts[0]
		m.found.warn(d.pos, subject, doubting(crosses), types.TypeString(d.typ, types.RelativeTo(m.pkg)))
	}
}

// sharing returns what is said of a method that shares a part of the state.
func sharing(crosses, said bool) string {
	switch {
	case !crosses:
		return "returns %s: its caller would use the service's state beside the service; return a copy, or say //nano:shares"
	case said:
		return "returns %s, with -remote: //nano:shares is for callers of this process; for one of another it would be read while the service writes it; return a copy, or say //nano:local as well"
	}
	return "returns %s: its caller would use the service's state beside the service; return a copy, or say //nano:shares and //nano:local"
}

// doubting returns what is said of a method that may share a part of the state.
func doubting(crosses bool) string {
	if crosses {
		return "its caller may get a part of the service's state as %s; if not, say //nano:shares; if that is meant, //nano:local as well: for another process it would be read while the service writes it"
	}
	return "its caller may get a part of the service's state as %s; if not, or if that is meant, say //nano:shares"
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
