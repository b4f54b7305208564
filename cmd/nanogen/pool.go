package main

const poolPath = "github.com/bruskajp/nano_services/supervisor/pool"

// A pool is what the proxy of a pool of services has.
type pool struct {
	alias    string // under which it embeds its pool, or the field that has it
	embedded bool
	accessor string // of the pool
	key      string // its method that returns the proxy of a key's member
}

func (s *service) poolName() string    { return s.name + "Pool" }
func (s *service) newPoolName() string { return constructorName(s.poolName()) }
func (s *service) ofPoolName() string  { return s.poolName() + "Of" }

// newPool chooses names. has are those of the struct's methods, which come first, taken
// those of the package.
func newPool(s *service, has, taken set) *pool {
	p := &pool{embedded: s.embedded, accessor: "Pool", key: "Key"}
	if has[p.accessor] {
		p.accessor = has.fresh("ActorPool")
	}
	if has[p.key] {
		p.key = has.fresh("ActorKey")
	}
	p.alias = taken.fresh(lower(s.name) + "ActorPool")
	return p
}

// poolView is what the template writes of a pool.
type poolView struct {
	Package                string // supervisor/pool
	Name, New, Of, Alias   string
	Accessor, Key, KeyName string
	Svc                    string // a variable with the pool or its proxy
	NewParams, NewBody     string
	Embedded               bool
	Methods                []*methodView
}

func (e *emitter) poolView(s *service, v *serviceView) *poolView {
	p := &poolView{
		Package: e.of(poolPath, "pool"),
		Name:    s.poolName(), New: s.newPoolName(), Of: s.ofPoolName(), Alias: s.pool.alias,
		Accessor: s.pool.accessor, Key: s.pool.key, Embedded: s.pool.embedded,
	}
	c := e.scope(v.State, v.Actor, p.Name, v.Proxy, p.Package, v.Of)
	p.Svc, p.KeyName = c.fresh("p"), c.fresh("key")
	p.NewParams, p.NewBody = e.constructor(s, v, p.Name, p.Package)
	for _, m := range s.methods {
		p.Methods = append(p.Methods, e.method(s, m, handle{"p", s.pool.alias}))
	}
	return p
}
