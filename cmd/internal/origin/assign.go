package origin

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (in *interp) assignment(e *env, s *ast.AssignStmt) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE { // x += y
		in.eval(e, s.Rhs[0])
		in.operate(e, s.Lhs[0])
		return
	}
	in.assignAll(e, s.Lhs, s.Rhs)
}

// assignAll gives all on the left what is on the right, at once.
func (in *interp) assignAll(e *env, left, right []ast.Expr) {
	values, sources := make([]value, len(left)), make([]ast.Expr, len(left))
	if len(left) == len(right) {
		for i, x := range right {
			values[i], sources[i] = in.eval(e, x), x
		}
	} else if len(right) == 1 {
		copy(values, in.evalTuple(e, right[0], len(left)))
	}
	var rest []storing
	for i, x := range left {
		if _, ok := ast.Unparen(x).(*ast.Ident); ok {
			in.assign(e, x, values[i], sources[i])
		}
	}
	for i, x := range left {
		if _, ok := ast.Unparen(x).(*ast.Ident); !ok {
			rest = append(rest, in.store(e, in.places(e, x), values[i], sources[i])...)
		}
	}
	if rest != nil {
		in.put(e, rest...)
	}
}

// assign gives a variable, or anything else, a value that is written as source, if that
// is known.
func (in *interp) assign(e *env, x ast.Expr, v value, source ast.Expr) {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		if s := in.store(e, in.places(e, x), v, source); s != nil {
			in.put(e, s...)
		}
		return
	}
	obj := in.object(id)
	if id.Name == "_" || obj == nil {
		return
	}
	at := in.siteOf(obj)
	if in.isOuter(obj) {
		in.leak(e, v)
	}
	e.mem[at] = v
	in.rename(e, at, obj.Type(), source)
}

// rename notes what a variable that may be an index stands for now.
func (in *interp) rename(e *env, at site, t types.Type, source ast.Expr) {
	switch under(t).(type) {
	case *types.Slice, *types.Map, *types.Signature, *types.Pointer, *types.Chan:
		return
	}
	name, own := "?", nameOf(at)
	if source != nil {
		name = in.indexOf(e, source)
	}
	e.forget(own)
	delete(e.names, at)
	if !strings.Contains(name, "?") && !strings.Contains(name, own) {
		e.names[at] = name
	}
}

// operate follows x++ and x += y, which concern numbers and strings.
func (in *interp) operate(e *env, x ast.Expr) {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		if obj := in.object(id); obj != nil {
			in.rename(e, in.siteOf(obj), obj.Type(), nil)
		}
		return
	}
	in.eval(e, x)
}

// store puts a value into memory. It returns what is left to be put into the state.
func (in *interp) store(e *env, all []place, v value, source ast.Expr) (rest []storing) {
	for _, p := range all {
		switch {
		case p.other != nil:
			in.leak(e, v)
		case p.part != nil:
			rest = append(rest, storing{*p.part, v, source})
		default:
			e.mem[p.at] = e.mem[p.at].set(splitSteps(p.steps), v, len(all) == 1)
			if owner, ok := e.stored[p.at]; ok {
				in.deposit(e, v, owner.within())
			}
		}
	}
	return rest
}

// addTo adds an element to what is at a place in memory.
func (in *interp) addTo(e *env, m memory, v value) {
	o, _ := in.verdict(e, v, map[string]bool{})
	steps := splitSteps(m.steps)
	e.mem[m.at] = e.mem[m.at].set(steps, e.mem[m.at].get(steps).add(v, isState(o)), true)
	if owner, ok := e.stored[m.at]; ok {
		in.deposit(e, v, owner.within())
	}
}

// leak notes that others get a value, and may put it into the state.
func (in *interp) leak(e *env, v value) {
	in.deposit(e, v, part{path: tooDeep, doubt: true})
}

// touches reports whether a value may lead to the state.
func (in *interp) touches(e *env, v value, seen map[site]bool) bool {
	for _, a := range v {
		switch a := a.(type) {
		case part, unknown:
			return true
		case memory:
			if _, ok := e.stored[a.at]; ok {
				return true
			}
			if !seen[a.at] {
				seen[a.at] = true
				if in.touches(e, e.mem[a.at], seen) {
					return true
				}
			}
		case closure:
			for _, at := range in.captured(e, a) {
				if in.touches(e, e.mem[at], seen) {
					return true
				}
			}
		case record:
			if a.base != nil {
				return true
			}
			for _, v := range a.fields {
				if in.touches(e, v, seen) {
					return true
				}
			}
		}
	}
	return false
}
