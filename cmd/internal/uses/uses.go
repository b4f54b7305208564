// Package uses says what a function does with what it is given before it returns:
// whether it hands that over, or uses it so that its caller has to wait.
//
// To store a parameter, to append it to state, to send it to another goroutine and to
// read it is to hand it over. To call it, to call a method of it, to write through it,
// or to pass it to a function that does one of these, is to use it. What another
// goroutine does (go, time.AfterFunc) does not count: it may be done at any time.
//
// The text of one package is read, of all of its functions that a function calls. A
// variable that may have what a parameter refers to counts as the parameter, whatever
// the order of the statements; so there may be a use too many, and the caller waits.
// What was stored in the state of the receiver is the receiver's own, and not looked at
// any more.
package uses

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Reason is a kind of use.
type Reason uint8

// The kinds of uses.
const (
	HandOver Reason = iota // none
	Calls                  // of a function
	Asks                   // an interface: a method of it is called, or it is passed on
	Writes                 // through a pointer, into a slice or a map
	Blocks                 // on a channel, or in a Wait: this is about no parameter
	Unread                 // there is no text, and the types do not rule out a use
)

// A Use is something for which the caller of a function has to wait.
type Use struct {
	Reason Reason
	Param  *types.Var // nil if it is about none
	Pos    token.Pos  // where it is done; that of the function if that is not read
	Text   string     // what the function does, as "calls f"

	cause string // what is done in the end, by a function that is called
}

// A Package is what is known of a package's functions.
type Package struct {
	pkg       *types.Package
	info      *types.Info
	decls     map[token.Pos]*ast.FuncDecl // those with a body, by where their names stand
	standsFor func(types.Type) *types.Named

	// Uses of functions that call each other are found in rounds, until they do not
	// change any more.
	known   map[key]*summary
	settled map[key]bool
	seen    map[key]bool // in this round
	changed bool
}

// A key is a function, and the parameter (or the receiver) that is looked at, nil for
// whether the function blocks; and whether that refers to what is looked for, or has it
// in it.
type key struct {
	decl  *ast.FuncDecl
	param *types.Var
	level level
}

// A summary is what a function does with a parameter.
type summary struct {
	use    Use
	result level                // what its results have of it
	into   map[*types.Var]level // what other parameters have of it afterwards
}

// put notes that a parameter gets what is looked for. It reports whether that is new.
func (s *summary) put(v *types.Var, l level) bool {
	if s.into[v] >= l {
		return false
	}
	if s.into == nil {
		s.into = map[*types.Var]level{}
	}
	s.into[v] = l
	return true
}

// New returns what can be told of a package from its files. Those that are left out
// are taken for functions that are not known. For a type that stands for another, a
// proxy, standsFor returns that, whose methods its methods call; else nil.
func New(pkg *types.Package, info *types.Info, files []*ast.File, standsFor func(types.Type) *types.Named) *Package {
	p := &Package{
		pkg: pkg, info: info, decls: map[token.Pos]*ast.FuncDecl{}, standsFor: standsFor,
		known: map[key]*summary{}, settled: map[key]bool{},
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				p.decls[d.Name.Pos()] = d
			}
		}
	}
	return p
}

// Of returns for what the caller of a function has to wait: at most one use of each
// parameter, in their order, and then that it blocks. A context in front is not looked
// at. Nothing is returned if all is handed over. A function is there to be called: one
// that is not mentioned is not handed over either.
func (p *Package) Of(fn *types.Func) (all []Use) {
	decl := p.declOf(fn)
	if decl == nil {
		return p.byTypes(fn.Origin())
	}
	for i, v := range p.params(decl) {
		switch declared := fn.Origin().Signature().Params().At(i); {
		case i == 0 && isContext(declared.Type()):
		case isFunction(declared.Type()) && !p.mentions(decl, v):
			all = append(all, Use{Reason: Calls, Param: declared, Pos: declared.Pos(), Text: "does not store " + nameOf(declared)})
		case v != nil && p.tracked(given(decl, v)):
			if s := p.settle(key{decl, v, is}); s.use.Reason != HandOver {
				all = append(all, s.use)
			}
		}
	}
	if s := p.settle(key{decl: decl}); s.use.Reason != HandOver {
		all = append(all, s.use)
	}
	return all
}

// mentions reports whether a function does anything with a parameter, which is nil if
// it has no name.
func (p *Package) mentions(decl *ast.FuncDecl, v *types.Var) (found bool) {
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && v != nil && p.info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// given returns the type of what a parameter gets: each of several, if it is variadic.
func given(decl *ast.FuncDecl, v *types.Var) types.Type {
	list := decl.Type.Params.List
	last := list[len(list)-1]
	if _, variadic := last.Type.(*ast.Ellipsis); variadic && last.Pos() <= v.Pos() {
		if s, ok := v.Type().(*types.Slice); ok {
			return s.Elem()
		}
	}
	return v.Type()
}

// declOf returns the text of a function of the package, nil if there is none.
func (p *Package) declOf(fn *types.Func) *ast.FuncDecl {
	if fn.Pkg() == nil || fn.Pkg().Path() != p.pkg.Path() {
		return nil
	}
	return p.decls[fn.Origin().Pos()]
}

// params returns the parameters of a function, nil for each that has no name.
func (p *Package) params(decl *ast.FuncDecl) (all []*types.Var) {
	for _, field := range decl.Type.Params.List {
		if len(field.Names) == 0 {
			all = append(all, nil)
		}
		for _, id := range field.Names {
			v, _ := p.info.Defs[id].(*types.Var) // _ has none
			all = append(all, v)
		}
	}
	return all
}

// receiver returns the receiver of a method, nil if it has no name.
func (p *Package) receiver(decl *ast.FuncDecl) *types.Var {
	if decl.Recv == nil || len(decl.Recv.List) == 0 || len(decl.Recv.List[0].Names) == 0 {
		return nil
	}
	v, _ := p.info.Defs[decl.Recv.List[0].Names[0]].(*types.Var)
	return v
}

// settle returns the summary of a function, after as many rounds as that takes.
func (p *Package) settle(k key) *summary {
	for {
		p.seen, p.changed = map[key]bool{}, false
		s := p.summary(k)
		if !p.changed {
			for k := range p.seen {
				p.settled[k] = true
			}
			return s
		}
	}
}

// summary returns what is known so far of a function, which is looked at once in each
// round. A summary only grows, so the rounds end.
func (p *Package) summary(k key) *summary {
	s := p.known[k]
	if s == nil {
		s = &summary{}
		p.known[k] = s
	}
	if p.settled[k] || p.seen[k] {
		return s
	}
	p.seen[k] = true
	found := p.analyse(k)
	if found.use.Reason != HandOver && s.use.Reason == HandOver {
		s.use, p.changed = found.use, true
	}
	if found.result > s.result {
		s.result, p.changed = found.result, true
	}
	for v, l := range found.into {
		if s.put(v, l) {
			p.changed = true
		}
	}
	return s
}
