package origin

import (
	"encoding/hex"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// A place is where a value can be put: at steps in some memory, in the state, or
// where nothing is known but what is there.
type place struct {
	at    site
	steps string
	part  *part
	other value // if this is not nil, it is neither in memory nor in the state
}

func (p place) step(name string) place {
	switch {
	case p.other != nil:
		return p
	case p.part != nil:
		q := p.part.member(name)
		return place{part: &q}
	}
	p.steps = joinSteps(p.steps, name)
	return p
}

// at returns what is in one of the places.
func (in *interp) at(e *env, all []place) (found value) {
	for _, p := range all {
		switch {
		case p.other != nil:
			found = join(found, p.other)
		case p.part != nil:
			found = join(found, p.part.read())
		default:
			found = join(found, e.load(p.at, p.steps))
		}
	}
	return found
}

// pointees returns the places that pointers point to.
func pointees(v value) (all []place) {
	for _, a := range v {
		switch a := a.(type) {
		case memory:
			all = append(all, place{at: a.at, steps: a.steps})
		case part:
			p := a.pointee()
			if a.addr {
				p.text = a.text
			}
			all = append(all, place{part: &p})
		case fresh:
			all = append(all, place{other: value{a}})
		default:
			all = append(all, place{other: value{unknown{}}})
		}
	}
	return all
}

// pointers returns pointers to places.
func pointers(all []place) (v value) {
	for _, p := range all {
		switch {
		case p.other != nil:
			v = join(v, p.other)
		case p.part != nil:
			q := *p.part
			q.addr = true
			v = join(v, value{q})
		default:
			v = join(v, value{memory{p.at, p.steps}})
		}
	}
	return v
}

// places returns those that an expression may name. A value that is in none gets one.
func (in *interp) places(e *env, x ast.Expr) []place {
	x = ast.Unparen(x)
	switch x := x.(type) {
	case *ast.Ident:
		if v, ok := in.object(x).(*types.Var); ok {
			if _, known := e.mem[in.siteOf(v)]; known || !in.isOuter(v) {
				return []place{{at: in.siteOf(v)}}
			}
		}
		return []place{{other: value{unknown{}}}}
	case *ast.SelectorExpr:
		if sel := in.info.Selections[x]; sel != nil && sel.Kind() == types.FieldVal {
			return in.follow(e, in.structs(e, x.X), in.info.TypeOf(x.X), sel.Index())
		}
	case *ast.IndexExpr:
		return in.indexed(e, x)
	case *ast.StarExpr:
		all := pointees(in.eval(e, x.X))
		for _, p := range all {
			if p.part != nil {
				p.part.text = types.ExprString(x)
			}
		}
		return all
	}
	return []place{{other: append(value{}, in.eval(e, x)...)}}
}

// structs returns the places of the struct that x is, or points to.
func (in *interp) structs(e *env, x ast.Expr) []place {
	if isPointer(in.info.TypeOf(x)) {
		return pointees(in.eval(e, x))
	}
	return in.addressable(e, x)
}

// addressable returns places of x; if it has none, as the result of a call, new ones.
func (in *interp) addressable(e *env, x ast.Expr) []place {
	switch ast.Unparen(x).(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr:
		return in.places(e, x)
	}
	at := site{x.End(), in.fr.ctx}
	e.mem[at] = in.eval(e, x)
	return []place{{at: at}}
}

// follow returns the places of the field that is reached from a struct of type t, or
// a pointer to one, by an index path: through embedded structs and pointers.
func (in *interp) follow(e *env, all []place, t types.Type, index []int) []place {
	if p := pointerTo(t); p != nil {
		t = p
	}
	for n, i := range index {
		s, ok := under(t).(*types.Struct)
		if !ok || i >= s.NumFields() {
			return []place{{other: value{unknown{}}}}
		}
		f := s.Field(i)
		for j, p := range all {
			all[j] = p.step(f.Name())
		}
		t = f.Type()
		if p := pointerTo(t); p != nil && n < len(index)-1 {
			all, t = pointees(in.at(e, all)), p
		}
	}
	return all
}

// indexed returns the places of an element.
func (in *interp) indexed(e *env, x *ast.IndexExpr) (all []place) {
	index, text := in.indexOf(e, x.Index), "["+types.ExprString(x.Index)+"]"
	t := in.info.TypeOf(x.X)
	_, array := under(t).(*types.Array)
	if p := pointerTo(t); p != nil || array {
		for _, p := range in.structs(e, x.X) {
			if p.part != nil {
				q := p.part.element(index, p.part.text+text)
				all = append(all, place{part: &q})
			} else {
				all = append(all, p.step(in.elementName(p.at, p.steps, index)))
			}
		}
		return all
	}
	for _, a := range in.eval(e, x.X) {
		switch a := a.(type) {
		case memory:
			all = append(all, place{at: a.at, steps: joinSteps(a.steps, in.elementName(a.at, a.steps, index))})
		case part:
			q := a.element(index, a.text+text)
			all = append(all, place{part: &q})
		case fresh:
			all = append(all, place{other: value{a}})
		default:
			all = append(all, place{other: value{unknown{}}})
		}
	}
	return all
}

// elementName returns the name of an element of some memory among its fields.
func (in *interp) elementName(at site, steps, index string) string {
	for _, s := range in.sweeps {
		if s.at == at && s.index == index && steps == "" {
			return eachElement
		}
	}
	if strings.Contains(index, "?") {
		return anyElement
	}
	return "[" + index + "]"
}

// elements returns what the elements of a slice, map or array are.
func (in *interp) elements(e *env, v value, index, what string) (all value) {
	for _, a := range v {
		switch a := a.(type) {
		case memory:
			all = join(all, e.load(a.at, joinSteps(a.steps, anyElement)))
		case part:
			if a.addr || isPointer(a.typ) { // an array
				a = a.pointee()
			}
			all = join(all, a.element(index, what+a.text).read())
		case record:
			if a.base != nil {
				all = join(all, a.base.element(index, what+a.base.text).read())
			}
			all = join(all, value{record{fields: a.fields}}.get([]string{anyElement}))
		case fresh:
			all = join(all, value{a})
		default:
			all = join(all, value{unknown{}})
		}
	}
	return all
}

// keys returns what the keys of a map are.
func (in *interp) keys(e *env, v value) (all value) {
	for _, a := range v {
		switch a := a.(type) {
		case memory:
			all = join(all, e.load(a.at, joinSteps(a.steps, mapKey)))
		case part:
			if m, ok := under(a.typ).(*types.Map); ok {
				all = join(all, a.to("[?]*", "a key of "+a.text, m.Key()).read())
			}
		case fresh:
		default:
			all = join(all, value{unknown{}})
		}
	}
	return all
}

// indexOf returns a name for what an index is at this point: two that have the same name
// are equal, if there is no question mark in it.
func (in *interp) indexOf(e *env, x ast.Expr) string {
	x = ast.Unparen(x)
	if v := in.info.Types[x].Value; v != nil {
		return constantName(v.ExactString())
	}
	switch x := x.(type) {
	case *ast.Ident:
		if v, ok := in.object(x).(*types.Var); ok && !in.isOuter(v) {
			if name, ok := e.names[in.siteOf(v)]; ok {
				return name
			}
			return nameOf(in.siteOf(v))
		}
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok && in.info.Selections[x] != nil && !isPointer(in.info.TypeOf(id)) {
			return in.indexOf(e, id) + "!" + x.Sel.Name
		}
	case *ast.BinaryExpr:
		if x.Op == token.SUB || x.Op == token.ADD {
			return in.indexOf(e, x.X) + x.Op.String() + in.indexOf(e, x.Y)
		}
	case *ast.CallExpr:
		if in.info.Types[x.Fun].IsType() && len(x.Args) == 1 {
			return in.indexOf(e, x.Args[0])
		}
		if s := lengthArg(in, x); s != nil {
			if v := in.eval(e, s); len(v) == 1 {
				if p, ok := v[0].(part); ok {
					return lengthOf(p.path)
				}
			}
		}
	}
	return "?"
}

// before returns a name for the index before x.
func (in *interp) before(e *env, x ast.Expr) string {
	if v := in.info.Types[x].Value; v != nil {
		n, err := strconv.Atoi(v.ExactString())
		if err != nil {
			return "?"
		}
		return constantName(strconv.Itoa(n - 1))
	}
	name := in.indexOf(e, x)
	if rest, ok := strings.CutSuffix(name, "+"+constantName("1")); ok {
		return rest
	}
	return "?"
}

func nameOf(at site) string {
	return "<" + strconv.Itoa(int(at.pos)) + "_" + strconv.Itoa(at.ctx) + ">"
}

// lengthOf returns a name for the length of what is at a path.
func lengthOf(path string) string { return "len<" + hex.EncodeToString([]byte(path)) + ">" }

// isConstant reports whether a name of an index, with a bracket behind it perhaps, is that
// of a constant.
func isConstant(name string) bool {
	return strings.HasPrefix(name, "=") && name != eachElement[1:] && !strings.ContainsAny(name, "<?+!")
}

// constantName returns the name of a constant: it has none of the characters that mean
// something in a path.
func constantName(text string) string { return "=" + hex.EncodeToString([]byte(text)) }
