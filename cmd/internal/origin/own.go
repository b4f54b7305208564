package origin

import "go/types"

// own returns the type parameters of methods' receivers whose values are not followed: what
// those of a generic state stand for is its user's business. It is not, if the package itself
// makes them a slice or something else that refers, as a field of type List[[]int] does.
func own(info *types.Info, methods []*types.Func) map[*types.TypeParam]bool {
	type use struct {
		param *types.TypeParam
		arg   types.Type
	}
	var uses []use
	for _, tv := range info.Types {
		if named := namedOf(tv.Type); named != nil {
			for i := range named.TypeArgs().Len() {
				uses = append(uses, use{named.Origin().TypeParams().At(i), named.TypeArgs().At(i)})
			}
		}
	}
	refer := map[*types.TypeParam]bool{}
	for changed := true; changed; { // a type argument may be another type's parameter
		changed = false
		for _, u := range uses {
			p, isParam := types.Unalias(u.arg).(*types.TypeParam)
			if !refer[u.param] && (isParam && refer[p] || !isParam && mayRefer(u.arg)) {
				refer[u.param], changed = true, true
			}
		}
	}
	all := map[*types.TypeParam]bool{}
	for _, fn := range methods {
		sig := fn.Signature()
		if named := namedOf(sig.Recv().Type()); named != nil {
			for i := range sig.RecvTypeParams().Len() {
				all[sig.RecvTypeParams().At(i)] = !refer[named.Origin().TypeParams().At(i)]
			}
		}
	}
	return all
}

// namedOf returns the type with a name that t is, or points to, or nil.
func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}
