package uses

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// A level is how near a value is to what the parameter refers to: how many pointers,
// slices and maps, all of them new, are in between.
type level uint8

const (
	none level = iota
	far        // three or more
	_          // two
	near       // one; or it is a function that only reads what the parameter refers to
	is         // it refers to it itself
)

// A value is what is known of an expression.
type value struct {
	level level
	outer bool           // it refers to what was there before the call
	lits  []*ast.FuncLit // the functions that it may be
}

func (v value) or(w value) value {
	for _, lit := range w.lits {
		if !slices.Contains(v.lits, lit) {
			v.lits = append(slices.Clip(v.lits), lit)
		}
	}
	v.level, v.outer = max(v.level, w.level), v.outer || w.outer
	return v
}

// held returns a new pointer, slice or map with the value in it.
func (v value) held() value {
	if v.level > far {
		v.level--
	}
	return v
}

// element returns what is in a value, or that to which it refers.
func (v value) element() value {
	if v.level != none && v.level != is {
		v.level++
	}
	return v
}

// value returns what is known of an expression.
func (a *analysis) value(e ast.Expr) value {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return a.variable(e)
	case *ast.FuncLit:
		return value{lits: []*ast.FuncLit{e}}
	case *ast.CompositeLit:
		return a.literal(e)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return a.address(e.X)
		}
	case *ast.StarExpr:
		return a.behind(e, e.X)
	case *ast.SelectorExpr:
		return a.selected(e)
	case *ast.IndexExpr:
		switch under(a.typeOf(e.X)).(type) {
		case *types.Array:
			return a.only(e, a.value(e.X))
		case *types.Slice, *types.Map, *types.Pointer:
			return a.behind(e, e.X)
		}
	case *ast.SliceExpr:
		if _, ok := under(a.typeOf(e.X)).(*types.Array); ok {
			return a.address(e.X)
		}
		return a.only(e, a.value(e.X))
	case *ast.TypeAssertExpr:
		if e.Type != nil { // not x.(type)
			return a.only(e, a.value(e.X))
		}
		return a.value(e.X)
	case *ast.CallExpr:
		return a.result(e)
	}
	return value{}
}

func (a *analysis) typeOf(e ast.Expr) types.Type { return first(a.p.info.TypeOf(e)) }

// only returns v as the value of e, whose type may refer to nothing.
func (a *analysis) only(e ast.Expr, v value) value { return a.typed(a.typeOf(e), v) }

func (a *analysis) typed(t types.Type, v value) value {
	if !a.p.tracked(t) {
		v.level = none
	}
	return v
}

// behind returns the value of e, to which x refers.
func (a *analysis) behind(e, x ast.Expr) value { return a.element(a.typeOf(e), a.value(x)) }

// element returns a value of a type that is in v, or to which v refers.
func (a *analysis) element(t types.Type, v value) value {
	return a.typed(t, v.element())
}

func (a *analysis) variable(id *ast.Ident) value {
	obj, ok := a.object(id).(*types.Var)
	if !ok {
		return value{}
	}
	v := a.vars[obj]
	v.outer = v.outer || isGlobal(obj)
	return v
}

func isGlobal(obj types.Object) bool { return obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() }

func (a *analysis) object(id *ast.Ident) types.Object {
	if obj := a.p.info.Defs[id]; obj != nil {
		return obj
	}
	return a.p.info.Uses[id]
}

func (a *analysis) selected(e *ast.SelectorExpr) value {
	sel := a.p.info.Selections[e]
	if sel == nil { // of a package, or not known
		_, variable := a.p.info.Uses[e.Sel].(*types.Var)
		return value{outer: variable}
	}
	v := a.value(e.X)
	switch sel.Kind() {
	case types.MethodVal:
		if v.level != none {
			v.level = is
		}
		return value{level: v.level, outer: v.outer}
	case types.FieldVal:
		if sel.Indirect() {
			return a.element(sel.Type(), v)
		}
		return a.typed(sel.Type(), v)
	}
	return value{}
}

// literal returns the value of a composite literal.
func (a *analysis) literal(lit *ast.CompositeLit) (all value) {
	for _, e := range lit.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			all = all.or(a.value(pair.Key)).or(a.value(pair.Value))
		} else {
			all = all.or(a.value(e))
		}
	}
	all.outer = false
	switch under(a.typeOf(lit)).(type) {
	case *types.Struct, *types.Array:
		return all
	}
	return all.held()
}

// address returns the value of a pointer to x, or of a slice of it.
func (a *analysis) address(x ast.Expr) value {
	v := a.value(x)
	if a.through(x) {
		return value{level: is, outer: true}
	}
	return v.held()
}

// through reports whether x is a part of what the parameter refers to, so that to
// assign to it is to write there.
func (a *analysis) through(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.StarExpr:
		return a.value(x.X).level == is
	case *ast.SelectorExpr:
		sel := a.p.info.Selections[x]
		switch {
		case sel == nil || sel.Kind() != types.FieldVal:
			return false
		case sel.Indirect():
			return a.value(x.X).level == is
		}
		return a.through(x.X)
	case *ast.IndexExpr:
		if _, ok := under(a.typeOf(x.X)).(*types.Array); ok {
			return a.through(x.X)
		}
		return a.value(x.X).level == is
	}
	return false
}

// result returns the value of a call.
func (a *analysis) result(e *ast.CallExpr) (all value) {
	if a.p.info.Types[e.Fun].IsType() { // a conversion
		switch {
		case len(e.Args) != 1:
			return value{}
		case isInterface(a.typeOf(e)): // any(x) is x
			return a.value(e.Args[0])
		}
		return a.only(e, a.value(e.Args[0]))
	}
	c := a.callee(e)
	switch {
	case c.builtin != "":
		return a.builtinResult(e, c.builtin)
	case c.decl != nil:
		for _, o := range c.operands {
			if v := a.operand(o); v.level != none && o.param != nil {
				all.level = max(all.level, a.p.summary(key{c.decl, o.param, v.level}).result)
			}
		}
		all.outer = true
		return a.onlyResult(e, all)
	case c.fn == nil:
		for _, lit := range a.value(e.Fun).lits {
			all = all.or(a.returned[lit])
		}
		return a.onlyResult(e, all)
	}
	return a.knownResult(e, c)
}

// onlyResult returns v as the value of a call. Of several results, the variables that
// they are assigned to decide.
func (a *analysis) onlyResult(e *ast.CallExpr, v value) value {
	if _, several := a.p.info.TypeOf(e).(*types.Tuple); several {
		return v
	}
	return a.only(e, v)
}

// knownResult returns what a function of another package returns that reads what it
// is given.
func (a *analysis) knownResult(e *ast.CallExpr, c callee) (all value) {
	if c.custom != reads && c.custom != readsRest {
		return value{outer: true}
	}
	for _, o := range c.operands {
		all = all.or(a.operand(o))
	}
	all.lits = nil
	switch t := under(a.typeOf(e)).(type) {
	case *types.Signature: // an iterator
		return all.held()
	case *types.Slice:
		if copies(c.path, c.name) {
			return a.typed(t.Elem(), all.element().held())
		}
	case *types.Map:
		if copies(c.path, c.name) {
			return a.typed(t.Elem(), all.element().held())
		}
	}
	return a.onlyResult(e, all)
}

func (a *analysis) builtinResult(e *ast.CallExpr, name string) (all value) {
	if len(e.Args) == 0 {
		return value{}
	}
	switch name {
	case "append":
		all = a.value(e.Args[0])
		if all.level == is && a.noRoom(e.Args[0]) {
			all = a.elements(e.Args[0]).held()
		}
		for _, arg := range e.Args[1:] {
			if e.Ellipsis.IsValid() {
				all = all.or(a.elements(arg).held())
			} else {
				v := a.value(arg)
				v.outer = false
				all = all.or(v.held())
			}
		}
	case "Add", "Slice", "SliceData": // of package unsafe
		return a.only(e, a.value(e.Args[0]))
	case "min", "max", "new", "make", "len", "cap", "copy":
	}
	return all
}

// elements returns the value of an element of a slice, an array or a map. It was there
// before the call, but what they are put into need not have been.
func (a *analysis) elements(e ast.Expr) value {
	v := a.value(e)
	v.outer = false
	switch t := under(a.typeOf(e)).(type) {
	case *types.Slice:
		return a.element(t.Elem(), v)
	case *types.Map:
		return a.element(t.Elem(), v)
	case *types.Array:
		return a.typed(t.Elem(), v)
	case *types.Pointer:
		if array, ok := t.Elem().Underlying().(*types.Array); ok {
			return a.element(array.Elem(), v)
		}
	}
	return value{}
}

// noRoom reports whether e is a slice to which append cannot append in place: x[:0:0],
// x[:n:n].
func (a *analysis) noRoom(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SliceExpr)
	if !ok || !s.Slice3 || s.Max == nil || s.High == nil {
		return false
	}
	if v := a.p.info.Types[s.Max].Value; v != nil && v.Kind() == constant.Int && constant.Sign(v) == 0 {
		return true
	}
	return types.ExprString(s.Max) == types.ExprString(s.High)
}
