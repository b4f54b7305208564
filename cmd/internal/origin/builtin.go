package origin

import (
	"go/ast"
	"go/types"
	"slices"
)

// builtin follows a call of a builtin function.
func (in *interp) builtin(e *env, c *ast.CallExpr, name string) value {
	if len(c.Args) == 0 {
		if name == "recover" {
			return value{fresh{}}
		}
		return nil
	}
	switch name {
	case "append":
		return in.appended(e, c)
	case "clear":
		in.cleared(e, in.eval(e, c.Args[0]))
	case "copy":
		if len(c.Args) == 2 {
			in.copied(e, in.eval(e, c.Args[0]), in.elementsOf(e, c.Args[1]))
		}
	case "delete":
		if len(c.Args) == 2 {
			in.deleted(e, c.Args[0], c.Args[1])
		}
	case "make", "new":
		var v value
		if name == "new" && !in.info.Types[c.Args[0]].IsType() { // new(x)
			v = in.eval(e, c.Args[0])
		}
		return in.allocate(e, c.Lparen, v)
	case "panic":
		in.eval(e, c.Args[0])
		e.dead = true
	default:
		for _, x := range c.Args {
			in.eval(e, x)
		}
	}
	return nil
}

// elementsOf returns what the elements of x are.
func (in *interp) elementsOf(e *env, x ast.Expr) value {
	v := in.eval(e, x)
	switch t := under(in.info.TypeOf(x)).(type) {
	case *types.Basic:
		return nil
	case *types.Slice:
		if !in.follows(t.Elem()) {
			return nil
		}
	case *types.Map:
		if !in.follows(t.Elem()) {
			return nil
		}
	}
	return in.elements(e, v, "?", "an element of ")
}

// appended returns append's result: what it appends to, or, if that may have no room,
// new memory. What is nil, or x[:0:0], has no room for sure.
func (in *interp) appended(e *env, c *ast.CallExpr) value {
	base := in.eval(e, c.Args[0])
	var added []value
	for i, x := range c.Args[1:] {
		if c.Ellipsis.IsValid() && i == len(c.Args)-2 {
			added = append(added, in.elementsOf(e, x))
		} else {
			added = append(added, in.eval(e, x))
		}
	}
	return in.extended(e, c, base, added)
}

// extended returns a slice with more elements, which may be the one before.
func (in *interp) extended(e *env, c *ast.CallExpr, base value, added []value) (all value) {
	grown := len(base) == 0
	var old value
	for _, a := range base {
		m, ok := a.(memory)
		owner, stored := e.stored[m.at]
		p, isPart := a.(part)
		if isPart || ok && stored {
			if !isPart {
				p = owner
			}
			for _, v := range added {
				in.deposit(e, v, p.element("?", p.text+"[...]"))
			}
		}
		if _, ok := a.(fresh); !ok {
			all = join(all, value{a})
		}
		if ok && !stored {
			for _, v := range added {
				in.addTo(e, m, v)
			}
			continue
		}
		grown = true
		if in.hasElements(c) {
			old = join(old, in.elements(e, value{a}, "?", "an element of "))
		}
	}
	if !grown {
		return all
	}
	m := in.allocate(e, c.Lparen, nil)
	for _, v := range append(added, old) {
		if v != nil {
			in.addTo(e, m[0].(memory), v)
		}
	}
	return join(all, m)
}

// hasElements reports whether a call returns a slice or map with elements that refer to
// something.
func (in *interp) hasElements(c *ast.CallExpr) bool {
	switch t := under(in.typeOf(c)).(type) {
	case *types.Slice:
		return in.follows(t.Elem())
	case *types.Map:
		return in.follows(t.Elem())
	}
	return true
}

// cleared follows clear: the elements are given away.
func (in *interp) cleared(e *env, v value) {
	for _, a := range v {
		switch a := a.(type) {
		case part:
			in.give(e, []string{a.path + "["}, nil)
		case memory:
			if owner, ok := e.stored[a.at]; ok {
				in.give(e, []string{owner.path + "["}, nil)
			}
			if len(v) == 1 && a.steps == "" {
				e.mem[a.at] = nil
			}
		}
	}
}

// copied follows copy, and what is like it: elements are put where others may have been.
func (in *interp) copied(e *env, to, elements value) {
	for _, a := range to {
		switch a := a.(type) {
		case memory:
			in.addTo(e, a, elements)
		case part:
			in.deposit(e, elements, a.element("?", a.text+"[...]"))
			e.doubt(func(p part) bool {
				rest, ok := below(p.path, a.path)
				return ok && rest != "" && !p.addr
			})
		}
	}
}

// deleted follows delete: the element is given away.
func (in *interp) deleted(e *env, m, key ast.Expr) {
	in.eval(e, key)
	index := in.indexOf(e, key)
	for _, a := range in.eval(e, m) {
		p, ok := a.(part)
		if m, isMemory := a.(memory); isMemory {
			p, ok = e.stored[m.at]
		}
		if ok {
			in.give(e, in.overwritten(e, p.element(index, "")), nil)
		}
	}
}

// collected returns new memory with the elements of others.
func (in *interp) collected(e *env, c *ast.CallExpr, elements ...value) value {
	v := in.allocate(e, c.Lparen, nil)
	for _, x := range elements {
		if x != nil {
			in.addTo(e, v[0].(memory), x)
		}
	}
	return v
}

// runAll goes through the functions among the arguments.
func (in *interp) runAll(e *env, c *ast.CallExpr) (args []value) {
	for _, x := range c.Args {
		args = append(args, in.eval(e, x))
	}
	in.runClosures(e, slices.Clone(args))
	return args
}
