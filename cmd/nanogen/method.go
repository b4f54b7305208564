package main

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// kind says how the caller of a method waits.
type kind uint8

const (
	tell   kind = iota // not at all
	call               // until there is an answer
	future             // when it likes
)

// A method is an exported method of a struct.
type method struct {
	name     string
	doc      *ast.CommentGroup
	kind     kind
	batched  bool         // a call that is answered after the commit of its batch
	params   []*types.Var // without the context
	variadic bool
	results  []*types.Var // without the error
	ctx, err *types.Var   // nil if it has none
	pos      token.Position
	local    bool           // other processes have it not
	lossy    bool           // what is lost on the way to them does not matter
	lossyAt  token.Position // where the method itself says so
	args     string         // the type of what other processes send; set by remoteNames
	answer   string         // and of what they are sent
	through  string         // the embedded field that it comes with; "" if it is the struct's own
}

// keeps reports whether the proxy's method has the same signature.
func (m *method) keeps() bool { return m.kind == call && m.ctx != nil && m.err != nil }

// methods returns the methods that the proxy will have: the struct's own in the
// order of the source, then those that come with embedded fields.
func (m *modeler) methods(s *service, spec *ast.TypeSpec) (all []*method) {
	embedded, through := m.embeddedDirectives(spec), set{}
	selections := slices.Collect(types.NewMethodSet(types.NewPointer(s.state)).Methods())
	slices.SortFunc(selections, m.order)
	for _, sel := range selections {
		if !sel.Obj().Exported() {
			continue
		}
		s.exported = true
		x := &method{name: sel.Obj().Name(), pos: m.fset.Position(sel.Obj().Pos())}
		fn := sel.Obj().(*types.Func)
		source := m.textOf(fn.Origin())
		said := source.directives
		m.found.group = ""
		if field := fieldOf(s.state, sel); field != nil {
			if m.isStubType(field.Type()) {
				continue // refused below
			}
			said = slices.Concat(embedded[field.Name()], said)
			if fn.Pkg() != m.pkg {
				x.pos = m.fset.Position(field.Pos())
				m.found.group = s.name + "." + field.Name()
			}
			x.through = field.Name()
			through.add(field.Name())
		}
		if m.method(s, x, fn, source, said) {
			all = append(all, x)
		}
	}
	m.found.group = ""
	m.embeddedStubs(s)
	for name, said := range embedded {
		for _, d := range said {
			switch {
			case isRemoteWord(d.word) && !m.remotes:
				m.found.refuse(d.pos, s.name, "//nano:%s does nothing without -remote", d.word)
			case !through[name]:
				m.found.refuse(d.pos, s.name, "//nano:%s stands at %s, with which no exported method comes: it would do nothing", d.word, name)
			}
		}
	}
	m.mutex(s)
	return all
}

// order puts methods of the struct itself before others.
func (m *modeler) order(a, b *types.Selection) int {
	p, q := m.fset.Position(a.Obj().Pos()), m.fset.Position(b.Obj().Pos())
	switch ownA, ownB := len(a.Index()) == 1, len(b.Index()) == 1; {
	case ownA && ownB:
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset))
	case ownA:
		return -1
	case ownB:
		return 1
	}
	return cmp.Compare(a.Obj().Name(), b.Obj().Name())
}

// fieldOf returns the embedded field through which a method is reached, or nil.
func fieldOf(state types.Type, sel *types.Selection) *types.Var {
	if len(sel.Index()) == 1 {
		return nil
	}
	return state.Underlying().(*types.Struct).Field(sel.Index()[0])
}

func (m *modeler) isStubType(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(*types.Named)
	return ok && m.isStub(named.Obj())
}

// embeddedStubs refuses embedded proxies that are not there yet: nobody knows their
// methods.
func (m *modeler) embeddedStubs(s *service) {
	for field := range s.state.Underlying().(*types.Struct).Fields() {
		if field.Embedded() && m.isStubType(field.Type()) {
			m.found.refuse(m.fset.Position(field.Pos()), s.name,
				"embeds %s, which has yet to be generated: generate that first", field.Name())
		}
	}
}

// method fills x from the struct's method. It reports whether the proxy has it.
func (m *modeler) method(s *service, x *method, fn *types.Func, source text, said []directive) bool {
	subject := s.name + "." + x.name
	chosen, ok := m.choice(subject, said)
	m.useless(fn, subject, chosen, source.directives)
	if !ok || chosen == saySkip || chosen == "" && isClose(fn) {
		return false
	}
	if chosen == "" && isCloseContext(fn) {
		m.found.refuse(x.pos, subject, "would not be called at the end of an incarnation: Close() error is, and Close(); "+
			"write that, or say //nano:call to have it a method as any other, or //nano:skip")
		return false
	}
	x.doc = source.doc
	x.shape(fn.Signature(), chosen)
	x.distant(said, source.directives)
	if chosen == "" && x.kind == tell {
		m.waits(x, fn, subject)
	}
	m.found.through = x.through
	defer func() { m.found.through = "" }()
	before := len(m.found.refusals)
	m.checkMethod(x, fn, subject)
	if where := m.elsewhere(fn.Origin(), s.pos); where != "" {
		m.found.refuse(x.pos, subject, "is there only in a build with %s, and %s in others, too: the service would not compile in those; "+
			"declare it for the others as well, or leave it out with //nano:skip", where, s.name)
	}
	m.checkStandard(x, subject)
	if len(m.found.refusals) == before && x.kind != tell {
		m.shares(x, subject, source.decl, has(said, sayShares))
	}
	return true
}

// isClose reports whether a method is the Close that the service calls, with an error or
// without.
func isClose(fn *types.Func) bool {
	return fn.Name() == "Close" && fn.Signature().Params().Len() == 0 && resultIsError(fn)
}

// isCloseContext reports whether a method is a Close that nothing calls.
func isCloseContext(fn *types.Func) bool {
	params := fn.Signature().Params()
	return fn.Name() == "Close" && params.Len() == 1 && isContext(params.At(0).Type()) && resultIsError(fn)
}

// resultIsError reports whether a method returns an error, or nothing.
func resultIsError(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() == 0 || results.Len() == 1 && isError(results.At(0).Type())
}

// shape sets what follows from a method's signature, and what a directive chose.
func (x *method) shape(sig *types.Signature, chosen string) {
	x.variadic = sig.Variadic()
	x.params = written(sig.Params())
	if len(x.params) > 0 && isContext(x.params[0].Type()) {
		x.ctx, x.params = x.params[0], x.params[1:]
	}
	x.results = written(sig.Results())
	if n := len(x.results); n > 0 && isError(x.results[n-1].Type()) {
		x.err, x.results = x.results[n-1], x.results[:n-1]
	}
	x.batched = chosen == sayBatched
	switch {
	case chosen == sayAsync, chosen == "" && sig.Results().Len() == 0:
		x.kind = tell
	case chosen == sayFuture:
		x.kind = future
	default:
		x.kind = call
	}
}

// written returns variables without names that cannot be written: the compiler
// gives some to the results of functions that return out of a range over a function.
func written(vars *types.Tuple) (all []*types.Var) {
	for v := range vars.Variables() {
		if v.Name() != "" && !token.IsIdentifier(v.Name()) {
			v = types.NewParam(v.Pos(), v.Pkg(), "", v.Type())
		}
		all = append(all, v)
	}
	return all
}

// choice returns what the directives of a method choose: a word, or "". It returns
// false if they are refused.
func (m *modeler) choice(subject string, said []directive) (chosen string, ok bool) {
	ok = true
	for _, d := range said {
		switch {
		case d.spaced:
			m.found.refuse(d.pos, subject, "a directive has no space in it: //nano:%s", d.word)
			ok = false
		case d.more:
			m.found.refuse(d.pos, subject, "more than one directive in a line: the others would do nothing")
			ok = false
		case !slices.Contains(words, d.word):
			m.found.refuse(d.pos, subject, "unknown directive //nano:%s: there are %s", d.word, strings.Join(words, ", "))
			ok = false
		case d.word == sayShares, isRemoteWord(d.word), d.word == chosen:
		case chosen != "":
			m.found.refuse(d.pos, subject, "//nano:%s contradicts //nano:%s", d.word, chosen)
			ok = false
		default:
			chosen = d.word
		}
	}
	return chosen, ok
}

// useless refuses directives at a method that change nothing there.
func (m *modeler) useless(fn *types.Func, subject, chosen string, said []directive) {
	seen := set{}
	for _, d := range said {
		switch {
		case d.spaced || d.more: // refused
		case seen[d.word]:
			m.found.refuse(d.pos, subject, "//nano:%s is there twice", d.word)
		case (d.word == sayShares || isRemoteWord(d.word)) && chosen == saySkip:
			m.found.refuse(d.pos, subject, "//nano:%s does nothing at a method that is left out", d.word)
		case isRemoteWord(d.word) && !m.remotes:
			m.found.refuse(d.pos, subject, "//nano:%s does nothing without -remote", d.word)
		case d.word == sayLocal && chosen == sayFuture:
			m.found.refuse(d.pos, subject, "//nano:local does nothing at a method with //nano:future: a future stays in its process anyway")
		case d.word == sayLossy && (chosen == sayFuture || has(said, sayLocal)):
			m.found.refuse(d.pos, subject, "//nano:lossy does nothing at a method that stays in its process")
		case d.word == sayShares && fn.Signature().Results().Len() == 0:
			m.found.refuse(d.pos, subject, "//nano:shares does nothing at a method without results")
		case d.word == sayShares && chosen == sayAsync:
			m.found.refuse(d.pos, subject, "//nano:shares does nothing at a method whose results are lost")
		case d.word == sayShares && !slices.ContainsFunc(slices.Collect(fn.Signature().Results().Variables()), canShare):
			m.found.refuse(d.pos, subject, "//nano:shares does nothing at a method whose results share nothing")
		case d.word == sayCall && fn.Signature().Results().Len() > 0 && !isClose(fn) && !isCloseContext(fn):
			m.found.refuse(d.pos, subject, "//nano:call does nothing at a method with results: its caller waits anyway")
		case d.word == saySkip && isClose(fn):
			m.found.refuse(d.pos, subject, "//nano:skip does nothing: the service calls it at the end of an incarnation, and no proxy has it; see actor.WithoutClose")
		}
		seen.add(d.word)
	}
}

// canShare reports whether a result is more than a number, a string, a boolean or an error.
func canShare(result *types.Var) bool {
	t, basic := result.Type().Underlying().(*types.Basic)
	return !isError(result.Type()) && (!basic || t.Kind() == types.UnsafePointer || t.Kind() == types.Invalid)
}

// checkMethod refuses what cannot be a service's method.
func (m *modeler) checkMethod(x *method, fn *types.Func, subject string) {
	if x.kind == future && x.ctx != nil {
		m.found.refuse(x.pos, subject, "//nano:future on a method with a context: a future's closure has none")
	}
	if x.batched && x.ctx != nil {
		m.found.refuse(x.pos, subject, "//nano:batched on a method with a context: a batched call's closure has none")
	}
	onlyError := len(x.params) == 0 && (x.kind == tell && x.ctx != nil || x.kind == call && len(x.results) == 0)
	if x.name == "Serve" && onlyError {
		m.found.refuse(x.pos, subject, "the proxy's method would be Serve(context.Context) error, and supervisors would take it "+
			"for the service's: rename it, or leave it out with //nano:skip")
	}
	for v := range fn.Signature().Params().Variables() {
		m.checkType(x.pos, subject, "parameter", v)
	}
	for v := range fn.Signature().Results().Variables() {
		m.checkType(x.pos, subject, "result", v)
	}
	if t := receiverOf(fn); t != nil {
		if lock := lockIn(t); lock != nil {
			m.found.refuse(x.pos, subject, "has a value receiver, and each call would copy %s",
				types.TypeString(lock, (*types.Package).Name))
		}
	}
}

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context"
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
