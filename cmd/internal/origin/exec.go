package origin

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (in *interp) block(e *env, list []ast.Stmt) {
	for _, s := range list {
		if *e.work > tooMuch {
			in.tired, e.dead = true, true
		}
		if e.dead {
			return // what is behind a label that only a goto reaches is left out
		}
		in.statement(e, s, "")
	}
}

// statement goes through a statement, which may have a label.
func (in *interp) statement(e *env, s ast.Stmt, label string) {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		in.statement(e, s.Stmt, s.Label.Name)
	case *ast.BlockStmt:
		in.block(e, s.List)
	case *ast.ExprStmt:
		in.eval(e, s.X)
	case *ast.AssignStmt:
		in.assignment(e, s)
	case *ast.IncDecStmt:
		in.operate(e, s.X)
	case *ast.DeclStmt:
		in.declaration(e, s)
	case *ast.SendStmt:
		in.send(e, s)
	case *ast.ReturnStmt:
		in.returns(e, s)
	case *ast.BranchStmt:
		in.branch(e, s)
	case *ast.DeferStmt:
		e.defers = append(e.defers, deferred{s.Call, true})
	case *ast.GoStmt:
		in.strange(e, in.operands(e, s.Call))
	case *ast.IfStmt:
		in.condition(e, s)
	case *ast.ForStmt:
		in.forLoop(e, s, label)
	case *ast.RangeStmt:
		in.rangeLoop(e, s, label)
	case *ast.SwitchStmt:
		in.optional(e, s.Init)
		in.evalOptional(e, s.Tag)
		in.clauses(e, s.Body.List, label, nil)
	case *ast.TypeSwitchStmt:
		in.optional(e, s.Init)
		in.typeSwitch(e, s, label)
	case *ast.SelectStmt:
		in.clauses(e, s.Body.List, label, nil)
	}
}

func (in *interp) optional(e *env, s ast.Stmt) {
	if s != nil {
		in.statement(e, s, "")
	}
}

func (in *interp) evalOptional(e *env, x ast.Expr) value {
	if x == nil {
		return nil
	}
	return in.eval(e, x)
}

func (in *interp) condition(e *env, s *ast.IfStmt) {
	in.optional(e, s.Init)
	in.eval(e, s.Cond)
	other := e.clone()
	if x, equal := in.comparedToNil(s.Cond); x != nil && equal {
		e.mem[in.siteOf(x)] = nil
	} else if x != nil {
		other.mem[in.siteOf(x)] = nil
	}
	in.block(e, s.Body.List)
	in.optional(other, s.Else)
	e.join(other)
}

// comparedToNil returns the variable that a condition compares to nil, and whether it
// is to be nil; or no variable.
func (in *interp) comparedToNil(cond ast.Expr) (x *types.Var, equal bool) {
	c, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || c.Op != token.EQL && c.Op != token.NEQ || !in.info.Types[c.Y].IsNil() {
		return nil, false
	}
	if id, ok := ast.Unparen(c.X).(*ast.Ident); ok {
		x, _ = in.object(id).(*types.Var)
	}
	return x, c.Op == token.EQL
}

// A target is what break and continue lead out of.
type target struct {
	label       string
	loop        bool
	out, repeat *env // what is known there
}

func (in *interp) within(t *target, f func()) {
	fr := in.fr
	fr.targets = append(fr.targets, t)
	f()
	fr.targets = fr.targets[:len(fr.targets)-1]
}

// branch follows a break, continue or fallthrough. A goto ends here: see jumps.
func (in *interp) branch(e *env, s *ast.BranchStmt) {
	if s.Tok == token.FALLTHROUGH {
		return // clauses sees to it
	}
	for i := len(in.fr.targets) - 1; i >= 0; i-- {
		t := in.fr.targets[i]
		if s.Label != nil && t.label != s.Label.Name || s.Tok == token.CONTINUE && !t.loop {
			continue
		}
		to := &t.out
		if s.Tok == token.CONTINUE {
			to = &t.repeat
		}
		if *to == nil {
			*to = e.clone()
		} else {
			(*to).join(e)
		}
		break
	}
	e.dead = true
}

// clauses goes through those of a switch or select; begin prepares each.
func (in *interp) clauses(e *env, list []ast.Stmt, label string, begin func(*env)) {
	t := &target{label: label}
	entry, exhaustive := e.clone(), false
	e.dead = true
	in.within(t, func() {
		var through *env
		for _, c := range list {
			here := entry.clone()
			var body []ast.Stmt
			switch c := c.(type) {
			case *ast.CaseClause:
				exhaustive = exhaustive || c.List == nil
				for _, x := range c.List {
					in.eval(here, x)
				}
				body = c.Body
			case *ast.CommClause:
				exhaustive = true // a select waits for one of them
				in.optional(here, c.Comm)
				body = c.Body
			}
			if begin != nil {
				begin(here)
			}
			here.join(through)
			through = nil
			in.block(here, body)
			if n := len(body); n > 0 {
				if b, ok := body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
					through = here
					continue
				}
			}
			e.join(here)
		}
	})
	if !exhaustive {
		e.join(entry)
	}
	e.join(t.out)
}

func (in *interp) typeSwitch(e *env, s *ast.TypeSwitchStmt, label string) {
	var x ast.Expr
	var symbol *ast.Ident
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		x = a.Rhs[0]
		symbol, _ = a.Lhs[0].(*ast.Ident)
	}
	if a, ok := ast.Unparen(x).(*ast.TypeAssertExpr); ok {
		x = a.X
	}
	v := in.eval(e, x)
	in.clauses(e, s.Body.List, label, func(here *env) {
		if symbol != nil { // each clause has a variable, and all are declared here
			here.mem[site{symbol.Pos(), in.fr.ctx}] = v
		}
	})
}

func (in *interp) declaration(e *env, s *ast.DeclStmt) {
	g, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range g.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		if len(spec.Values) == 0 {
			for _, id := range spec.Names {
				in.assign(e, id, nil, nil)
			}
			continue
		}
		left := make([]ast.Expr, len(spec.Names))
		for i, id := range spec.Names {
			left[i] = id
		}
		in.assignAll(e, left, spec.Values)
	}
}

// send puts a value into a channel, from which others get it.
func (in *interp) send(e *env, s *ast.SendStmt) {
	v := in.eval(e, s.Value)
	for _, a := range in.eval(e, s.Chan) {
		if m, ok := a.(memory); ok {
			o, _ := in.verdict(e, v, map[string]bool{})
			e.mem[m.at] = e.mem[m.at].add(v, isState(o))
		}
	}
}

// returns follows a return statement, with what is deferred until then.
func (in *interp) returns(e *env, s *ast.ReturnStmt) {
	fr := in.fr
	var all []value
	if len(s.Results) == 1 && len(fr.results) > 1 {
		all = in.evalTuple(e, s.Results[0], len(fr.results))
	} else {
		for _, x := range s.Results {
			all = append(all, in.eval(e, x))
		}
	}
	for i, v := range all {
		if i < len(fr.results) {
			e.mem[fr.results[i]] = v
		}
	}
	in.leave(e)
	if fr == in.top {
		in.returned(e, s)
	}
	e.dead = true
}

// leave runs what is deferred, and notes what is known when the function has
// returned.
func (in *interp) leave(e *env) {
	fr := in.fr
	defers := e.defers
	e.defers = nil
	for i := len(defers) - 1; i >= 0; i-- {
		other := e.clone()
		in.call(e, defers[i].call)
		if !defers[i].sure {
			e.join(other)
		}
	}
	if fr.exit == nil {
		fr.exit = e.clone()
	} else {
		fr.exit.join(e)
	}
}

// isZero reports whether x is the constant 0.
func (in *interp) isZero(x ast.Expr) bool {
	v := in.info.Types[x].Value
	return v != nil && v.ExactString() == "0"
}

// pointerTo returns the type that t points to, or nil.
func pointerTo(t types.Type) types.Type {
	if p, ok := under(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return nil
}
