package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// origin says where a value comes from, as far as it can be told from the text of
// one method.
type origin uint8

const (
	unknown origin = iota // cannot be told
	fresh                 // made by the method: nobody else has it
	state                 // part of the struct, by reference
	copied                // a copy of a part of the struct that shares what this refers to
	same                  // what the variable had that is being looked at
)

// origin returns where the value of e comes from, and if that is the struct, what
// to call it.
func (t *tracer) origin(e ast.Expr) (origin, string) {
	e = ast.Unparen(e)
	if value := t.info.Types[e]; value.IsNil() || value.Value != nil {
		return fresh, ""
	}
	switch e := e.(type) {
	case *ast.Ident:
		return t.variable(e)
	case *ast.BasicLit:
		return fresh, ""
	case *ast.CompositeLit:
		return t.literal(e)
	case *ast.FuncLit:
		if t.captures(e) {
			return state, "a function that uses the receiver"
		}
	case *ast.UnaryExpr:
		if e.Op != token.AND {
			return unknown, ""
		}
		if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			return t.literal(lit)
		}
		if t.inside(e.X) {
			return state, "&" + types.ExprString(e.X)
		}
	case *ast.SliceExpr:
		if _, array := t.under(e.X).(*types.Array); array && t.inside(e.X) {
			return state, types.ExprString(e)
		}
		if e.Slice3 && t.isZero(e.Max) {
			return fresh, "" // x[:0:0] has room for nothing
		}
		return t.origin(e.X)
	case *ast.SelectorExpr:
		if sel := t.info.Selections[e]; sel != nil && sel.Kind() == types.MethodVal && t.isReceiver(e.X) && t.pointer {
			return state, "the method value " + types.ExprString(e)
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
	return unknown, ""
}

// literal returns the origin of what a literal refers to: it is the struct's if any
// of its elements is.
func (t *tracer) literal(lit *ast.CompositeLit) (all origin, what string) {
	all = fresh
	for _, e := range lit.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		switch o, part := t.origin(e); {
		case o == state:
			return state, part
		case o == copied:
			all, what = copied, part
		case o != fresh && all == fresh && t.info.TypeOf(e) != nil && refers(t.info.TypeOf(e)):
			all = unknown
		}
	}
	return all, what
}

// under returns the underlying type of e, an invalid one if it is not known. That of
// v, ok := m[k] is v's.
func (t *tracer) under(e ast.Expr) types.Type {
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

func (t *tracer) isZero(e ast.Expr) bool {
	v := t.info.Types[e].Value
	return v != nil && v.Kind() == constant.Int && constant.Sign(v) == 0
}

// part returns the origin of what stands in a field, or in what a field has.
func (t *tracer) part(e ast.Expr) (origin, string) {
	if !t.reached(e) {
		return unknown, ""
	}
	switch t.under(e).(type) {
	case *types.Slice, *types.Map, *types.Signature:
		return state, types.ExprString(e)
	}
	return t.whole(e)
}

// whole returns the origin of what a copy of a struct or an array in the struct refers
// to: it shares slices and maps. Those that other packages have for themselves are
// their business.
func (t *tracer) whole(e ast.Expr) (origin, string) {
	typ := t.info.TypeOf(e)
	if typ == nil || !isWhole(typ) {
		return unknown, ""
	}
	if field, ok := t.sharing(typ); ok {
		return copied, types.ExprString(e) + ", whose copy shares " + strings.TrimPrefix(field, ".")
	}
	return unknown, ""
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
func (t *tracer) sharing(typ types.Type) (field string, ok bool) {
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
			if f.Name() == "_" || !f.Exported() && f.Pkg() != t.receiver.Pkg() {
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
func (t *tracer) isReceiver(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && t.receiver != nil && t.info.Uses[id] == t.receiver
}

// inside reports whether e is a variable within the struct, so that its address is
// one of the struct's, or an element of one of its slices.
func (t *tracer) inside(e ast.Expr) bool {
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
func (t *tracer) reached(e ast.Expr) bool {
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
func (t *tracer) captures(f *ast.FuncLit) (found bool) {
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
func (t *tracer) call(e *ast.CallExpr) (origin, string) {
	fun := t.info.Types[e.Fun]
	if fun.IsType() && len(e.Args) == 1 {
		switch t.under(e).(type) {
		case *types.Basic, *types.Array:
			return fresh, "" // string(bytes) is a copy
		}
		if _, ok := t.under(e.Args[0]).(*types.Basic); ok {
			return fresh, "" // and so is []byte(s)
		}
		return t.origin(e.Args[0])
	}
	name := t.callee(e)
	switch {
	case freshCalls[name]:
		return fresh, ""
	case name == "append":
		return t.appended(e)
	}
	return unknown, ""
}

// appended returns the origin of append's result: what it appends to, unless that
// has no room, as append([]T(nil), …) has not; and what it appends.
func (t *tracer) appended(e *ast.CallExpr) (origin, string) {
	if len(e.Args) == 0 {
		return unknown, ""
	}
	for _, arg := range e.Args[1:] {
		if o, part := t.origin(arg); (o == state || o == copied) && !e.Ellipsis.IsValid() {
			return o, part
		}
	}
	if o, _ := t.origin(e.Args[0]); o == fresh || o == same { // if it was fresh, it is
		return fresh, ""
	}
	return unknown, "" // there may be room or not
}

// callee returns the name of the builtin function that is called, or path and name
// of a function of a package; else "".
func (t *tracer) callee(e *ast.CallExpr) string {
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
func (t *tracer) forgets(e *ast.CallExpr) bool {
	name := t.callee(e)
	pkg, _, _ := strings.Cut(name, ".")
	switch pkg {
	case "bytes", "fmt", "maps", "slices", "sort", "strings":
		return true
	}
	return name != "" && pkg == name || t.info.Types[e.Fun].IsType() // builtin functions, conversions
}
