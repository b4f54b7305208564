// Package origin finds out where the values that a function returns come from: out
// of a state that belongs to a service, or from elsewhere. The function is a method of
// the state, or a literal that gets the state as a parameter.
//
// It looks at syntax and types alone, so that the package with the function need not
// compile.
package origin

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Origin says where a value comes from, as far as it can be told from the text of
// one function.
type Origin uint8

const (
	Unknown Origin = iota // cannot be told
	Fresh                 // made by the function: nothing else has it
	State                 // a part of the state, by reference
	Copied                // a copy of a part of the state that shares what this refers to
	same                  // what the variable had that is being looked at
)

// A Source is a package, parsed and as far as possible type-checked. Info needs Types,
// Defs, Uses and Selections.
type Source struct {
	Info    *types.Info
	Package *types.Package
}

// A Function is what is looked at.
type Function struct {
	Type  *ast.FuncType
	Body  *ast.BlockStmt
	State types.Object // the variable that has the state, or a pointer to it; nil if it has no name
}

// Method returns the function of a method with a body: its receiver has the state.
func (s *Source) Method(decl *ast.FuncDecl) Function {
	f := Function{Type: decl.Type, Body: decl.Body}
	if names := decl.Recv.List[0].Names; len(names) == 1 {
		f.State = s.Info.Defs[names[0]]
	}
	return f
}

// A Result is a value that a function returns.
type Result struct {
	Pos    token.Pos
	Type   types.Type
	Origin Origin
	Part   string // of the state, in words; "" if it is none
}
