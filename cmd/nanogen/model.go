package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/cmd/internal/uses"
)

// A service is a struct and what becomes of it.
type service struct {
	name     string     // of the struct
	state    types.Type // the struct with its own type parameters as arguments
	tparams  []*types.TypeParam
	pos      token.Position
	build    *constructor
	methods  []*method
	exported bool   // the struct has methods that are
	alias    string // under which the proxy embeds its service, or the field that has it
	embedded bool
	accessor string  // of the service
	pool     *pool   // nil if it is to have none
	remote   *remote // nil if other processes are to have none
}

// What is generated for a type has these names.
func proxyName(t string) string { return t + "Service" }
func callsName(t string) string { return t + "Calls" }

// generatedTypes returns the types that may be generated for a struct, and stand in the
// signatures of others.
func generatedTypes(t string) []string {
	return []string{proxyName(t), callsName(t), clientName(t), remoteCallsName(t)}
}

// resultsName is the type of the results of a future that has several.
func resultsName(s *service, m *method) string { return s.name + m.name + "Results" }

func (s *service) proxy() string  { return proxyName(s.name) }
func (s *service) calls() string  { return callsName(s.name) }
func (s *service) ofName() string { return s.proxy() + "Of" }
func (s *service) newName() string {
	return constructorName(s.proxy())
}

// constructorName is exported if the type is.
func constructorName(t string) string { return verbName("New", t) }

// verbName is the name of a function that does something with a type, and is exported if
// that is.
func verbName(verb, t string) string {
	if token.IsExported(t) {
		return verb + t
	}
	return lower(verb) + title(t)
}

// modeler makes services of structs.
type modeler struct {
	*source
	place *place
	found *findings
	build string        // the name of the constructor, if it was given
	pools bool          // the services have proxies of pools, too
	uses  *uses.Package // of the package's functions; nil before the first question

	remotes bool   // the services have clients
	client  *place // of those; nil if it is that of the services

	aliases   set // of the services so far
	generated set // other names of theirs
	abroad    set // names in the clients' own package
}

// services returns a service for each name, in their order. What cannot be one is
// refused.
func (m *modeler) services(names []string) (all []*service) {
	m.aliases, m.generated, m.abroad = set{}, set{}, set{}
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
	before := len(m.found.refusals)
	s.state, s.tparams = selfInstance(t)
	s.build = m.constructor(s, t)
	s.methods = m.methods(s, spec)
	m.typeParams(s)
	if m.remotes {
		s.remote = m.remoteOf(s)
	}
	m.names(s)
	if !s.exported && len(m.found.refusals) == before {
		m.found.refuse(s.pos, name, "has no exported methods: there is nothing for a service to do")
	}
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
	inst, _ := types.Instantiate(nil, t, args, false) // whether they fit is not asked
	return inst, params
}

// fromTree are the methods of a service that a supervisor, or what looks into a
// tree, may look for.
var fromTree = []string{"Abandon", "CutOff", "Done", "Err", "Info", "Name", "Serve", "SignalsReady"}

// imported returns the names under which the files beside the proxy import something:
// nothing in their package can have those.
func (m *modeler) imported() set {
	all := set{}
	if m.place.same {
		for file := range m.pkg.Scope().Children() {
			all.add(file.Names()...)
		}
	}
	return all
}

// names chooses names for what the proxy has besides the struct's methods.
func (m *modeler) names(s *service) {
	has := set{}
	var looked []string
	for _, x := range s.methods {
		has.add(x.name)
		if slices.Contains(fromTree, x.name) {
			looked = append(looked, x.name)
		}
	}
	s.accessor = "Service"
	if has["Service"] {
		s.accessor = has.fresh("ActorService")
	}
	if s.embedded = looked == nil; !s.embedded { // or the proxy would be half a service
		m.found.say(s.pos, s.name, "the proxy is no child of a supervisor itself, since supervisors look for methods called %s: what its %s() returns is",
			strings.Join(looked, " and "), s.accessor)
	}
	taken := set{}
	for name := range m.place.declared {
		taken.add(name)
	}
	for _, p := range s.tparams {
		taken.add(p.Obj().Name())
	}
	maps.Copy(taken, m.aliases)
	imported := m.imported()
	maps.Copy(taken, imported)
	s.alias = taken.fresh(lower(s.name) + "Actor")
	m.aliases.add(s.alias)
	names := []string{s.proxy(), s.calls(), s.newName(), s.ofName()}
	if m.pools {
		s.pool = newPool(s, has, taken)
		m.aliases.add(s.pool.alias)
		names = append(names, s.poolName(), s.newPoolName(), s.ofPoolName())
	}
	for _, x := range s.methods {
		if x.kind == future && len(x.results) > 1 {
			names = append(names, resultsName(s, x))
		}
	}
	if s.remote != nil {
		names = append(names, m.remoteNames(s, taken)...)
	}
	m.free(s, names, m.place.declared, imported, m.generated)
}

// free refuses names that something else in their package has. others are those of other
// services, to which they are added.
func (m *modeler) free(s *service, names []string, declared map[string]token.Position, imported, others set) {
	for _, name := range names {
		pos, there := declared[name]
		switch {
		case there:
			m.found.refuse(s.pos, s.name, "%s is to be generated, and is declared already at %s", name, m.found.place(pos))
		case imported[name]:
			m.found.refuse(s.pos, s.name, "%s is to be generated, and a file of the package imports something under this name", name)
		case others[name]:
			m.found.refuse(s.pos, s.name, "%s is to be generated, and is for another struct as well", name)
		}
		others.add(name)
	}
}
