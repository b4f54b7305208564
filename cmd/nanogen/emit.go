package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

const actorPath = "github.com/bruskajp/nano_services/actor"

// An emitter writes the code of a file.
type emitter struct {
	*imports
	src   *source
	place *place
}

// emit returns a file with some part of the services.
func emit(src *source, p *place, command string, services []*service, part part) ([]byte, error) {
	self := p.path
	if self == "" {
		self = p.dir // no import path is one
	}
	e := &emitter{imports: newImports(self), src: src, place: p}
	for name := range p.declared {
		e.taken.add(name)
	}
	for _, s := range services {
		e.taken.add(s.proxy(), s.calls(), s.newName(), s.ofName(), s.alias)
		if s.pool != nil {
			e.taken.add(s.poolName(), s.newPoolName(), s.ofPoolName(), s.pool.alias)
		}
		if s.remote != nil {
			e.taken.add(s.remote.names...)
		}
	}
	e.file(command, services, part) // says what is imported, and which names are there
	e.settle()
	return e.file(command, services, part).text()
}

func (e *emitter) file(command string, services []*service, part part) interface{ text() ([]byte, error) } {
	h := header{Command: command, Package: e.place.name, Constraint: e.constraint(services)}
	if part == servicePart {
		f := &fileView{header: h}
		for _, s := range services {
			f.Services = append(f.Services, e.service(s))
		}
		f.Std, f.Others = e.lines()
		return f
	}
	f := &remoteFile{header: h}
	for _, s := range services {
		f.Services = append(f.Services, e.remoteService(s, part))
	}
	f.Std, f.Others = e.lines()
	return f
}

func (e *emitter) context() string { return e.of("context", "context") + ".Context" }
func (e *emitter) actor() string   { return e.of(actorPath, "actor") }

func (e *emitter) typ(t types.Type) string { return types.TypeString(t, e.qualifier) }

func (e *emitter) service(s *service) *serviceView {
	v := &serviceView{Package: e.place.name,
		Name: s.name, Proxy: s.proxy(), Calls: s.calls(), New: s.newName(), Of: s.ofName(), Alias: s.alias,
		Accessor: s.accessor, Embedded: s.embedded, Build: s.build.name,
		Actor: e.actor(), State: e.typ(s.state),
	}
	var decl []string
	for _, p := range s.tparams {
		name := p.Obj().Name()
		e.taken.add(name)
		decl = append(decl, name+" "+e.typ(p.Constraint()))
	}
	if decl != nil {
		v.TypeParams = "[" + strings.Join(decl, ", ") + "]"
		v.TypeArgs = typeArgs(s)
	}
	v.Batched = slices.ContainsFunc(s.methods, func(m *method) bool { return m.batched })
	v.NewParams, v.NewBody = e.constructor(s, v, v.Proxy, "")
	v.Svc = e.scope(v.State, v.Actor, v.Proxy).fresh("svc")
	all := true
	for _, m := range s.methods {
		w := e.method(s, m, handle{"svc", s.alias})
		v.Methods = append(v.Methods, w)
		if m.keeps() {
			v.Kept = append(v.Kept, w)
		}
		all = all && m.keeps()
	}
	v.KeepsAll = all && len(v.Kept) > 0
	if s.pool != nil {
		v.Pool = e.poolView(s, v)
	}
	return v
}

// constructor returns the parameters and the body of a proxy's constructor: of a
// service, or of a pool, which is a number of them. pool is its package.
func (e *emitter) constructor(s *service, v *serviceView, proxy, pool string) (params, body string) {
	b := s.build
	fn := b.name
	if !e.place.same {
		fn = e.qualifier(e.src.pkg) + "." + fn
	}
	if b.args != nil {
		var args []string
		for _, t := range b.args {
			args = append(args, e.typ(t))
		}
		fn += "[" + strings.Join(args, ", ") + "]"
	}
	c := e.scope(v.State, fn, proxy, v.Actor, pool, e.context())
	list := c.choose(e, b.params, "p")
	opts := c.fresh("opts")
	params = join(list.declared(e, false), opts+" ..."+v.Actor+".Option")
	declare := fmt.Sprintf("return %s{%s.New(", proxy+v.TypeArgs, v.Actor)
	if pool != "" {
		n := c.fresh("n")
		params = n + " int, " + params
		declare = fmt.Sprintf("return %s{%s.New(%s, ", proxy+v.TypeArgs, pool, n)
	}
	args := list.names(b.variadic)

	made := fn
	switch {
	case b.ctx && b.err && len(b.params) == 0:
		return params, fmt.Sprintf("%s%s, %s...)}", declare, made, opts)
	case b.ctx:
		ctx := c.fresh("ctx")
		made = fmt.Sprintf("func(%s %s) (*%s, error) {\nreturn %s(%s)", ctx, e.context(), v.State, fn, join(ctx, args))
	default:
		made = fmt.Sprintf("func(%s) (*%s, error) {\nreturn %s(%s)", e.context(), v.State, fn, args)
	}
	if !b.err {
		made += ", nil"
	}
	return params, fmt.Sprintf("%s%s\n}, %s...)}", declare, made, opts)
}
