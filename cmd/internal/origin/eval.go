package origin

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// eval returns what an expression may be. Of several results it is the first.
func (in *interp) eval(e *env, x ast.Expr) value {
	x = ast.Unparen(x)
	tv := in.info.Types[x]
	if tv.IsNil() || tv.Value != nil || tv.IsType() {
		return nil
	}
	v := in.evalAny(e, x)
	if t := in.typeOf(x); t != nil && !in.follows(t) {
		return nil
	}
	return v
}

// typeOf returns the type of x, or nil. That of v, ok := m[k] is v's.
func (in *interp) typeOf(x ast.Expr) types.Type {
	switch t := in.info.TypeOf(x).(type) {
	case nil:
		return nil
	case *types.Tuple:
		if t.Len() == 0 {
			return nil
		}
		return t.At(0).Type()
	default:
		return t
	}
}

func (in *interp) evalAny(e *env, x ast.Expr) value {
	switch x := x.(type) {
	case *ast.Ident:
		return in.ident(e, x)
	case *ast.CompositeLit:
		return in.literal(e, x)
	case *ast.FuncLit:
		return value{closure{x, in.fr}}
	case *ast.UnaryExpr:
		return in.unary(e, x)
	case *ast.BinaryExpr:
		in.eval(e, x.X)
		in.eval(e, x.Y)
		return nil
	case *ast.SliceExpr:
		return in.slice(e, x)
	case *ast.SelectorExpr:
		return in.selector(e, x)
	case *ast.IndexExpr:
		if in.isFunction(x.X) { // f[T]
			return in.eval(e, x.X)
		}
		in.eval(e, x.Index)
		return in.at(e, in.places(e, x))
	case *ast.IndexListExpr:
		return in.eval(e, x.X)
	case *ast.StarExpr:
		return in.at(e, in.places(e, x))
	case *ast.TypeAssertExpr:
		return in.eval(e, x.X)
	case *ast.CallExpr:
		return first(in.call(e, x))
	}
	return value{unknown{}}
}

func first(all []value) value {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func (in *interp) isFunction(x ast.Expr) bool {
	_, ok := under(in.info.TypeOf(x)).(*types.Signature)
	return ok
}

// evalTuple returns the n values of an expression: a call, or v, ok := x.
func (in *interp) evalTuple(e *env, x ast.Expr, n int) []value {
	var all []value
	if c, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		all = slices.Clone(in.call(e, c))
		if tuple, ok := in.info.TypeOf(c).(*types.Tuple); ok {
			for i := range min(len(all), tuple.Len()) {
				if !mayRefer(tuple.At(i).Type()) {
					all[i] = nil
				}
			}
		}
	} else {
		all = []value{in.eval(e, x)}
	}
	for len(all) < n {
		all = append(all, nil)
	}
	return all
}

func (in *interp) ident(e *env, id *ast.Ident) value {
	switch obj := in.object(id).(type) {
	case *types.Var:
		if v, ok := e.mem[in.siteOf(obj)]; ok || !in.isOuter(obj) {
			return v
		}
	case *types.Func, *types.Builtin, *types.Nil:
		return nil // a function of the package has no state
	}
	return value{unknown{}}
}

func (in *interp) unary(e *env, x *ast.UnaryExpr) value {
	switch x.Op {
	case token.AND:
		if lit, ok := ast.Unparen(x.X).(*ast.CompositeLit); ok {
			v := in.eval(e, lit)
			if isWholeType(in.info.TypeOf(lit)) {
				return in.allocate(e, lit.Lbrace, v)
			}
			return in.allocate(e, lit.Rbrace, v)
		}
		return pointers(in.places(e, x.X))
	case token.ARROW:
		return received(e, in.eval(e, x.X))
	}
	in.eval(e, x.X)
	return nil
}

// isWholeType reports whether to assign a value of this type is to copy it, but not what
// it refers to.
func isWholeType(t types.Type) bool {
	switch under(t).(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// allocate makes memory. If the same expression has made some before, in a loop, this
// stands for all of it.
func (in *interp) allocate(e *env, pos token.Pos, v value) value {
	at := site{pos, in.fr.ctx}
	if old, ok := e.mem[at]; ok {
		v = join(old, v)
	}
	e.mem[at] = v
	if p, ok := e.stored[at]; ok {
		p.doubt = true // that was another one
		e.stored[at] = p
	}
	return value{memory{at: at}}
}

func (in *interp) slice(e *env, x *ast.SliceExpr) (all value) {
	for _, i := range []ast.Expr{x.Low, x.High, x.Max} {
		in.evalOptional(e, i)
	}
	if x.Slice3 && in.isZero(x.Max) {
		return nil // x[:0:0] has room for nothing
	}
	t := in.info.TypeOf(x.X)
	if p := pointerTo(t); p != nil {
		return in.arraySlice(pointees(in.eval(e, x.X)), types.ExprString(x))
	}
	if _, array := under(t).(*types.Array); array {
		return in.arraySlice(in.places(e, x.X), types.ExprString(x))
	}
	return in.eval(e, x.X)
}

// arraySlice returns the slices of arrays.
func (in *interp) arraySlice(arrays []place, text string) (all value) {
	for _, p := range arrays {
		switch {
		case p.part != nil:
			q := *p.part
			if a, ok := under(q.typ).(*types.Array); ok {
				q.typ = types.NewSlice(a.Elem())
			}
			q.text = text
			all = join(all, value{q})
		case p.other != nil:
			all = join(all, p.other)
		default:
			all = join(all, value{memory{p.at, p.steps}})
		}
	}
	return all
}

func (in *interp) selector(e *env, x *ast.SelectorExpr) value {
	sel := in.info.Selections[x]
	switch {
	case sel == nil:
		if id, ok := x.X.(*ast.Ident); ok {
			if _, ok := in.info.Uses[id].(*types.PkgName); ok {
				return in.ident(e, x.Sel)
			}
		}
		in.eval(e, x.X)
		return value{unknown{}}
	case sel.Kind() == types.MethodVal:
		return in.methodValue(e, x)
	case sel.Kind() == types.MethodExpr:
		return nil
	}
	return in.at(e, in.places(e, x))
}

// methodValue returns a method that is not called now: it has its receiver.
func (in *interp) methodValue(e *env, x *ast.SelectorExpr) value {
	recv := in.receiver(e, x)
	if o, _ := in.verdict(e, recv, map[string]bool{}); o == State && !isWhole(recv) {
		return value{part{path: tooDeep, text: "the method value " + types.ExprString(x), typ: in.info.TypeOf(x)}}
	}
	return in.allocate(e, x.Sel.Pos(), value{record{}.with("receiver", recv)})
}

// literal returns the value of a composite literal.
func (in *interp) literal(e *env, lit *ast.CompositeLit) value {
	t := under(in.info.TypeOf(lit))
	if p, ok := t.(*types.Pointer); ok { // []*T{{}}
		t = under(p.Elem())
		v := in.literalOf(e, lit, t)
		return in.allocate(e, lit.Lbrace, v)
	}
	v := in.literalOf(e, lit, t)
	switch t.(type) {
	case *types.Slice, *types.Map:
		return in.allocate(e, lit.Lbrace, v)
	}
	return v
}

func (in *interp) literalOf(e *env, lit *ast.CompositeLit, t types.Type) value {
	r := value{record{}}
	for i, x := range lit.Elts {
		name, key := "", ast.Expr(nil)
		if pair, ok := x.(*ast.KeyValueExpr); ok {
			key, x = pair.Key, pair.Value
		}
		v := in.eval(e, x)
		switch t := t.(type) {
		case *types.Struct:
			if id, ok := key.(*ast.Ident); ok {
				name = id.Name
			} else if i < t.NumFields() {
				name = t.Field(i).Name()
			}
			if name != "" {
				r = r.set([]string{name}, v, true)
			}
			continue
		case *types.Map:
			if t.Key() != nil && mayRefer(t.Key()) {
				r = r.set([]string{mapKey}, in.eval(e, key), false)
			}
		}
		if key != nil {
			name = in.indexOf(e, key)
		} else if len(lit.Elts) < 100 {
			name = constantName(strconv.Itoa(i))
		}
		if isConstant(name) {
			r = r.set([]string{"[" + name + "]"}, v, true)
		} else {
			o, _ := in.verdict(e, v, map[string]bool{})
			r = value{r[0].(record)}.add(v, isState(o))
		}
	}
	return r
}

// captured returns the variables of other functions that a literal uses.
func (in *interp) captured(e *env, c closure) (all []site) {
	fr := in.fr
	in.fr = c.fr
	defer func() { in.fr = fr }()
	ast.Inspect(c.lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if v, ok := in.info.Uses[id].(*types.Var); ok && !v.IsField() && !(c.lit.Pos() <= v.Pos() && v.Pos() < c.lit.End()) {
			if at := in.siteOf(v); !slices.Contains(all, at) {
				all = append(all, at)
			}
		}
		return true
	})
	return all
}
