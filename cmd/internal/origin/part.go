package origin

import (
	"go/types"
	"strings"
)

// A part is what is in the state at a path: a reference, such as a slice, or with addr
// the address of the path.
//
// A path is a sequence of ".field", "[index]" for elements of slices and maps,
// "(index)" for those of arrays, and "*" for what a pointer points to. The state itself
// has the path "".
type part struct {
	path  string
	text  string     // what to call it
	typ   types.Type // of what is at the path
	addr  bool
	doubt bool // it cannot be told whether it is the state's: a pointer leads there, or it was given away perhaps
}

func (p part) key() string {
	key := "part " + p.path
	if p.addr {
		key += " addr"
	}
	if p.doubt {
		key += " doubt"
	}
	return key
}

// tooDeep is the path of all that is too many pointers away from the state.
const tooDeep = "~"

func (p part) to(segment, text string, typ types.Type) part {
	path := p.path + segment
	if p.path == tooDeep || len(path) > 300 || strings.Count(path, "*") > 3 {
		path = tooDeep
	}
	return part{path: path, text: text, typ: typ, doubt: p.doubt || path == tooDeep}
}

// member returns the part that is a field of this one, or an element.
func (p part) member(name string) part {
	switch t := under(p.typ).(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if f.Name() == name {
				return p.to("."+name, p.text+"."+name, f.Type())
			}
		}
	case *types.Array:
		return p.to("("+strings.Trim(name, "[]")+")", p.text+"[0]", t.Elem())
	}
	return p.to("."+name, p.text+"."+name, nil)
}

// names returns the names of the fields that p has.
func (p *part) names() (all []string) {
	if p == nil {
		return nil
	}
	switch t := under(p.typ).(type) {
	case *types.Struct:
		for f := range t.Fields() {
			all = append(all, f.Name())
		}
	case *types.Array:
		all = []string{anyElement}
	}
	return all
}

// element returns the part that is an element of a slice, map or array.
func (p part) element(index, text string) part {
	switch t := under(p.typ).(type) {
	case *types.Slice:
		return p.to("["+index+"]", text, t.Elem())
	case *types.Map:
		return p.to("["+index+"]", text, t.Elem())
	case *types.Array:
		return p.to("("+index+")", text, t.Elem())
	}
	return p.to("["+index+"]", text, nil)
}

// pointee returns the part that a pointer points to.
func (p part) pointee() part {
	if p.addr {
		p.addr = false
		return p
	}
	var elem types.Type
	if t, ok := under(p.typ).(*types.Pointer); ok {
		elem = t.Elem()
	}
	p = p.to("*", p.text, elem)
	p.doubt = true
	return p
}

// read returns what is at the path of p.
func (p part) read() value {
	if p.typ == nil {
		p.doubt = true
		return value{p}
	}
	switch under(p.typ).(type) {
	case *types.Chan:
		return nil // is there to be shared
	case *types.Struct, *types.Array:
		if mayRefer(p.typ) {
			return value{record{base: &p}}
		}
		return nil
	}
	if _, param := under(p.typ).(*types.TypeParam); param || !mayRefer(p.typ) {
		return nil // what a type parameter stands for is its user's business
	}
	return value{p}
}

// below reports whether path is at root or within it, and what leads there from root. A
// root that ends with "[" stands for all elements.
func below(path, root string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, root)
	if strings.HasSuffix(root, "[") {
		return rest, ok
	}
	return rest, ok && (rest == "" || strings.ContainsRune(".[(*", rune(rest[0])))
}

// given reports whether what p is belongs to what is at root: if another reference is
// put there, p is the state's no more.
func (p part) given(root string) (rest string, ok bool) {
	rest, ok = below(p.path, root)
	if p.addr { // the address of a field stays in the state
		ok = ok && strings.ContainsAny(rest, "[*")
	}
	return rest, ok
}

// verdict returns where p comes from.
func (p part) verdict() (Origin, string) {
	switch {
	case p.doubt:
		return Unknown, ""
	case p.addr:
		return State, "&" + p.text
	}
	switch under(p.typ).(type) {
	case *types.Slice, *types.Map, *types.Signature:
		return State, p.text
	}
	return Unknown, ""
}

func isPointer(t types.Type) bool {
	_, ok := under(t).(*types.Pointer)
	return ok
}

// visible reports whether the package knows a field of p.
func (in *interp) visible(p part, name string) bool {
	t, ok := under(p.typ).(*types.Struct)
	if !ok {
		return true
	}
	for f := range t.Fields() {
		if f.Name() == name {
			return f.Exported() || f.Pkg() == in.pkg
		}
	}
	return true
}

// isFunction reports whether a part is a function: copies of a struct have it as the
// struct has, which seldom means that they share anything.
func isFunction(a alt) bool {
	p, ok := a.(part)
	if !ok {
		return false
	}
	_, ok = under(p.typ).(*types.Signature)
	return ok
}

// mapKeyType returns the type of the keys of a map, or nil.
func mapKeyType(t types.Type) types.Type {
	if m, ok := under(t).(*types.Map); ok {
		return m.Key()
	}
	return nil
}
