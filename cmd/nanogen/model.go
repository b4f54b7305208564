package main

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A service is a struct and what becomes of it.
type service struct {
	name     string     // of the struct
	state    types.Type // the struct with its own type parameters as arguments
	tparams  []*types.TypeParam
	pos      token.Position
	build    *constructor
	methods  []*method
	alias    string // under which the proxy embeds its service, or the field that has it
	embedded bool
	accessor string // of the service
}

// What is generated for a type has these names.
func proxyName(t string) string { return t + "Service" }
func callsName(t string) string { return t + "Calls" }

// resultsName is the type of the results of a future that has several.
func resultsName(s *service, m *method) string { return s.name + m.name + "Results" }

func (s *service) proxy() string { return proxyName(s.name) }
func (s *service) calls() string { return callsName(s.name) }
func (s *service) newName() string {
	if token.IsExported(s.name) {
		return "New" + s.proxy()
	}
	return "new" + title(s.proxy())
}

// title returns name with an upper-case letter at its beginning.
func title(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}

// lower returns name with its first word in lower case: httpCache, db, counter.
func lower(name string) string {
	all := []rune(name)
	for i, r := range all {
		if i > 0 && (!unicode.IsUpper(r) || i+1 < len(all) && unicode.IsLower(all[i+1])) {
			break
		}
		all[i] = unicode.ToLower(r)
	}
	return string(all)
}

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
	params   []*types.Var // without the context
	variadic bool
	results  []*types.Var // without the error
	ctx, err *types.Var   // nil if it has none
	pos      token.Position
}

// keeps reports whether the proxy's method has the same signature.
func (m *method) keeps() bool { return m.kind == call && m.ctx != nil && m.err != nil }

// modeler makes services of structs.
type modeler struct {
	*source
	place *place
	found *findings
	build string // the name of the constructor, if it was given

	aliases set // of the services so far
}

// services returns a service for each name, in their order. What cannot be one is
// refused.
func (m *modeler) services(names []string) (all []*service) {
	m.aliases = set{}
	for _, name := range names {
		if s := m.service(name); s != nil {
			all = append(all, s)
		}
	}
	m.misplaced(m.found)
	return all
}

func (m *modeler) service(name string) *service {
	spec, t := m.structOf(name)
	if t == nil {
		return nil
	}
	s := &service{name: name, pos: m.fset.Position(spec.Name.Pos())}
	if !m.place.same && !spec.Name.IsExported() {
		m.found.refuse(s.pos, name, "is not exported, and the proxy is in another package")
	}
	s.state, s.tparams = selfInstance(t)
	s.build = m.constructor(s, t)
	s.methods = m.methods(s, spec)
	m.names(s)
	return s
}

// structOf returns the declaration of a struct of the package.
func (m *modeler) structOf(name string) (*ast.TypeSpec, *types.Named) {
	obj, ok := m.pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok || m.isStub(obj) {
		pos := calledFrom()
		if obj := m.pkg.Scope().Lookup(name); obj != nil && !ok {
			pos = m.fset.Position(obj.Pos())
		}
		m.found.refuse(pos, name, "is no type of package %s", m.pkg.Name())
		return nil, nil
	}
	pos := m.fset.Position(obj.Pos())
	t, ok := obj.Type().(*types.Named)
	switch {
	case obj.IsAlias():
		m.found.refuse(pos, name, "is another name of %s: a proxy is made for a struct itself",
			types.TypeString(types.Unalias(obj.Type()), types.RelativeTo(m.pkg)))
		return nil, nil
	case !ok:
		m.found.refuse(pos, name, "is not a struct")
		return nil, nil
	}
	if _, ok := t.Underlying().(*types.Struct); !ok {
		m.found.refuse(pos, name, "is not a struct, its underlying type is %s", types.TypeString(t.Underlying(), types.RelativeTo(m.pkg)))
		return nil, nil
	}
	return m.specOf(obj), t
}

// calledFrom returns the line of go:generate, if there is one.
func calledFrom() (pos token.Position) {
	if line, err := strconv.Atoi(os.Getenv("GOLINE")); err == nil {
		pos = token.Position{Filename: os.Getenv("GOFILE"), Line: line, Column: 1}
	}
	return pos
}

// specOf returns the declaration of a type of the package.
func (m *modeler) specOf(obj *types.TypeName) (found *ast.TypeSpec) {
	for _, f := range m.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if t, ok := n.(*ast.TypeSpec); ok && t.Name.Pos() == obj.Pos() && t.Name.Name == obj.Name() {
				found = t
			}
			return found == nil
		})
	}
	return found
}

// selfInstance returns t instantiated with its own type parameters, so that those
// of its methods, which may have other names, are the same. Blank ones get names.
func selfInstance(t *types.Named) (types.Type, []*types.TypeParam) {
	var params []*types.TypeParam
	var args []types.Type
	taken := set{}
	for p := range t.TypeParams().TypeParams() {
		taken.add(p.Obj().Name())
	}
	for p := range t.TypeParams().TypeParams() {
		if p.Obj().Name() == "_" {
			name := types.NewTypeName(p.Obj().Pos(), p.Obj().Pkg(), taken.fresh("P"), nil)
			p = types.NewTypeParam(name, p.Constraint())
		}
		params, args = append(params, p), append(args, p)
	}
	if args == nil {
		return t, nil
	}
	inst, err := types.Instantiate(nil, t, args, false)
	if err != nil {
		return t, params // not reached: the number is right
	}
	return inst, params
}

// methods returns the methods that the proxy will have: the struct's own in the
// order of the source, then those that come with embedded fields.
func (m *modeler) methods(s *service, spec *ast.TypeSpec) (all []*method) {
	embedded := m.embeddedDirectives(spec)
	seen := types.NewMethodSet(types.NewPointer(s.state))
	var selections []*types.Selection
	for sel := range seen.Methods() {
		if sel.Obj().Exported() {
			selections = append(selections, sel)
		}
	}
	slices.SortStableFunc(selections, func(a, b *types.Selection) int {
		return cmp.Or(
			cmp.Compare(min(len(a.Index()), 2), min(len(b.Index()), 2)),
			m.sourceOrder(a, b),
		)
	})
	for _, sel := range selections {
		x := &method{name: sel.Obj().Name(), pos: m.fset.Position(sel.Obj().Pos())}
		fn := sel.Obj().(*types.Func)
		source := m.textOf(fn.Origin())
		said := source.directives
		if field := fieldOf(s.state, sel); field != nil {
			if m.isStubType(field.Type()) {
				continue // refused below
			}
			said = slices.Concat(embedded[field.Name()], said)
			if fn.Pkg() != m.pkg {
				x.pos = m.fset.Position(field.Pos())
			}
		}
		if m.method(s, x, fn, source, said) {
			all = append(all, x)
		}
	}
	m.embeddedStubs(s)
	return all
}

func (m *modeler) sourceOrder(a, b *types.Selection) int {
	if len(a.Index()) > 1 {
		return cmp.Compare(a.Obj().Name(), b.Obj().Name())
	}
	p, q := m.fset.Position(a.Obj().Pos()), m.fset.Position(b.Obj().Pos())
	return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset))
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
	if !ok || chosen == saySkip {
		return false
	}
	sig := fn.Signature()
	if chosen == "" && x.name == "Close" && sig.Params().Len() == 0 &&
		sig.Results().Len() == 1 && isError(sig.Results().At(0).Type()) {
		return false // io.Closer: the service calls it, once
	}
	x.doc, x.variadic = source.doc, sig.Variadic()
	x.params = slices.Collect(sig.Params().Variables())
	if len(x.params) > 0 && isContext(x.params[0].Type()) {
		x.ctx, x.params = x.params[0], x.params[1:]
	}
	x.results = slices.Collect(sig.Results().Variables())
	if n := len(x.results); n > 0 && isError(x.results[n-1].Type()) {
		x.err, x.results = x.results[n-1], x.results[:n-1]
	}
	switch {
	case chosen == sayAsync, chosen == "" && sig.Results().Len() == 0:
		x.kind = tell
	case chosen == sayFuture:
		x.kind = future
	default:
		x.kind = call
	}
	before := len(m.found.refusals)
	m.checkMethod(s, x, subject)
	for v := range sig.Params().Variables() {
		m.checkType(x.pos, subject, "parameter", v)
	}
	for v := range sig.Results().Variables() {
		m.checkType(x.pos, subject, "result", v)
	}
	if named := receiverOf(fn); named != nil {
		if lock := lockIn(named); lock != nil {
			m.found.refuse(x.pos, subject, "has a value receiver, and each call would copy %s",
				types.TypeString(lock, (*types.Package).Name))
		}
	}
	if len(m.found.refusals) == before && x.kind != tell && !has(said, sayShares) {
		m.shares(x, subject, source.decl)
	}
	return true
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
		case !slices.Contains(words, d.word):
			m.found.refuse(d.pos, subject, "unknown directive //nano:%s: there are %s", d.word, strings.Join(words, ", "))
			ok = false
		case d.word == sayShares, d.word == chosen:
		case chosen != "":
			m.found.refuse(d.pos, subject, "//nano:%s contradicts //nano:%s", d.word, chosen)
			ok = false
		default:
			chosen = d.word
		}
	}
	return chosen, ok
}

// checkMethod refuses what its name or kind do not allow.
func (m *modeler) checkMethod(s *service, x *method, subject string) {
	if x.kind == future && x.ctx != nil {
		m.found.refuse(x.pos, subject, "//nano:future on a method with a context: a future's closure has none")
	}
	onlyError := len(x.params) == 0 && (x.kind == tell && x.ctx != nil || x.kind == call && len(x.results) == 0)
	if x.name == "Serve" && onlyError {
		m.found.refuse(x.pos, subject,
			"the proxy's method would be Serve(context.Context) error, and supervisors would take it for the service's: rename it, or leave it out with //nano:skip")
	}
}

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context"
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// fromTree are the methods of a service that a supervisor, or what looks into a
// tree, may look for.
var fromTree = []string{"Abandon", "CutOff", "Done", "Err", "Info", "Name", "Serve", "SignalsReady"}

// names chooses names for what the proxy has besides the struct's methods.
func (m *modeler) names(s *service) {
	has := set{}
	s.embedded = true
	for _, x := range s.methods {
		has.add(x.name)
		if slices.Contains(fromTree, x.name) {
			s.embedded = false // or the proxy would be half a service
		}
	}
	s.accessor = "Service"
	if has["Service"] {
		s.accessor = has.fresh("ActorService")
	}
	taken := set{}
	for name := range m.place.declared {
		taken.add(name)
	}
	for _, p := range s.tparams {
		taken.add(p.Obj().Name())
	}
	maps.Copy(taken, m.aliases)
	s.alias = taken.fresh(lower(s.name) + "Actor")
	m.aliases.add(s.alias)
	names := []string{s.proxy(), s.calls(), s.newName()}
	for _, x := range s.methods {
		if x.kind == future && len(x.results) > 1 {
			names = append(names, resultsName(s, x))
		}
	}
	for _, name := range names {
		if pos, ok := m.place.declared[name]; ok {
			m.found.refuse(s.pos, s.name, "%s is to be generated, and is declared already at %s", name, m.found.place(pos))
		}
	}
}
