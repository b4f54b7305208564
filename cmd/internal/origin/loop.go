package origin

import (
	"go/ast"
	"go/token"
	"go/types"
)

// maxRounds bounds how often a loop is repeated until nothing changes; what
// the paths of parts allow is fewer.
const maxRounds = 20

// A sweep is a loop over all elements of memory, by an index: what it puts there
// replaces all of them.
type sweep struct {
	at    site
	index string // its name
}

// A round is what is done around the body of a loop.
type round struct {
	head    func(*env) // gives variables their values, looks at the condition
	post    func(*env)
	endless bool
	sweeps  []sweep
}

// repeat goes through a loop until nothing changes.
func (in *interp) repeat(e *env, label string, body []ast.Stmt, r round) {
	t := &target{label: label, loop: true}
	var last *env
	in.sweeps = append(in.sweeps, r.sweeps...)
	in.within(t, func() {
		for range maxRounds {
			t.repeat = nil
			here := e.clone()
			r.head(here)
			in.block(here, body)
			here.join(t.repeat)
			if here.dead {
				break
			}
			r.post(here)
			last = here
			if !e.join(here) {
				break
			}
		}
	})
	in.sweeps = in.sweeps[:len(in.sweeps)-len(r.sweeps)]
	for _, s := range r.sweeps {
		if last != nil {
			e.mem[s.at] = last.mem[s.at] // or there were no elements
		}
	}
	e.dead = r.endless
	e.join(t.out)
}

func (in *interp) forLoop(e *env, s *ast.ForStmt, label string) {
	in.optional(e, s.Init)
	in.repeat(e, label, s.Body.List, round{
		head:    func(e *env) { in.evalOptional(e, s.Cond) },
		post:    func(e *env) { in.optional(e, s.Post) },
		endless: s.Cond == nil,
		sweeps:  in.counted(e, s),
	})
}

// counted returns what for i := 0; i < len(x); i++ goes over.
func (in *interp) counted(e *env, s *ast.ForStmt) []sweep {
	cond, ok := s.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.LSS {
		return nil
	}
	init, ok := s.Init.(*ast.AssignStmt)
	if !ok || len(init.Rhs) != 1 || !in.isZero(init.Rhs[0]) {
		return nil
	}
	return in.sweepOf(e, init.Lhs[0], lengthArg(in, cond.Y))
}

// lengthArg returns x of len(x), or nil.
func lengthArg(in *interp, x ast.Expr) ast.Expr {
	c, ok := ast.Unparen(x).(*ast.CallExpr)
	if ok && in.callee(c) == "len" && len(c.Args) == 1 {
		return c.Args[0]
	}
	return nil
}

// sweepOf returns what an index that takes all values goes over.
func (in *interp) sweepOf(e *env, index, x ast.Expr) []sweep {
	id, ok := index.(*ast.Ident)
	if !ok || id.Name == "_" || x == nil || in.object(id) == nil {
		return nil
	}
	name := nameOf(in.siteOf(in.object(id)))
	if v := in.eval(e, x); len(v) == 1 {
		if m, ok := v[0].(memory); ok && m.steps == "" {
			return []sweep{{m.at, name}}
		}
	}
	if id, ok := ast.Unparen(x).(*ast.Ident); ok && in.object(id) != nil { // an array
		if _, ok := under(in.info.TypeOf(id)).(*types.Array); ok {
			return []sweep{{in.siteOf(in.object(id)), name}}
		}
	}
	return nil
}

func (in *interp) rangeLoop(e *env, s *ast.RangeStmt, label string) {
	in.eval(e, s.X)
	over := s.X
	if x := lengthArg(in, s.X); x != nil {
		over = x
	}
	r := round{post: func(*env) {}, head: func(e *env) {
		if s.Key != nil {
			in.assign(e, s.Key, in.keyOf(e, s.X), nil)
		}
		if s.Value != nil {
			in.assign(e, s.Value, in.valueOf(e, s), nil)
		}
	}}
	if s.Key != nil {
		r.sweeps = in.sweepOf(e, s.Key, over)
	}
	in.repeat(e, label, s.Body.List, r)
}

// keyOf returns the first variable of a range clause.
func (in *interp) keyOf(e *env, x ast.Expr) value {
	switch t := under(in.info.TypeOf(x)).(type) {
	case *types.Map:
		if mayRefer(t.Key()) {
			return in.keys(e, in.eval(e, x))
		}
	case *types.Chan:
		return received(e, in.eval(e, x))
	case *types.Signature:
		return in.yields(e, in.eval(e, x), t, 0)
	case *types.Basic, *types.Slice, *types.Array, *types.Pointer:
	default:
		return value{unknown{}}
	}
	return nil
}

// valueOf returns the second variable of a range clause.
func (in *interp) valueOf(e *env, s *ast.RangeStmt) value {
	if t, ok := under(in.info.TypeOf(s.X)).(*types.Signature); ok {
		return in.yields(e, in.eval(e, s.X), t, 1)
	}
	index := "?"
	if id, ok := s.Key.(*ast.Ident); ok && id.Name != "_" && in.object(id) != nil {
		index = nameOf(in.siteOf(in.object(id)))
	}
	return in.elements(e, in.eval(e, s.X), index, "an element of ")
}

// yields returns what an iterator gives a loop, as its parameter i.
func (in *interp) yields(e *env, v value, t *types.Signature, i int) (all value) {
	n := 2
	if t.Params().Len() == 1 {
		if yield, ok := under(t.Params().At(0).Type()).(*types.Signature); ok {
			if n = yield.Params().Len(); i < n && !mayRefer(yield.Params().At(i).Type()) {
				return nil
			}
		}
	}
	for _, a := range v {
		m, ok := a.(memory)
		switch {
		case !ok:
			all = join(all, value{unknown{}})
		case i == 0 && n == 2:
			all = join(all, e.load(m.at, joinSteps("", mapKey)))
		default:
			all = join(all, e.load(m.at, joinSteps("", anyElement)))
		}
	}
	return all
}

// received returns what a channel gives its receiver: what the function put there, or
// else what was handed over.
func received(e *env, v value) (all value) {
	for _, a := range v {
		if m, ok := a.(memory); ok {
			all = join(all, e.load(m.at, joinSteps("", anyElement)))
		}
	}
	return all
}
