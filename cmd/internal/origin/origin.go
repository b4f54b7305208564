package origin

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// Of returns where the value of e comes from, and if that is the struct, what
// to call it.
func (t *Trace) Of(e ast.Expr) (Origin, string) {
	e = ast.Unparen(e)
	if value := t.info.Types[e]; value.IsNil() || value.Value != nil {
		return Fresh, ""
	}
	switch e := e.(type) {
	case *ast.Ident:
		return t.variable(e)
	case *ast.BasicLit:
		return Fresh, ""
	case *ast.CompositeLit:
		return t.literal(e)
	case *ast.FuncLit:
		if t.captures(e) {
			return State, "a function that uses the receiver"
		}
	case *ast.UnaryExpr:
		if e.Op != token.AND {
			return Unknown, ""
		}
		if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			return t.literal(lit)
		}
		if t.inside(e.X) {
			return State, "&" + types.ExprString(e.X)
		}
	case *ast.SliceExpr:
		if _, array := t.under(e.X).(*types.Array); array && t.inside(e.X) {
			return State, types.ExprString(e)
		}
		if e.Slice3 && t.isZero(e.Max) {
			return Fresh, "" // x[:0:0] has room for nothing
		}
		return t.Of(e.X)
	case *ast.SelectorExpr:
		if sel := t.info.Selections[e]; sel != nil && sel.Kind() == types.MethodVal && t.isReceiver(e.X) && t.pointer {
			return State, "the method value " + types.ExprString(e)
		}
		return t.part(e)
	case *ast.IndexExpr:
		return t.part(e)
	case *ast.StarExpr:
		if t.isReceiver(e.X) {
			return t.whole(e)
		}
	case *ast.CallExpr:
		return t.call(e)
	}
	return Unknown, ""
}

// literal returns the origin of what a literal refers to: it is the struct's if any
// of its elements is.
func (t *Trace) literal(lit *ast.CompositeLit) (all Origin, what string) {
	all = Fresh
	for _, e := range lit.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		switch o, part := t.Of(e); {
		case o == State:
			return State, part
		case o == Copied:
			all, what = Copied, part
		case o != Fresh && all == Fresh && t.info.TypeOf(e) != nil && Refers(t.info.TypeOf(e)):
			all = Unknown
		}
	}
	return all, what
}

// under returns the underlying type of e, an invalid one if it is not known. That of
// v, ok := m[k] is v's.
func (t *Trace) under(e ast.Expr) types.Type {
	switch typ := t.info.TypeOf(e).(type) {
	case nil:
		return types.Typ[types.Invalid]
	case *types.Tuple:
		if typ.Len() == 0 {
			return types.Typ[types.Invalid]
		}
		return typ.At(0).Type().Underlying()
	default:
		return typ.Underlying()
	}
}

func (t *Trace) isZero(e ast.Expr) bool {
	v := t.info.Types[e].Value
	return v != nil && v.Kind() == constant.Int && constant.Sign(v) == 0
}

// part returns the origin of what stands in a field, or in what a field has.
func (t *Trace) part(e ast.Expr) (Origin, string) {
	if !t.reached(e) {
		return Unknown, ""
	}
	switch t.under(e).(type) {
	case *types.Slice, *types.Map, *types.Signature:
		return State, types.ExprString(e)
	}
	return t.whole(e)
}

// whole returns the origin of what a copy of a struct or an array in the struct refers
// to: it shares slices and maps. Those that other packages have for themselves are
// their business.
func (t *Trace) whole(e ast.Expr) (Origin, string) {
	typ := t.info.TypeOf(e)
	if typ == nil || !isWhole(typ) {
		return Unknown, ""
	}
	if field, ok := t.sharing(typ); ok {
		return Copied, types.ExprString(e) + ", whose copy shares " + strings.TrimPrefix(field, ".")
	}
	return Unknown, ""
}

// isWhole reports whether to assign a value of this type is to copy it, but not what it
// refers to.
func isWhole(typ types.Type) bool {
	switch typ.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// sharing returns what has to be written after a value of this type to get a slice or a
// map that its copies share.
func (t *Trace) sharing(typ types.Type) (field string, ok bool) {
	switch typ := typ.Underlying().(type) {
	case *types.Slice, *types.Map:
		return "", true
	case *types.Array:
		if typ.Len() > 0 {
			field, ok = t.sharing(typ.Elem())
			return "[0]" + field, ok
		}
	case *types.Struct:
		for f := range typ.Fields() {
			if f.Name() == "_" || !f.Exported() && f.Pkg() != t.pkg {
				continue
			}
			if field, ok = t.sharing(f.Type()); ok {
				return "." + f.Name() + field, true
			}
		}
	}
	return "", false
}

// isReceiver reports whether e is the receiver.
func (t *Trace) isReceiver(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && t.f.State != nil && t.info.Uses[id] == t.f.State
}

// inside reports whether e is a variable within the struct, so that its address is
// one of the struct's, or an element of one of its slices.
func (t *Trace) inside(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return false
	case *ast.StarExpr:
		return t.isReceiver(e.X) && t.pointer
	case *ast.SelectorExpr:
		sel := t.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal {
			return false
		}
		if t.isReceiver(e.X) {
			return t.pointer
		}
		_, pointer := t.under(e.X).(*types.Pointer)
		return !pointer && t.inside(e.X)
	case *ast.IndexExpr:
		switch t.under(e.X).(type) {
		case *types.Slice:
			return t.reached(e.X)
		case *types.Array:
			return t.inside(e.X)
		}
	}
	return false
}

// reached reports whether e names something in the struct by fields and indices
// alone.
func (t *Trace) reached(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		sel := t.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal {
			return false
		}
		if t.isReceiver(e.X) {
			return true
		}
		_, pointer := t.under(e.X).(*types.Pointer)
		return !pointer && t.reached(e.X)
	case *ast.IndexExpr:
		switch t.under(e.X).(type) {
		case *types.Slice, *types.Array, *types.Map:
			return t.reached(e.X)
		}
	}
	return false
}

// captures reports whether a function uses the receiver, which is a pointer.
func (t *Trace) captures(f *ast.FuncLit) (found bool) {
	if !t.pointer {
		return false
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && t.isReceiver(id) {
			found = true
		}
		return !found
	})
	return found
}

// freshCalls are functions that return what nobody else has.
var freshCalls = map[string]bool{
	"make": true, "new": true,
	"slices.Clone": true, "slices.Collect": true, "slices.Concat": true, "slices.Repeat": true,
	"slices.Sorted": true, "slices.SortedFunc": true, "slices.SortedStableFunc": true,
	"maps.Clone": true, "maps.Collect": true, "bytes.Clone": true,
	"errors.New": true, "fmt.Errorf": true, "strings.Split": true, "strings.Fields": true,
}

// call returns the origin of a call's result, or of a conversion.
func (t *Trace) call(e *ast.CallExpr) (Origin, string) {
	fun := t.info.Types[e.Fun]
	if fun.IsType() && len(e.Args) == 1 {
		switch t.under(e).(type) {
		case *types.Basic, *types.Array:
			return Fresh, "" // string(bytes) is a copy
		}
		if _, ok := t.under(e.Args[0]).(*types.Basic); ok {
			return Fresh, "" // and so is []byte(s)
		}
		return t.Of(e.Args[0])
	}
	name := t.callee(e)
	switch {
	case freshCalls[name]:
		return Fresh, ""
	case name == "append":
		return t.appended(e)
	}
	return Unknown, ""
}

// appended returns the origin of append's result: what it appends to, unless that
// has no room, as append([]T(nil), …) has not; and what it appends.
func (t *Trace) appended(e *ast.CallExpr) (Origin, string) {
	if len(e.Args) == 0 {
		return Unknown, ""
	}
	for _, arg := range e.Args[1:] {
		if o, part := t.Of(arg); (o == State || o == Copied) && !e.Ellipsis.IsValid() {
			return o, part
		}
	}
	if o, _ := t.Of(e.Args[0]); o == Fresh || o == same { // if it was fresh, it is
		return Fresh, ""
	}
	return Unknown, "" // there may be room or not
}

// callee returns the name of the builtin function that is called, or path and name
// of a function of a package; else "".
func (t *Trace) callee(e *ast.CallExpr) string {
	f := ast.Unparen(e.Fun)
	if x, ok := f.(*ast.IndexExpr); ok {
		f = x.X
	}
	switch f := f.(type) {
	case *ast.Ident:
		if _, ok := t.info.Uses[f].(*types.Builtin); ok {
			return f.Name
		}
	case *ast.SelectorExpr:
		if fn, ok := t.info.Uses[f.Sel].(*types.Func); ok && fn.Signature().Recv() == nil && fn.Pkg() != nil {
			return fn.Pkg().Path() + "." + fn.Name()
		}
	}
	return ""
}

// forgets reports whether a call keeps nothing of its arguments but in its results.
func (t *Trace) forgets(e *ast.CallExpr) bool {
	name := t.callee(e)
	pkg, _, _ := strings.Cut(name, ".")
	switch pkg {
	case "bytes", "fmt", "maps", "slices", "sort", "strings":
		return true
	}
	return name != "" && pkg == name || t.info.Types[e.Fun].IsType() // builtin functions, conversions
}
