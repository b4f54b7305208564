package main

import (
	"go/types"
	"slices"
	"strconv"
)

const remotePath = "github.com/bruskajp/nano_services/supervisor/remote"

// A remote is what other processes have of a service.
type remote struct {
	methods []*method // those that cross, in the order of the service's
	errors  []known   // what a client and a service know by name
	table   string    // the variable that has them
	binder  string    // the type whose methods hand calls over
	nothing string    // the type of no arguments, and of no results
	get     string    // the client's method that returns what it calls through
	names   []string  // of all that is generated, exported or not
}

// What is generated for another process has these names. Host and an s are kept free for
// what is to be generated later.
func clientName(t string) string      { return t + "Client" }
func remoteCallsName(t string) string { return t + "RemoteCalls" }
func bindName(t string) string        { return verbName("Bind", t) }
func hostName(t string) string        { return verbName("Host", t) + "s" }

func (s *service) clientName() string    { return clientName(s.name) }
func (s *service) newClientName() string { return constructorName(clientName(s.name)) }

// remoteCalls is the interface of a client: that of the service, unless something is local.
func (s *service) remoteCalls() string {
	if len(s.remote.methods) == len(s.methods) {
		return s.calls()
	}
	return remoteCallsName(s.name)
}

// remoteOf returns what other processes have of a service. What cannot cross is refused.
func (m *modeler) remoteOf(s *service) *remote {
	r := &remote{get: "Client"}
	if len(s.tparams) > 0 {
		m.found.refuse(s.pos, s.name, "-remote: has type parameters, and the other process would not know the types")
		return r
	}
	has := set{}
	for _, x := range s.methods {
		has.add(x.name)
		if !x.local {
			r.methods = append(r.methods, x)
			m.crosses(s, x)
		}
	}
	if has[r.get] {
		r.get = has.fresh("RemoteClient")
	}
	if len(m.found.refusals) == 0 {
		r.errors = m.knownErrors(s, r.methods)
	}
	if len(r.methods) == 0 && len(s.methods) > 0 {
		m.found.refuse(s.pos, s.name, "-remote: all of its methods are local: there is nothing for a client to call")
	}
	return r
}

// distant sets what directives say about other processes: those of the method itself, and
// of the field that it comes with.
func (x *method) distant(said, own []directive) {
	x.local = x.kind == future || has(said, sayLocal)
	x.lossy = has(said, sayLossy)
	for _, d := range own {
		if d.word == sayLossy {
			x.lossyAt = d.pos
		}
	}
}

// answers returns the results that the caller gets.
func (m *method) answers() []*types.Var {
	if m.kind == tell {
		return nil
	}
	return m.results
}

// remoteNames chooses names that are not exported, and returns the others, which have to be
// free in the service's package. Those of a client elsewhere are looked at here.
func (m *modeler) remoteNames(s *service, taken set) []string {
	r := s.remote
	client := []string{s.clientName(), s.newClientName()}
	if m.client != nil || s.remoteCalls() != s.calls() {
		client = append(client, s.remoteCalls())
	}
	names := []string{bindName(s.name), hostName(s.name)}
	if m.client == nil {
		names = append(client, names...)
	} else {
		m.free(s, client, m.client.declared, set{}, m.abroad)
		for name := range m.client.declared {
			taken.add(name)
		}
	}
	taken.add(names...)
	taken.add(client...)
	r.binder = taken.fresh("bind" + title(s.name))
	r.table = taken.fresh(lower(s.name) + "Interface")
	r.nothing = taken.fresh(lower(s.name) + "Nothing")
	r.names = append(r.names, r.binder, r.table, r.nothing)
	for _, x := range r.methods {
		x.args, x.answer = r.nothing, r.nothing
		if len(x.params) > 0 {
			x.args = taken.fresh(lower(s.name) + x.name + "Args")
		}
		if len(x.answers()) > 0 {
			x.answer = taken.fresh(lower(s.name) + x.name + "Results")
		}
		r.names = append(r.names, x.args, x.answer)
	}
	m.aliases.add(r.names...)
	r.names = append(append(r.names, names...), client...)
	return names
}

// crosses refuses a method whose arguments or results cannot go to another process, and
// //nano:lossy where nothing is lost.
func (m *modeler) crosses(s *service, x *method) {
	subject := s.name + "." + x.name
	c := &crossing{source: m.source}
	for i, v := range x.params {
		c.value(nameOr(v, "parameter", i), v.Type())
	}
	for i, v := range x.answers() {
		c.value(nameOr(v, "result", i), v.Type())
	}
	for _, culprit := range c.culprits {
		if !culprit.loses || !x.lossy {
			m.found.refuse(x.pos, subject, "%s", culprit)
		}
	}
	if x.lossyAt.IsValid() && len(c.culprits) == 0 {
		m.found.refuse(x.lossyAt, subject, "//nano:lossy does nothing at a method of which nothing is lost")
	}
	m.clientTypes(x, subject)
}

// clientTypes refuses types that the client's package, if that is another, cannot use.
func (m *modeler) clientTypes(x *method, subject string) {
	if m.client == nil {
		return
	}
	there := *m
	there.place = m.client
	for _, v := range slices.Concat(x.params, x.answers()) {
		walk(v.Type(), func(t types.Type) {
			named, ok := t.(*types.Named)
			if ok && named.Obj().Pkg() == m.pkg && !m.isStub(named.Obj()) {
				m.found.refuse(x.pos, subject, "-client: %s belongs to the struct's own package, which the client is not to import: put it into another, such as that of -client", named.Obj().Name())
			}
		})
		there.checkType(x.pos, subject, "-client: parameter or result", v)
	}
}

// nameOr returns what a parameter or result is called in a path.
func nameOr(v *types.Var, what string, i int) string {
	if v.Name() == "" || v.Name() == "_" {
		return what + " " + strconv.Itoa(i+1)
	}
	return v.Name()
}
