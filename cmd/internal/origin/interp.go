package origin

import (
	"go/ast"
	"go/token"
	"go/types"
)

// An interp goes through a function.
type interp struct {
	*Source
	f     Function
	top   *frame
	fr    *frame // the function that it is in
	found map[token.Pos][]Result

	contexts map[call]int // numbers of calls
	frames   []*frame     // the functions that it is in
	tired    bool         // it has given up
	sweeps   []sweep
	given    map[string]int // paths of what was handed over, numbered
}

// A call is where a function is called, in a call of another one.
type call struct {
	pos token.Pos
	ctx int
}

// A frame is a function while it is gone through.
type frame struct {
	ctx     int
	outer   *frame // of the function in which a literal stands
	typ     *ast.FuncType
	body    *ast.BlockStmt
	results []site
	exit    *env // what is known where it returns
	targets []*target
}

// These bound the time for one function. After enough work other functions are not
// followed any more, and after too much the rest is not known. What reaches them calls
// half of a large package, as Scope.LookupParent of go/types does.
const maxDepth, enough, tooMuch = 12, 120_000, 300_000

func newInterp(s *Source, f Function) *interp {
	in := &interp{Source: s, f: f, found: map[token.Pos][]Result{}, contexts: map[call]int{}, given: map[string]int{}}
	in.top = &frame{typ: f.Type, body: f.Body}
	in.fr = in.top
	return in
}

// run goes through the function, if it returns anything that has to be followed.
func (in *interp) run() {
	if in.plain() {
		return
	}
	e := newEnv()
	for _, field := range in.f.Type.Params.List {
		for _, id := range field.Names {
			in.parameter(e, in.info.Defs[id])
		}
	}
	if in.f.State != nil {
		root := part{text: in.f.State.Name(), typ: in.f.State.Type()}
		at := in.siteOf(in.f.State)
		if p, ok := under(root.typ).(*types.Pointer); ok {
			root.typ, root.addr = p.Elem(), true
			e.mem[at] = value{root}
		} else {
			e.mem[at] = root.read()
		}
	}
	in.begin(in.top)
	in.frames = append(in.frames, in.top)
	in.block(e, in.f.Body.List)
}

// plain reports whether no result can refer to anything.
func (in *interp) plain() bool {
	if in.f.Type.Results == nil {
		return true
	}
	for _, field := range in.f.Type.Results.List {
		if mayRefer(in.info.TypeOf(field.Type)) {
			return false
		}
	}
	return true
}

// parameter lets a parameter have what its caller has for itself.
func (in *interp) parameter(e *env, obj types.Object) {
	if obj == nil || !mayRefer(obj.Type()) {
		return
	}
	at := in.siteOf(obj)
	theirs := site{obj.Pos(), -1000}
	switch under(obj.Type()).(type) {
	case *types.Struct, *types.Array:
		e.mem[at] = value{fresh{}}
	default:
		e.mem[at], e.mem[theirs] = value{memory{at: theirs}}, value{record{}.with(otherFields, value{fresh{}})}
	}
}

// begin prepares the results of a function.
func (in *interp) begin(fr *frame) {
	if fr.typ.Results == nil {
		return
	}
	for _, field := range fr.typ.Results.List {
		if len(field.Names) == 0 {
			fr.results = append(fr.results, site{field.Pos(), fr.ctx})
		}
		for _, id := range field.Names {
			fr.results = append(fr.results, site{id.Pos(), fr.ctx})
		}
	}
}

// siteOf returns the site of a local variable. That of another one is known as far as
// this function has given it something.
func (in *interp) siteOf(obj types.Object) site {
	for fr := in.fr; fr != nil; fr = fr.outer {
		if fr.typ.Pos() <= obj.Pos() && obj.Pos() < fr.body.End() {
			return site{obj.Pos(), fr.ctx}
		}
	}
	return site{obj.Pos(), 0}
}

// isOuter reports whether a variable is declared outside of the function.
func (in *interp) isOuter(obj types.Object) bool {
	for fr := in.fr; fr != nil; fr = fr.outer {
		if fr.typ.Pos() <= obj.Pos() && obj.Pos() < fr.body.End() {
			return false
		}
	}
	return obj != in.f.State
}

// object returns the variable, or whatever else, that an identifier stands for.
func (in *interp) object(id *ast.Ident) types.Object {
	if obj := in.info.Defs[id]; obj != nil {
		return obj
	}
	return in.info.Uses[id]
}

// context returns the number of a call: variables of each have their own memory.
func (in *interp) context(pos token.Pos) int {
	c := call{pos, in.fr.ctx}
	if _, ok := in.contexts[c]; !ok {
		in.contexts[c] = len(in.contexts) + 1
	}
	return in.contexts[c]
}

// returned notes what the function returns, where it was not called by itself.
func (in *interp) returned(e *env, n *ast.ReturnStmt) {
	all := in.listed(n)
	for i, at := range in.top.results {
		all[i].Origin, all[i].Part = in.verdict(e, e.mem[at], map[string]bool{})
	}
	in.found[n.Pos()] = all
}

// listed returns the results of a return statement, as unknown.
func (in *interp) listed(n *ast.ReturnStmt) (all []Result) {
	if in.f.Type.Results == nil {
		return nil
	}
	for _, field := range in.f.Type.Results.List {
		for range max(1, len(field.Names)) {
			all = append(all, Result{Pos: n.Pos(), Type: in.info.TypeOf(field.Type)})
		}
	}
	for i := range all {
		switch {
		case len(n.Results) == len(all):
			all[i].Pos = n.Results[i].Pos()
			if t := in.info.TypeOf(n.Results[i]); t != nil && types.IsInterface(all[i].Type) && t != types.Typ[types.UntypedNil] {
				all[i].Type = t // what is in an interface is what matters
			}
		case len(n.Results) == 1:
			all[i].Pos = n.Results[0].Pos()
		}
	}
	return all
}

// results returns what was found. What was not followed to the end is not known: where
// there is a goto, or too much to do.
func (in *interp) results() (all []Result) {
	unsure := in.tired
	var returns []*ast.ReturnStmt
	ast.Inspect(in.f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns = append(returns, n)
		case *ast.BranchStmt:
			unsure = unsure || n.Tok == token.GOTO
		}
		return true
	})
	for _, n := range returns {
		found, ok := in.found[n.Pos()]
		if !ok && unsure {
			found = in.listed(n)
		}
		for _, r := range found {
			if r.Origin == Fresh && unsure {
				r.Origin = Unknown
			}
			all = append(all, r)
		}
	}
	return all
}
