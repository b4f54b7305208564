package main

import (
	"go/types"
	"slices"
)

// A culprit is what keeps a value from arriving in another process as it was.
type culprit struct {
	path   string // as in Order.Lines[].Done
	what   string // its type, or what is wrong with the field
	reason string
	loses  bool // it arrives, and not whole: //nano:lossy accepts that
}

func (c culprit) String() string { return c.path + ": " + c.what + ": " + c.reason }

// A crossing looks for what cannot cross to another process in the types of a method.
// What it accepts, the codec of package remote brings over equal, or else refuses when it
// is sent.
type crossing struct {
	source   *source
	culprits []culprit
	seen     []types.Type // named types that were looked at: each is told once
}

func (c *crossing) refuse(path, what, reason string) {
	c.culprits = append(c.culprits, culprit{path, what, reason, false})
}

func (c *crossing) loses(path, what, reason string) {
	c.culprits = append(c.culprits, culprit{path, what, reason, true})
}

// value looks at a parameter or result. Its path begins with the name of its type, or, if
// that has none, with its own.
func (c *crossing) value(name string, t types.Type) {
	t = types.Unalias(t)
	elem := t
	if p, ok := t.(*types.Pointer); ok {
		elem = types.Unalias(p.Elem())
	}
	if named, ok := elem.(*types.Named); ok && named.Obj().Pkg() != nil && !isContext(t) {
		name = named.Obj().Name()
	}
	c.walk(name, t)
}

func (c *crossing) walk(path string, t types.Type) {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		switch {
		case isContext(t):
			c.refuse(path, "context.Context", "only a context that comes first crosses, as a deadline and a cancellation")
			return
		case c.source.isStub(named.Obj()) || isServed(named):
			c.refuse(path, c.said(t), "a service stays in its process; pass the name under which others call it")
			return
		case slices.ContainsFunc(c.seen, func(u types.Type) bool { return types.Identical(t, u) }):
			return
		}
		c.seen = append(c.seen, t)
	}
	if c.marshaled(path, t) {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		c.basic(path, t, u)
	case *types.Pointer:
		c.pointer(path, t, u)
	case *types.Slice:
		c.walk(path+"[]", u.Elem())
	case *types.Array:
		c.walk(path+"[]", u.Elem())
	case *types.Map:
		c.key(path+"[key]", u.Key())
		c.walk(path+"[]", u.Elem())
	case *types.Struct:
		c.structure(path, u)
	case *types.Chan:
		c.refuse(path, c.said(t), "a channel stays in its process")
	case *types.Signature:
		c.refuse(path, c.said(t), "a function stays in its process")
	case *types.Interface:
		if isError(t) {
			c.refuse(path, "error", "an error crosses only as the last result of a method")
			return
		}
		c.refuse(path, c.said(t), "the other side cannot know which type is in an interface")
	default:
		c.refuse(path, c.said(t), "there is no such value in another process")
	}
}

// isServed reports whether a type is a service, or the proxy of one: it can be served.
func isServed(t *types.Named) bool {
	if types.IsInterface(t) {
		return false
	}
	sel := types.NewMethodSet(types.NewPointer(t)).Lookup(nil, "Serve")
	if sel == nil {
		return false
	}
	sig := sel.Type().(*types.Signature)
	return sig.Params().Len() == 1 && isContext(sig.Params().At(0).Type()) &&
		sig.Results().Len() == 1 && isError(sig.Results().At(0).Type())
}

// said returns a type as messages have it.
func (c *crossing) said(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.source.pkg {
			return ""
		}
		return p.Name()
	})
}

func (c *crossing) basic(path string, t types.Type, b *types.Basic) {
	switch {
	case b.Kind() == types.Invalid: // refused already
	case b.Kind() == types.UnsafePointer, b.Kind() == types.Uintptr:
		c.refuse(path, c.said(t), "an address means nothing in another process")
	case b.Info()&types.IsComplex != 0:
		c.refuse(path, c.said(t), "there are no complex numbers on the wire; pass the two parts")
	}
}

// pointer looks at what a pointer leads to. On the wire there is one nil only.
func (c *crossing) pointer(path string, t types.Type, p *types.Pointer) {
	before := len(c.culprits)
	c.walk(path, p.Elem())
	if len(c.culprits) > before || c.codec(p.Elem()) != "" {
		return
	}
	switch p.Elem().Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map:
		c.refuse(path, c.said(t), "a pointer to a nil would arrive as a nil pointer")
	}
}

// key looks at the key of a map: what is equal here has to be equal there, and what is not
// has to stay so.
func (c *crossing) key(path string, t types.Type) {
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&(types.IsBoolean|types.IsString|types.IsInteger|types.IsFloat) == 0 || b.Kind() == types.Uintptr || c.codec(t) != "" {
		c.refuse(path, c.said(t), "keys are strings, numbers and booleans without a codec of their own: of others it is not known whether they are equal on arrival")
	}
}
