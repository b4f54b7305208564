package uses

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// An analysis is one look at a function, for one parameter, or for whether it blocks.
type analysis struct {
	p       *Package
	decl    *ast.FuncDecl
	subject *types.Var // the parameter; nil for whether the function blocks

	vars     map[types.Object]value
	runs     []running // grows while it is walked through
	returned map[*ast.FuncLit]value
	lent     map[string]ast.Expr // by the part of the state that got it first
	within   *ast.FuncLit        // what is walked through; nil for the function itself
	body     *ast.BlockStmt      // of that
	ready    map[ast.Node]bool   // sends and receives that select has, and that do not wait
	changed  bool

	found summary
}

// A running is the body of the function, or of a literal in it that runs before the
// function returns.
type running struct {
	lit  *ast.FuncLit // nil for the function
	body *ast.BlockStmt
}

func (p *Package) analyse(k key) *summary {
	a := &analysis{
		p: p, decl: k.decl, subject: k.param, vars: map[types.Object]value{}, runs: []running{{nil, k.decl.Body}},
		returned: map[*ast.FuncLit]value{}, ready: map[ast.Node]bool{}, lent: map[string]ast.Expr{},
	}
	for _, v := range append(p.params(k.decl), p.receiver(k.decl)) {
		if v != nil {
			a.vars[v] = value{outer: true}
		}
	}
	if k.param != nil {
		a.vars[k.param] = value{level: k.level}
	}
	// Until no variable gets anything more: statements count in any order.
	for a.changed = true; a.changed; {
		a.changed = false
		for i := 0; i < len(a.runs); i++ {
			a.within, a.body = a.runs[i].lit, a.runs[i].body
			ast.Inspect(a.body, a.node)
		}
	}
	a.results()
	return &a.found
}

// run notes that a literal runs before the function returns.
func (a *analysis) run(lit *ast.FuncLit) {
	if !slices.ContainsFunc(a.runs, func(r running) bool { return r.lit == lit }) {
		a.runs = append(a.runs, running{lit, lit.Body})
		a.changed = true
	}
}

// use notes a use of the parameter.
func (a *analysis) use(r Reason, at ast.Node, text, cause string) {
	if a.subject != nil {
		a.note(Use{Reason: r, Param: a.subject, Pos: at.Pos(), Text: text, cause: cause})
	}
}

// blocks notes that the function blocks.
func (a *analysis) blocks(at ast.Node, text, cause string) {
	if a.subject == nil && !a.ready[at] {
		a.note(Use{Reason: Blocks, Pos: at.Pos(), Text: text, cause: cause})
	}
}

// note keeps the first use in the text.
func (a *analysis) note(u Use) {
	if a.found.use.Reason == HandOver || u.Pos < a.found.use.Pos {
		a.found.use = u
	}
}

// node looks at what is done, and notes what variables are given.
func (a *analysis) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		return false // it may run, or not
	case *ast.GoStmt:
		// What it calls runs beside. Its operands are evaluated here.
		ast.Inspect(n.Call.Fun, a.node)
		for _, arg := range n.Call.Args {
			ast.Inspect(arg, a.node)
		}
		return false
	case *ast.SelectStmt:
		a.selects(n)
	case *ast.SendStmt:
		a.blocks(n, "sends to "+types.ExprString(n.Chan), "")
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			a.blocks(n, "receives from "+types.ExprString(n.X), "")
		}
	case *ast.AssignStmt:
		a.assign(n.Lhs, n.Rhs)
		a.lends(n)
	case *ast.ValueSpec:
		left := make([]ast.Expr, len(n.Names))
		for i, id := range n.Names {
			left[i] = id
		}
		a.assign(left, n.Values)
	case *ast.IncDecStmt:
		a.written(n.X)
	case *ast.RangeStmt:
		a.ranges(n)
	case *ast.TypeSwitchStmt:
		a.switches(n)
	case *ast.ReturnStmt:
		a.returns(n)
	case *ast.CallExpr:
		a.call(n)
	}
	return true
}

// selects notes a select that waits. One with a default does not, and what its cases
// send and receive is ready.
func (a *analysis) selects(n *ast.SelectStmt) {
	waits := true
	for _, s := range n.Body.List {
		clause := s.(*ast.CommClause)
		switch comm := clause.Comm.(type) {
		case nil:
			waits = false
		case *ast.SendStmt:
			a.ready[comm] = true
		case *ast.ExprStmt:
			a.ready[ast.Unparen(comm.X)] = true
		case *ast.AssignStmt:
			a.ready[ast.Unparen(comm.Rhs[0])] = true
		}
	}
	if waits {
		a.blocks(n, "selects without a default", "")
	}
}

// assign notes what variables are given, and what is written.
func (a *analysis) assign(left, right []ast.Expr) {
	for i, l := range left {
		switch {
		case len(right) == len(left):
			a.bind(l, a.value(right[i]))
		case len(right) == 1:
			a.bind(l, a.only(l, a.value(right[0])))
		}
	}
}

// bind notes that l gets the value v.
func (a *analysis) bind(l ast.Expr, v value) {
	if id, ok := ast.Unparen(l).(*ast.Ident); ok {
		a.put(a.object(id), v)
		return
	}
	a.written(l)
	a.fill(l, v)
}

// put notes that a variable may have the value v.
func (a *analysis) put(obj types.Object, v value) {
	if obj == nil || isGlobal(obj) {
		return
	}
	a.vars[obj] = a.grown(a.vars[obj], v)
}

// grown returns old and v, and notes whether that is more than old.
func (a *analysis) grown(old, v value) value {
	now := old.or(v)
	if now.level != old.level || now.outer != old.outer || len(now.lits) != len(old.lits) {
		a.changed = true
	}
	return now
}

// fill notes that a field or an element of x, or what x refers to, gets the value v.
// What was there before the call has it now; that is to hand it over.
func (a *analysis) fill(x ast.Expr, v value) {
	id, ok := root(x).(*ast.Ident)
	if !ok || v.level == none && len(v.lits) == 0 {
		return
	}
	n := a.references(x)
	for range n {
		v = v.held()
	}
	for range -n {
		v = v.element()
	}
	obj, ok := a.object(id).(*types.Var)
	switch {
	case !ok || obj == a.subject:
	case a.isParam(obj):
		a.found.put(obj, v.level)
	case !a.vars[obj].outer && !isGlobal(obj):
		a.put(obj, value{level: v.level, lits: v.lits})
	}
}

// references returns how many pointers, slices and maps lead from the root of x to x;
// -1 if x is a pointer to it.
func (a *analysis) references(x ast.Expr) (n int) {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.StarExpr:
			x, n = e.X, n+1
		case *ast.SelectorExpr:
			if sel := a.p.info.Selections[e]; sel != nil && sel.Indirect() {
				n++
			}
			x = e.X
		case *ast.IndexExpr:
			if _, ok := under(a.typeOf(e.X)).(*types.Array); !ok {
				n++
			}
			x = e.X
		case *ast.SliceExpr:
			x = e.X
		case *ast.TypeAssertExpr:
			x = e.X
		case *ast.UnaryExpr:
			x, n = e.X, n-1
		default:
			return n
		}
	}
}

func (a *analysis) isParam(v *types.Var) bool {
	return v == a.p.receiver(a.decl) || slices.Contains(a.p.params(a.decl), v)
}

// root returns what the fields and elements of e belong to.
func root(e ast.Expr) ast.Expr {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		default:
			return x
		}
	}
}

// written notes that l is assigned to.
func (a *analysis) written(l ast.Expr) {
	if a.through(l) {
		a.use(Writes, l, "writes to "+a.text(l), "")
	}
}

// text returns an expression as it is written, and of which parameter it is, if that
// is not seen.
func (a *analysis) text(e ast.Expr) string {
	s, seen := types.ExprString(e), a.subject == nil
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			seen = seen || a.object(n) == a.subject
		case *ast.CompositeLit, *ast.FuncLit: // written as {…}
			return false
		}
		return true
	})
	if seen {
		return s
	}
	return s + " (of " + a.subject.Name() + ")"
}

// ranges notes what the variables of a range statement are given.
func (a *analysis) ranges(n *ast.RangeStmt) {
	v := a.value(n.X)
	switch t := under(a.typeOf(n.X)).(type) {
	case *types.Chan:
		a.blocks(n, "ranges over "+types.ExprString(n.X), "")
	case *types.Signature:
		if v.level == is {
			a.use(Calls, n.X, "ranges over "+a.text(n.X), "")
		}
		a.literals(v, nil)
		a.rangeVars(n, v, true)
	case *types.Array:
		a.rangeVars(n, v, false)
	case *types.Slice, *types.Map:
		a.rangeVars(n, v, true)
	case *types.Pointer:
		if _, ok := t.Elem().Underlying().(*types.Array); ok {
			a.rangeVars(n, v, true)
		}
	}
}

func (a *analysis) rangeVars(n *ast.RangeStmt, v value, refers bool) {
	for _, l := range []ast.Expr{n.Key, n.Value} {
		switch {
		case l == nil:
		case refers:
			a.bind(l, a.element(a.typeOf(l), v))
		default:
			a.bind(l, a.only(l, v))
		}
	}
}

// switches notes what x is in the cases of switch x := y.(type).
func (a *analysis) switches(n *ast.TypeSwitchStmt) {
	assign, ok := n.Assign.(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 {
		return
	}
	v := a.value(assign.Rhs[0])
	for _, clause := range n.Body.List {
		if obj := a.p.info.Implicits[clause]; obj != nil {
			a.put(obj, a.typed(obj.Type(), v))
		}
	}
}

// returns notes what is returned. Results with names are looked at in the end.
func (a *analysis) returns(n *ast.ReturnStmt) {
	var all value
	for _, e := range n.Results {
		all = all.or(a.value(e))
	}
	a.returned[a.within] = a.grown(a.returned[a.within], all)
}

// results notes what the results of the function have of the parameter.
func (a *analysis) results() {
	all := a.returned[nil]
	if list := a.decl.Type.Results; list != nil {
		for _, field := range list.List {
			for _, id := range field.Names {
				all = all.or(a.vars[a.p.info.Defs[id]])
			}
		}
	}
	for _, lit := range all.lits {
		if a.captures(lit) {
			all.level = is
		}
	}
	a.found.result = all.level
}

// captures reports whether a literal has something of the parameter.
func (a *analysis) captures(lit *ast.FuncLit) (found bool) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && a.vars[a.object(id)].level != none {
			found = true
		}
		return !found
	})
	return found
}
