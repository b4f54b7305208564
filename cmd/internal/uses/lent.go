package uses

import (
	"go/ast"
	"go/types"
	"slices"
)

// lends notes what a field or a variable of the package gets of the parameter only
// until the function returns: it is assigned to again, at the end or in a deferred
// function. In between the state has it, and the function surely uses that.
func (a *analysis) lends(n *ast.AssignStmt) {
	if len(n.Lhs) != len(n.Rhs) {
		return
	}
	for i, l := range n.Lhs {
		id, ok := root(l).(*ast.Ident)
		if !ok || !a.isState(id, l) {
			continue
		}
		part, r := types.ExprString(l), n.Rhs[i]
		lent := a.lent[part]
		switch {
		case a.value(r).level == is:
			if lent == nil {
				a.lent[part], a.changed = r, true
			}
		case lent == nil, a.within == nil && n.Pos() < lent.Pos():
		case slices.Contains(a.body.List, ast.Stmt(n)) && !contains(r, part):
			a.use(reasonFor(a.typeOf(lent)), lent, "has "+a.text(lent)+" in "+part+" only until it returns", "")
		}
	}
}

// isState reports whether a part of what id is was there before the call, and is not
// just a variable of the function.
func (a *analysis) isState(id *ast.Ident, part ast.Expr) bool {
	obj := a.p.info.Uses[id]
	return obj != nil && (isGlobal(obj) || a.vars[obj].outer && ast.Unparen(part) != id)
}

// contains reports whether a part of e is written so.
func contains(e ast.Expr, part string) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && types.ExprString(x) == part {
			found = true
		}
		return !found
	})
	return found
}
