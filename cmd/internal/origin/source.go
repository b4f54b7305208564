// Package origin finds out where the values that a function returns come from: out
// of a state that belongs to a service, or from elsewhere. The function is a method of
// the state, or a literal that gets the state as a parameter.
//
// It goes through the function as a program would, with values that only say what they
// refer to, along all ways at once: what is known where two ways meet is what either
// way has brought there, and loops are repeated until nothing changes. Functions of the
// same package are followed. Other ones are known by name, or else are taken to return
// anything that they could get at.
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
// one package.
type Origin uint8

const (
	Unknown Origin = iota // cannot be told
	Fresh                 // no part of the state, or not any more
	State                 // a part of the state, by reference, or something that has one
	Copied                // a copy of a struct in the state that shares what this refers to
)

func (o Origin) String() string { return [...]string{"unknown", "fresh", "state", "copied"}[o] }

// A Source is a package, parsed and as far as possible type-checked.
type Source struct {
	info  *types.Info
	pkg   *types.Package
	decls map[types.Object]*ast.FuncDecl
	own   map[*types.TypeParam]bool // of the receivers of methods, and not followed
}

// New returns the source of a package. Of info it needs Types, Defs, Uses and Selections.
func New(info *types.Info, pkg *types.Package, files []*ast.File) *Source {
	s := &Source{info: info, pkg: pkg, decls: map[types.Object]*ast.FuncDecl{}}
	var methods []*types.Func
	for _, f := range files {
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok || d.Body == nil {
				continue
			}
			s.decls[info.Defs[d.Name]] = d
			if fn, ok := info.Defs[d.Name].(*types.Func); ok && fn.Signature().RecvTypeParams().Len() > 0 {
				methods = append(methods, fn)
			}
		}
	}
	if len(methods) > 0 {
		s.own = own(info, methods)
	}
	return s
}

// follows reports whether values of a type have to be followed.
func (s *Source) follows(t types.Type) bool {
	if p, ok := under(t).(*types.TypeParam); ok && s.own[p] {
		return false
	}
	return mayRefer(t)
}

// A Function is what is looked at.
type Function struct {
	Type  *ast.FuncType
	Body  *ast.BlockStmt
	State types.Object // the variable that has the state, or a pointer to it; nil if it has no name
	Name  string       // what State is called in a Result, such as "the receiver"
}

// Method returns the function of a method with a body: its receiver has the state.
func (s *Source) Method(decl *ast.FuncDecl) Function {
	f := Function{Type: decl.Type, Body: decl.Body, Name: "the receiver"}
	if names := decl.Recv.List[0].Names; len(names) == 1 {
		f.State = s.info.Defs[names[0]]
	}
	return f
}

// Literal returns the function of a literal that gets the state as its last parameter,
// as the closures for a service do.
func (s *Source) Literal(lit *ast.FuncLit) Function {
	f := Function{Type: lit.Type, Body: lit.Body, Name: "the service's state"}
	if params := lit.Type.Params.List; len(params) > 0 {
		if names := params[len(params)-1].Names; len(names) > 0 {
			f.State = s.info.Defs[names[len(names)-1]]
		}
	}
	return f
}

// A Result is a value that a function returns.
type Result struct {
	Pos    token.Pos
	Type   types.Type
	Origin Origin
	Part   string // of the state, in words; "" if the origin is neither State nor Copied
}

// Results returns what the function returns: each value of each return statement, in
// the order of the text.
func (s *Source) Results(f Function) []Result {
	in := newInterp(s, f)
	in.run()
	return in.results()
}
