package origin

import "go/types"

const actorPath = "github.com/bruskajp/nano_services/actor"

// shareable are types of the standard library, and interfaces, that refer to what does
// not change or may be used by several goroutines.
var shareable = map[string]bool{
	"context.Context": true, "database/sql.DB": true, "log.Logger": true, "log/slog.Logger": true, "net/http.Client": true,
	"net/netip.Addr": true, "net/netip.AddrPort": true, "net/netip.Prefix": true, "reflect.Type": true,
	"regexp.Regexp": true, "time.Location": true, "time.Time": true,
}

// isShareable reports whether a named type is one of those, or a service.
func isShareable(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	obj := named.Obj()
	if obj.Pkg() == nil {
		return obj.Name() == "error"
	}
	return obj.Pkg().Path() == actorPath || shareable[obj.Pkg().Path()+"."+obj.Name()]
}

// under returns the underlying type of t; that of a type parameter is what all types of
// its type set have, or t itself.
func under(t types.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return t.Underlying()
	}
	var core types.Type
	constraint, ok := p.Constraint().Underlying().(*types.Interface)
	if !ok { // it does not compile
		return t
	}
	for e := range constraint.EmbeddedTypes() {
		union, ok := e.(*types.Union)
		if !ok {
			union = types.NewUnion([]*types.Term{types.NewTerm(false, e)})
		}
		for term := range union.Terms() {
			u := term.Type().Underlying()
			if _, ok := u.(*types.Interface); ok || core != nil && !types.Identical(core, u) {
				return t
			}
			core = u
		}
	}
	if core == nil {
		return t
	}
	return core
}

// Refers reports whether a value of this type may refer to what others can change. What
// has no names in package home is the business of the package that hides it there.
func Refers(t types.Type, home *types.Package) bool {
	return refers(t, func(f *types.Var) bool { return f.Exported() || f.Pkg() == home }, false, 0)
}

// mayRefer reports whether values of this type have to be followed.
func mayRefer(t types.Type) bool { return refers(t, func(*types.Var) bool { return true }, true, 0) }

func refers(t types.Type, visible func(*types.Var) bool, follow bool, depth int) bool {
	if t == nil || depth > 20 { // a struct that contains itself does not compile
		return true
	}
	if isShareable(t) {
		return false
	}
	switch t := under(t).(type) {
	case *types.Basic:
		return t.Kind() == types.Invalid || t.Kind() == types.UnsafePointer
	case *types.Pointer:
		return !isShareable(t.Elem())
	case *types.TypeParam, *types.Chan:
		return follow
	case *types.Array:
		return t.Len() != 0 && refers(t.Elem(), visible, follow, depth+1)
	case *types.Struct:
		for f := range t.Fields() {
			if f.Name() != "_" && visible(f) && refers(f.Type(), visible, follow, depth+1) {
				return true
			}
		}
		return false
	}
	return true // a slice, map, function or interface
}
