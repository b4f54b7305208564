package origin

import (
	"go/ast"
	"strings"
)

// forgetful are packages whose functions keep nothing of what they get, and return
// nothing of it, except those that known knows.
var forgetful = map[string]bool{
	"bytes": true, "cmp": true, "encoding/base64": true, "encoding/binary": true, "encoding/hex": true, "encoding/json": true,
	"encoding/xml": true, "errors": true, "fmt": true, "maps": true, "math": true, "math/bits": true, "math/rand/v2": true,
	"os": true, "slices": true, "sort": true, "strconv": true, "strings": true, "time": true, "unicode/utf8": true,
}

// known follows a call of a function of the standard library, or of package actor, that
// passes on what it gets. It returns false if it does not know it.
func (in *interp) known(e *env, c *ast.CallExpr, name string) ([]value, bool) {
	if len(c.Args) == 0 {
		return nil, false
	}
	pkg, fn, _ := cutLast(name)
	switch {
	case name == actorPath+".Move":
		return []value{in.takenOut(e, in.eval(e, c.Args[0]))}, true
	case pkg == "maps":
		return in.ofMaps(e, c, fn)
	case pkg == "slices":
		if all, ok := in.iterators(e, c, fn); ok {
			return all, true
		}
		return in.ofSlices(e, c, fn)
	case pkg == "bytes":
		return in.ofBytes(e, c, fn)
	case strings.HasPrefix(fn, "Append") && forgetful[pkg]: // fmt.Append, strconv.AppendInt
		args := in.runAll(e, c)
		return []value{in.extended(e, c, args[0], nil), nil}, true
	}
	return nil, false
}

func cutLast(name string) (pkg, fn string, ok bool) {
	i := strings.LastIndex(name, ".")
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// takenOut returns what pointers point to, where the zero value is put instead.
func (in *interp) takenOut(e *env, pointer value) value {
	all := pointees(pointer)
	temporary := site{ctx: -500}
	e.mem[temporary] = in.at(e, all)
	if s := in.store(e, all, nil, nil); s != nil {
		in.put(e, s...)
	}
	v := e.mem[temporary]
	delete(e.mem, temporary)
	return v
}

func (in *interp) ofMaps(e *env, c *ast.CallExpr, fn string) ([]value, bool) {
	args := in.runAll(e, c)
	keys := func() value {
		if m := mapKeyType(in.typeOf(c.Args[0])); m == nil || mayRefer(m) {
			return in.keys(e, args[0])
		}
		return nil
	}
	iterator := func(first, second value) ([]value, bool) {
		r := record{}.with(anyElement, second).with(mapKey, first).with("of", args[0])
		return []value{in.allocate(e, c.Lparen, value{r})}, true
	}
	switch fn {
	case "Clone":
		return []value{in.withKeys(e, in.collected(e, c, in.elementsOf(e, c.Args[0])), keys())}, true
	case "Copy":
		in.copied(e, args[0], in.elementsOf(e, c.Args[1]))
	case "Insert":
		in.copied(e, args[0], in.iterated(e, args[1], anyElement))
	case "Collect":
		return []value{in.withKeys(e, in.collected(e, c, in.iterated(e, args[0], anyElement)), in.iterated(e, args[0], mapKey))}, true
	case "All":
		return iterator(keys(), in.elementsOf(e, c.Args[0]))
	case "Keys":
		return iterator(nil, keys())
	case "Values":
		return iterator(nil, in.elementsOf(e, c.Args[0]))
	case "DeleteFunc":
		in.doubtElements(e, args[0])
	default:
		return nil, false
	}
	return nil, true
}

func (in *interp) withKeys(e *env, m, keys value) value {
	if keys != nil {
		at := m[0].(memory).at
		e.mem[at] = e.mem[at].set([]string{mapKey}, keys, false)
	}
	return m
}

// iterated returns what an iterator yields: anyElement, or as the first of two mapKey.
func (in *interp) iterated(e *env, v value, name string) (all value) {
	for _, a := range v {
		if m, ok := a.(memory); ok {
			all = join(all, e.load(m.at, joinSteps("", name)))
		} else {
			all = join(all, value{unknown{}})
		}
	}
	return all
}

// doubtElements notes that elements may have been taken out of a slice or map in the
// state.
func (in *interp) doubtElements(e *env, v value) {
	for _, a := range v {
		if p, ok := a.(part); ok {
			e.doubt(func(q part) bool {
				rest, ok := below(q.path, p.path)
				return ok && rest != "" && !q.addr
			})
		}
	}
}

// iterators follows the functions of package slices that make iterators, and those
// that use them.
func (in *interp) iterators(e *env, c *ast.CallExpr, fn string) ([]value, bool) {
	switch fn {
	case "All", "Backward", "Values", "Chunk":
		v := in.eval(e, c.Args[0])
		elements := in.elementsOf(e, c.Args[0])
		if fn == "Chunk" {
			elements = v
		}
		r := record{}.with(anyElement, elements).with("of", v)
		return []value{in.allocate(e, c.Lparen, value{r})}, true
	case "Collect", "Sorted", "SortedFunc", "SortedStableFunc":
		return []value{in.collected(e, c, in.plainUnless(c, in.iterated(e, in.runAll(e, c)[0], anyElement)))}, true
	case "AppendSeq":
		args := in.runAll(e, c)
		return []value{in.extended(e, c, args[0], []value{in.plainUnless(c, in.iterated(e, args[1], anyElement))})}, true
	}
	return nil, false
}

// plainUnless returns v, unless what a call returns has elements that refer to nothing.
func (in *interp) plainUnless(c *ast.CallExpr, v value) value {
	if !in.hasElements(c) {
		return nil
	}
	return v
}

func (in *interp) ofSlices(e *env, c *ast.CallExpr, fn string) ([]value, bool) {
	switch fn {
	case "Clone", "Concat", "Repeat":
		var all []value
		for i, x := range c.Args {
			if i > 0 && fn == "Repeat" {
				break
			}
			all = append(all, in.elementsOf(e, x))
			if i == len(c.Args)-1 && c.Ellipsis.IsValid() {
				all[i] = in.plainUnless(c, in.elements(e, all[i], "?", "an element of "))
			}
		}
		return []value{in.collected(e, c, all...)}, true
	case "Clip", "Compact", "CompactFunc", "Delete", "DeleteFunc":
		return []value{in.runAll(e, c)[0]}, true
	case "Grow", "Insert", "Replace":
		args := in.runAll(e, c)
		first := map[string]int{"Grow": 2, "Insert": 2, "Replace": 3}[fn]
		return []value{in.extended(e, c, args[0], args[min(first, len(args)):])}, true
	case "Max", "MaxFunc", "Min", "MinFunc":
		in.runAll(e, c)
		return []value{in.elementsOf(e, c.Args[0])}, true
	}
	return nil, false
}

func (in *interp) ofBytes(e *env, c *ast.CallExpr, fn string) ([]value, bool) {
	switch {
	case fn == "Clone":
		return nil, false
	case strings.HasPrefix(fn, "Cut"):
		v := in.runAll(e, c)[0]
		return []value{v, v, nil}, true
	case strings.HasPrefix(fn, "Trim"):
		return []value{in.runAll(e, c)[0]}, true
	case strings.HasPrefix(fn, "Fields"), strings.HasPrefix(fn, "Split"), strings.HasPrefix(fn, "NewBuffer"), strings.HasPrefix(fn, "NewReader"):
		return []value{in.collected(e, c, in.runAll(e, c)[0])}, true
	}
	return nil, false
}
