package origin

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// A storing puts a value into the state.
type storing struct {
	to     part
	what   value
	source ast.Expr // what stands there; may be nil
}

// put puts values into the state, all at once. What was there before is given away: it
// is the state's no more, unless it is put somewhere else in it.
func (in *interp) put(e *env, all ...storing) {
	var roots []string
	moves := map[string][]string{}
	for i, s := range all {
		moved(e, s.what, s.to, moves, map[site]bool{})
		e.mem[pending(i)] = s.what
	}
	for _, s := range all {
		if holds(e, s.what, s.to.path) {
			in.shrink(e, s, &roots)
			moves[s.to.path] = slices.DeleteFunc(moves[s.to.path], func(path string) bool { return path == s.to.path })
		} else {
			roots = append(roots, in.overwritten(e, s.to)...)
		}
	}
	in.give(e, roots, moves)
	for i, s := range all {
		in.deposit(e, e.mem[pending(i)], s.to)
		delete(e.mem, pending(i))
	}
	for _, s := range all {
		e.forget(lengthOf(s.to.path))
	}
}

// pending is where a value is while it is being put into the state.
func pending(i int) site { return site{ctx: -1 - i} }

// holds reports whether v is, or may be, what is at the path.
func holds(e *env, v value, path string) bool {
	for _, a := range v {
		switch a := a.(type) {
		case part:
			if a.path == path && !a.addr {
				return true
			}
		case memory:
			if p, ok := e.stored[a.at]; ok && p.path == path {
				return true
			}
		case record:
			if a.base != nil && a.base.path == path {
				return true
			}
		}
	}
	return false
}

// overwritten returns the paths of what is given away if something else is put at p. Of
// other elements of the same slice or map it cannot be told then.
func (in *interp) overwritten(e *env, p part) []string {
	container, index, ok := lastElement(p.path)
	if !ok {
		return []string{p.path}
	}
	e.doubt(func(q part) bool {
		rest, ok := below(q.path, container)
		if !ok || rest == "" || q.addr {
			return false
		}
		other, _, _ := strings.Cut(rest[1:], "]")
		return other != index && !(isConstant(index) && isConstant(other)) || strings.Contains(index, "?")
	})
	if strings.Contains(index, "?") {
		return nil
	}
	return []string{p.path}
}

// lastElement takes a path of an element apart.
func lastElement(path string) (container, index string, ok bool) {
	i := strings.LastIndex(path, "[")
	if i < 0 || !strings.HasSuffix(path, "]") {
		return "", "", false
	}
	return path[:i], path[i+1 : len(path)-1], true
}

// shrink looks at what is put where it was already, or a part of it, as in s = s[1:]:
// elements that are left out are given away. Of others it cannot be told.
func (in *interp) shrink(e *env, s storing, roots *[]string) {
	out, grows := in.leftOut(e, s.source)
	if grows {
		return
	}
	for _, index := range out {
		if index == "" {
			*roots = append(*roots, s.to.path+"[")
		} else if !strings.Contains(index, "?") {
			*roots = append(*roots, s.to.path+"["+index+"]")
		}
	}
	e.doubt(func(q part) bool {
		rest, ok := below(q.path, s.to.path)
		if !ok || rest == "" || rest[0] != '[' || q.addr {
			return false
		}
		index, _, _ := strings.Cut(rest[1:], "]")
		return !slices.Contains(out, index)
	})
}

// leftOut returns the indices of the elements that an expression leaves out, "" for all;
// and whether it is one that only adds some.
func (in *interp) leftOut(e *env, x ast.Expr) (out []string, grows bool) {
	if x == nil {
		return nil, false
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.SliceExpr:
		if x.High != nil {
			out = append(out, in.indexOf(e, x.High))
			if in.isZero(x.High) {
				return []string{""}, false
			}
		}
		if x.Low != nil {
			out = append(out, in.before(e, x.Low))
		}
		return out, false
	case *ast.CallExpr:
		switch name := in.callee(x); {
		case name == "append" && len(x.Args) > 0:
			first, sliced := ast.Unparen(x.Args[0]).(*ast.SliceExpr)
			if !sliced {
				return nil, true
			}
			if first.High != nil {
				return []string{in.indexOf(e, first.High)}, false
			}
		case name == "slices.Delete" && len(x.Args) == 3:
			return []string{in.indexOf(e, x.Args[1])}, false
		}
	default:
		return nil, true // the same thing
	}
	return nil, false
}

// moved notes what of the state is copied to another place in it.
func moved(e *env, v value, to part, moves map[string][]string, seen map[site]bool) {
	note := func(from string) { moves[from] = append(moves[from], to.path) }
	for _, a := range v {
		switch a := a.(type) {
		case part:
			if !a.addr {
				note(a.path)
			}
		case record:
			if a.base != nil {
				note(a.base.path)
			}
			for name, v := range a.fields {
				moved(e, v, to.member(name), moves, seen)
			}
		case memory:
			if p, ok := e.stored[a.at]; ok {
				note(p.path)
			} else if !seen[a.at] {
				seen[a.at] = true
				moved(e, e.mem[a.at], to.within(), moves, seen)
			}
		}
	}
}

// within returns what a reference at p refers to: what a pointer points to, or all
// elements.
func (p part) within() part {
	if p.addr || isPointer(p.typ) {
		return p.pointee()
	}
	return p.element("?", p.text+"[...]")
}

// deposit notes that memory is the state's.
func (in *interp) deposit(e *env, v value, to part) {
	for _, a := range v {
		switch a := a.(type) {
		case memory:
			in.depositMemory(e, a, to)
		case closure:
			to.doubt = true
			for _, at := range in.captured(e, a) {
				in.deposit(e, e.mem[at], to.to("*", to.text, nil))
			}
		case record:
			for name, v := range a.fields {
				in.deposit(e, v, to.member(name))
			}
		}
	}
}

func (in *interp) depositMemory(e *env, m memory, to part) {
	if p, ok := e.stored[m.at]; ok {
		if p.path != to.path {
			e.moved[p.path] = append(slices.Clip(e.moved[p.path]), to.path)
		}
		return
	}
	if m.steps != "" {
		to.doubt = true
	}
	e.stored[m.at] = to
	contents := e.mem[m.at]
	if isPointer(to.typ) {
		in.deposit(e, contents, to.pointee())
		return
	}
	for _, a := range contents {
		r, ok := a.(record)
		if !ok {
			continue
		}
		for _, v := range r.fields {
			in.deposit(e, v, to.element("?", to.text+"[...]"))
		}
	}
}

// give notes that what was at the paths so far is the state's no more. What is also
// somewhere else in the state, or is moved there now, is the state's by that path.
func (in *interp) give(e *env, roots []string, moves map[string][]string) {
	given := func(p part) bool {
		return slices.ContainsFunc(roots, func(root string) bool { _, ok := p.given(root); return ok })
	}
	elsewhere := func(p part) (part, bool) {
		for _, from := range slices.Sorted(maps.Keys(moves)) {
			if rest, ok := below(p.path, from); ok && len(moves[from]) > 0 {
				p.path = moves[from][0] + rest
				return p, true
			}
		}
		for _, from := range slices.Sorted(maps.Keys(e.moved)) {
			rest, ok := below(p.path, from)
			for _, path := range e.moved[from] {
				q := p
				q.path = path + rest
				if ok && !given(q) {
					return q, true
				}
			}
		}
		return p, false
	}
	var free func(alt) value
	free = func(a alt) value {
		switch a := a.(type) {
		case part:
			if !given(a) {
				break
			}
			if q, ok := elsewhere(a); ok {
				return value{q}
			}
			return in.handed(e, a)
		case record:
			return a.given(roots, free)
		}
		return value{a}
	}
	e.replace(free)
	for at, p := range e.stored {
		if given(p) {
			if q, ok := elsewhere(p); ok {
				e.stored[at] = q
			} else {
				delete(e.stored, at)
			}
		}
	}
	e.moves(roots, moves)
}

// handed returns what was at a part of the state, and is the function's own now.
func (in *interp) handed(e *env, p part) value {
	n, ok := in.given[p.path]
	if !ok {
		n = len(in.given)
		in.given[p.path] = n
	}
	at := site{ctx: -2000 - n}
	if q, ok := e.stored[at]; ok {
		q.doubt = true // that was another one
		e.stored[at] = q
	}
	e.mem[at] = value{record{}.with(otherFields, value{fresh{}})}
	return value{memory{at: at}}
}

// given returns a copy of a struct in the state of which parts are the state's no more.
func (r record) given(roots []string, free func(alt) value) value {
	if r.base == nil {
		return value{r}
	}
	all := false
	for _, root := range roots {
		_, ok := below(r.base.path, root)
		all = all || ok
	}
	for _, name := range r.base.names() {
		if _, known := r.fields[name]; known {
			continue
		}
		old := r.base.member(name).read()
		if v := old.replace(free); all || v.key() != old.key() {
			r = r.with(name, v)
		}
	}
	if all {
		r.base = nil
	}
	return value{r}
}

// moves adds what is in two places now, and forgets what is no more.
func (e *env) moves(roots []string, moves map[string][]string) {
	gone := func(path string) bool {
		return slices.ContainsFunc(roots, func(root string) bool { _, ok := below(path, root); return ok })
	}
	for from, to := range e.moved {
		if to = slices.DeleteFunc(slices.Clone(to), gone); gone(from) || len(to) == 0 {
			delete(e.moved, from)
		} else {
			e.moved[from] = to
		}
	}
	for _, from := range slices.Sorted(maps.Keys(moves)) {
		if len(moves[from]) > 0 && !gone(from) && !slices.Contains(moves[from], from) {
			e.moved[from] = append(slices.Clip(e.moved[from]), moves[from]...)
		}
	}
}
