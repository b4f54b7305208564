package origin

import "go/types"

const actorPath = "github.com/bruskajp/nano_services/actor"

// Refers reports whether a value of this type may refer to what others can change.
func Refers(t types.Type) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
		if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == actorPath {
			return false // services are there to be shared
		}
		return true
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Signature, *types.Interface:
		return true
	}
	return false
}
