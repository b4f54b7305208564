package uses

import "go/types"

const (
	module    = "github.com/bruskajp/nano_services"
	actorPath = module + "/actor"
)

// A reference is how a value refers to what its owner may use at the same time.
type reference uint8

const (
	noReference reference = iota
	channel
	pointer
	slice
	mapping
	iface // with methods
	function
)

var referenceNames = [...]string{channel: "a channel", pointer: "a pointer", slice: "a slice", mapping: "a map",
	iface: "an interface with methods", function: "a function"}

// refers returns how a value of a type refers to what its owner may use, and whether
// that is in a field or an element of it. Of a struct, the fields count that the
// package can name: what others have for themselves is their business, as the location
// of a time.Time. What any and type parameters stand for is not known, errors do not
// change, and services are there to be shared.
func (p *Package) refers(t types.Type) (r reference, nested bool) { return p.refersIn(t, 0) }

func (p *Package) refersIn(t types.Type, depth int) (r reference, nested bool) {
	if t == nil || depth > 20 { // an invalid type may have itself in it
		return noReference, false
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return noReference, false
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return function, false
	case *types.Interface:
		if u.NumMethods() > 0 && !isError(t) {
			return iface, false
		}
	case *types.Pointer:
		if named, ok := types.Unalias(u.Elem()).(*types.Named); !ok || !isOf(named.Obj(), actorPath) {
			return pointer, false
		}
	case *types.Basic:
		if u.Kind() == types.UnsafePointer {
			return pointer, false
		}
	case *types.Slice:
		return slice, false
	case *types.Map:
		return mapping, false
	case *types.Chan:
		return channel, false
	case *types.Array:
		r, _ = p.refersIn(u.Elem(), depth+1)
		return r, true
	case *types.Struct:
		for f := range u.Fields() {
			if f.Exported() || f.Pkg() != nil && f.Pkg().Path() == p.pkg.Path() {
				in, _ := p.refersIn(f.Type(), depth+1)
				r = max(r, in)
			}
		}
		return r, true
	}
	return noReference, false
}

// tracked reports whether a value of a type can be used beside its owner. What is done
// with a channel is looked at, whose ever it is.
func (p *Package) tracked(t types.Type) bool {
	r, _ := p.refers(t)
	return r > channel
}

// byTypes returns the uses of a function that is not read: all that its parameters
// allow, and that of its name.
func (p *Package) byTypes(fn *types.Func) (all []Use) {
	sig := fn.Signature()
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		t := v.Type()
		if s, ok := t.(*types.Slice); ok && sig.Variadic() && i == sig.Params().Len()-1 {
			t = s.Elem()
		}
		r, nested := p.refers(t)
		if r == noReference || i == 0 && isContext(t) {
			continue
		}
		text := "is not read, and " + nameOf(v) + " is " + referenceNames[r]
		if nested {
			text = "is not read, and " + nameOf(v) + " has " + referenceNames[r] + " in it"
		}
		all = append(all, Use{Reason: Unread, Param: v, Pos: fn.Pos(), Text: text})
	}
	if fn.Name() == "Wait" {
		all = append(all, Use{Reason: Unread, Pos: fn.Pos(), Text: "is not read, and is called Wait"})
	}
	return all
}

func nameOf(v *types.Var) string {
	if v.Name() == "" || v.Name() == "_" {
		return "a parameter"
	}
	return v.Name()
}

// reasonFor returns which kind of use it is to pass a value to a function that is not
// known.
func reasonFor(t types.Type) Reason {
	switch u := under(t).(type) {
	case *types.Signature:
		return Calls
	case *types.Interface:
		if u.NumMethods() > 0 {
			return Asks
		}
	}
	return Writes
}

// under returns the underlying type of a value, an invalid one if it is not known.
func under(t types.Type) types.Type {
	if t = first(t); t == nil {
		return types.Typ[types.Invalid]
	}
	return t.Underlying()
}

// first returns the type of a value; of two values, as of v, ok := m[k], that of the
// first.
func first(t types.Type) types.Type {
	tuple, ok := t.(*types.Tuple)
	switch {
	case !ok:
		return t
	case tuple.Len() > 0:
		return tuple.At(0).Type()
	}
	return nil
}

func isPointer(t types.Type) bool {
	_, ok := under(t).(*types.Pointer)
	return ok
}

func isFunction(t types.Type) bool {
	_, ok := under(t).(*types.Signature)
	return ok
}

func isInterface(t types.Type) bool {
	_, ok := under(t).(*types.Interface)
	return ok
}

// isContainer reports whether a value is a slice or a map: what is put into it changes
// nothing behind its elements.
func isContainer(t types.Type) bool {
	switch under(t).(type) {
	case *types.Slice, *types.Map:
		return true
	}
	return false
}

func isOf(obj types.Object, path string) bool { return obj.Pkg() != nil && obj.Pkg().Path() == path }

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && isOf(named.Obj(), "context")
}
