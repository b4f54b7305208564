package main

import (
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// A scope is where names of variables are chosen.
type scope struct{ set }

// scope returns that of a function whose body mentions some code.
func (e *emitter) scope(code ...string) scope {
	c := scope{predeclared(false)} // a parameter len is no trouble: nothing calls it
	for _, s := range code {
		c.mention(s)
	}
	return c
}

type variable struct {
	name string
	typ  types.Type
}

type variables []variable

// choose names parameters or results: as they were, if that is possible, and else
// base and their number. A package of this name gets another one, if the function
// mentions it.
func (c scope) choose(e *emitter, list []*types.Var, base string) (chosen variables) {
	taken := set{}
	for _, v := range list {
		taken.add(v.Name())
	}
	for i, v := range list {
		name := v.Name()
		if c.set[name] && e.isImport(name) {
			e.taken.add(name)
		}
		if name == "" || name == "_" {
			name = base + strconv.Itoa(i+1)
			for taken[name] {
				name += "_"
			}
		}
		chosen = append(chosen, variable{c.fresh(name), v.Type()})
	}
	return chosen
}

// declared returns the list as it stands in a signature.
func (list variables) declared(e *emitter, variadic bool) string {
	var all []string
	for i, v := range list {
		t := e.typ(v.typ)
		if variadic && i == len(list)-1 {
			t = "..." + e.typ(v.typ.(*types.Slice).Elem())
		}
		all = append(all, v.name+" "+t)
	}
	return strings.Join(all, ", ")
}

// names returns the list as it stands in a call.
func (list variables) names(variadic bool) string {
	var all []string
	for _, v := range list {
		all = append(all, v.name)
	}
	s := strings.Join(all, ", ")
	if variadic {
		s += "..."
	}
	return s
}

func (list variables) types(e *emitter) (all []string) {
	for _, v := range list {
		all = append(all, e.typ(v.typ))
	}
	return all
}

// join returns the parts that are not empty, with commas between them.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
