package origin

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// An env is what is known at one point of a function.
type env struct {
	mem    map[site]value      // what variables and other memory have
	stored map[site]part       // memory that has been put into the state, and where
	moved  map[string][]string // paths, and other paths to which what is there has been copied
	names  map[site]string     // what variables with numbers and strings stand for, see indexOf
	defers []deferred
	dead   bool // this point is never reached
	work   *int // how many values have been gone through for this function
}

// A deferred is a call that a defer statement has put off.
type deferred struct {
	call *ast.CallExpr
	sure bool // it was reached on every way here
}

func newEnv() *env {
	return &env{mem: map[site]value{}, stored: map[site]part{}, moved: map[string][]string{}, names: map[site]string{}, work: new(int)}
}

func (e *env) clone() *env {
	*e.work += len(e.mem)
	return &env{maps.Clone(e.mem), maps.Clone(e.stored), maps.Clone(e.moved), maps.Clone(e.names), slices.Clone(e.defers), e.dead, e.work}
}

// join makes e what is known where two ways meet. It reports whether e has changed.
func (e *env) join(f *env) (changed bool) {
	switch {
	case f == nil || f.dead:
		return false
	case e.dead:
		*e = *f.clone()
		return true
	}
	*e.work += len(f.mem)
	for at, v := range f.mem {
		old, ok := e.mem[at]
		if ok && same(old, v) {
			continue
		}
		all := v
		if ok {
			all = join(old, v)
		}
		if !ok || all.key() != old.key() {
			e.mem[at], changed = all, true
		}
	}
	changed = e.joinStored(f) || changed
	for from, to := range f.moved {
		for _, path := range to {
			if !slices.Contains(e.moved[from], path) {
				e.moved[from] = append(slices.Clip(e.moved[from]), path)
				changed = true
			}
		}
	}
	for at, name := range e.names {
		if f.names[at] != name {
			delete(e.names, at)
			changed = true
		}
	}
	e.joinDefers(f)
	return changed
}

func (e *env) joinStored(f *env) (changed bool) {
	for at, p := range e.stored {
		if q, ok := f.stored[at]; (!ok || q.key() != p.key()) && !p.doubt {
			p.doubt = true
			e.stored[at], changed = p, true
		}
	}
	for at, p := range f.stored {
		if _, ok := e.stored[at]; !ok {
			p.doubt = true
			e.stored[at], changed = p, true
		}
	}
	return changed
}

func (e *env) joinDefers(f *env) {
	for i, d := range e.defers {
		if !slices.Contains(f.defers, d) {
			e.defers[i].sure = false
		}
	}
	for _, d := range f.defers {
		if !slices.ContainsFunc(e.defers, func(x deferred) bool { return x.call == d.call }) {
			e.defers = append(e.defers, deferred{d.call, false})
		}
	}
}

// load returns what is at steps in the memory at a site.
func (e *env) load(at site, steps string) value { return e.mem[at].get(splitSteps(steps)) }

// replace replaces what all variables and memory have.
func (e *env) replace(f func(alt) value) {
	*e.work += len(e.mem)
	for at, old := range e.mem {
		if v := old.replace(f); !same(v, old) {
			e.mem[at] = v
		}
	}
}

// doubt makes what meets a condition something of which it cannot be told whether it is
// still the state's.
func (e *env) doubt(condition func(part) bool) {
	e.parts(func(p part) part {
		p.doubt = p.doubt || condition(p)
		return p
	})
}

// forget makes a name of an index one that stands for nothing any more.
func (e *env) forget(name string) {
	e.parts(func(p part) part {
		p.path = strings.ReplaceAll(p.path, name, "?")
		return p
	})
	e.replace(func(a alt) value {
		if r, ok := a.(record); ok {
			return r.merge(name)
		}
		return value{a}
	})
	for at, other := range e.names {
		if strings.Contains(other, name) {
			delete(e.names, at)
		}
	}
}

// parts replaces each part of the state, wherever it is.
func (e *env) parts(f func(part) part) {
	e.replace(func(a alt) value {
		switch x := a.(type) {
		case part:
			return value{f(x)}
		case record:
			if x.base == nil {
				break
			}
			if base := f(*x.base); base != *x.base {
				return value{record{x.fields, &base}}
			}
		}
		return value{a}
	})
	for at, p := range e.stored {
		e.stored[at] = f(p)
	}
}

// keep forgets memory that no more can be got at: what the variables of functions that have
// not returned do not lead to.
func (in *interp) keep(e *env, results []site) {
	active := map[int]bool{0: true}
	for _, fr := range in.frames {
		active[fr.ctx] = true
	}
	*e.work += len(e.mem)
	reached := map[site]bool{}
	var mark func(at site)
	var visit func(v value)
	visit = func(v value) {
		for _, a := range v {
			switch a := a.(type) {
			case memory:
				mark(a.at)
			case closure:
				for _, at := range in.captured(e, a) {
					mark(at)
				}
			case record:
				for _, v := range a.fields {
					visit(v)
				}
			}
		}
	}
	mark = func(at site) {
		if !reached[at] {
			reached[at] = true
			visit(e.mem[at])
		}
	}
	for at := range e.mem {
		if active[at.ctx] || at.ctx < 0 {
			mark(at)
		}
	}
	for _, at := range results {
		mark(at)
	}
	unreached := func(at site) bool { return !reached[at] }
	maps.DeleteFunc(e.mem, func(at site, _ value) bool { return unreached(at) })
	maps.DeleteFunc(e.stored, func(at site, _ part) bool { return unreached(at) })
	maps.DeleteFunc(e.names, func(at site, _ string) bool { return unreached(at) })
}
