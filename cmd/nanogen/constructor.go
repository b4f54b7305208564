package main

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
)

// A constructor is a function that makes the struct.
type constructor struct {
	name     string
	params   []*types.Var // without the context
	variadic bool
	ctx, err bool
	args     []types.Type // type arguments, if it is generic
}

// constructor returns the constructor of a service, or nil if it was refused.
func (m *modeler) constructor(s *service, t *types.Named) *constructor {
	fn := m.findConstructor(s)
	if fn == nil {
		return nil
	}
	pos, subject := m.fset.Position(fn.Pos()), fn.Name()
	sig := fn.Signature()
	c := &constructor{name: fn.Name(), variadic: sig.Variadic()}
	results := slices.Collect(sig.Results().Variables())
	if n := len(results); n == 2 && isError(results[1].Type()) {
		c.err, results = true, results[:1]
	}
	var made *types.Named
	if len(results) == 1 {
		if p, ok := types.Unalias(results[0].Type()).(*types.Pointer); ok {
			made, _ = types.Unalias(p.Elem()).(*types.Named)
		}
	}
	if made == nil || made.Origin() != t.Origin() {
		m.found.refuse(pos, subject, "a constructor of %s returns *%[1]s, or *%[1]s and an error", s.name)
		return nil
	}
	if sig, c.args = m.instantiate(s, sig, made); sig == nil {
		m.found.refuse(pos, subject, "does not make every %s: a constructor has the type parameters of the type, with constraints that are not narrower",
			types.TypeString(s.state, types.RelativeTo(m.pkg)))
		return nil
	}
	if where := m.elsewhere(fn, s.pos); where != "" {
		m.found.refuse(pos, subject, "is there only in a build with %s, and %s in others, too: the service would not compile in those", where, s.name)
	}
	c.params = slices.Collect(sig.Params().Variables())
	for _, p := range c.params {
		m.checkType(pos, subject, "parameter", p)
	}
	if len(c.params) > 0 && isContext(c.params[0].Type()) {
		c.ctx, c.params = true, c.params[1:]
	}
	return c
}

// findConstructor returns the function that was named, or New and the type's name.
// One that is not exported serves in its own package.
func (m *modeler) findConstructor(s *service) *types.Func {
	names := []string{"New" + title(s.name), "new" + title(s.name)}
	if m.build != "" {
		names = []string{m.build}
	}
	for _, name := range names {
		if !m.place.same && !token.IsExported(name) {
			continue
		}
		if fn, ok := m.pkg.Scope().Lookup(name).(*types.Func); ok {
			return fn
		}
	}
	name := names[0]
	switch _, there := m.pkg.Scope().Lookup(cmp.Or(m.build, names[len(names)-1])).(*types.Func); {
	case !m.place.same && there:
		m.found.refuse(s.pos, s.name, "no exported constructor, and the proxy is in another package")
	case m.build != "":
		m.found.refuse(s.pos, s.name, "there is no function %s, which -new names", name)
	default:
		m.found.refuse(s.pos, s.name, "no constructor: write func %s(…) (*%[2]s, error), or name it with -new", name, s.name)
	}
	return nil
}

// instantiate returns the constructor's signature for the type parameters of the
// service, and the type arguments of the call; nil if it has others. made is the
// struct as the constructor returns it.
func (m *modeler) instantiate(s *service, sig *types.Signature, made *types.Named) (*types.Signature, []types.Type) {
	if len(s.tparams) != sig.TypeParams().Len() {
		return nil, nil
	}
	if len(s.tparams) == 0 {
		return sig, nil
	}
	if made.TypeArgs().Len() != len(s.tparams) { // it does not compile
		return nil, nil
	}
	// The order of the parameters may be another one.
	args := make([]types.Type, sig.TypeParams().Len())
	for i := range made.TypeArgs().Len() {
		p, ok := made.TypeArgs().At(i).(*types.TypeParam)
		if !ok || args[p.Index()] != nil {
			return nil, nil
		}
		args[p.Index()] = s.tparams[i]
	}
	inst, err := types.Instantiate(nil, sig, args, true)
	if err != nil {
		return nil, nil
	}
	return inst.(*types.Signature), args
}
