package origin

import (
	"go/ast"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A value is what an expression may stand for: one of several alternatives, no two of
// which have the same key. A value without any refers to nothing: it is nil, a number,
// a zero value.
type value []alt

// An alt is one thing that a value may be.
type alt interface{ key() string }

type (
	// unknown may be a part of the state, or not.
	unknown struct{}

	// fresh is no part of the state, and refers to none: it was handed over, or comes from
	// a function that could not get at the state.
	fresh struct{}

	// A memory is a reference to memory that the function made, or was given: a variable,
	// or what a literal, make, new or append makes. It is a pointer to what is at steps
	// in it, or a slice, map or channel that has it.
	memory struct {
		at    site
		steps string // see joinSteps
	}

	// A closure is a function literal, with the frame in which it stands.
	closure struct {
		lit *ast.FuncLit
		fr  *frame
	}

	// A record is a struct or an array by value, or what a slice, map or channel has.
	// What is not among the fields is what the base has, which is a struct or an array in
	// the state of which this is a copy; or else zero.
	record struct {
		fields map[string]value
		base   *part
	}
)

// A site is where a variable is declared or memory is made, in one call of a function.
type site struct {
	pos token.Pos
	ctx int
}

// Elements have these names among the fields of a record, or the name of their index
// in brackets, see indexOf.
const (
	anyElement   = "[]"
	addedElement = "[+]" // what was certainly appended, and has not been replaced
	eachElement  = "[=]" // anyElement, in a loop that replaces all of them
	mapKey       = "key"
	otherFields  = "..." // all that have no names among the fields
)

func isElement(name string) bool { return name[0] == '[' && name != addedElement }

func (s site) key() string { return strconv.Itoa(int(s.pos)) + "@" + strconv.Itoa(s.ctx) }

func (unknown) key() string   { return "?" }
func (fresh) key() string     { return "fresh" }
func (m memory) key() string  { return "memory " + m.at.key() + m.steps }
func (c closure) key() string { return "func " + site{c.lit.Pos(), c.fr.ctx}.key() }

func (r record) key() string {
	var b strings.Builder
	b.WriteString("{")
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		b.WriteString(name + ": " + r.fields[name].key() + "; ")
	}
	if r.base != nil {
		b.WriteString(r.base.key())
	}
	return b.String() + "}"
}

func (v value) key() string {
	keys := make([]string, len(v))
	for i, a := range v {
		keys[i] = a.key()
	}
	slices.Sort(keys)
	return strings.Join(keys, " | ")
}

// join returns what is either a or b. Records become one, field by field.
func join(a, b value) value {
	switch {
	case len(b) == 0 || same(a, b):
		return a
	case len(a) == 0:
		return b
	}
	all := slices.Clone(a)
next:
	for _, x := range b {
		r, isRecord := x.(record)
		key := x.key()
		for i, y := range all {
			if s, ok := y.(record); ok && isRecord {
				all[i] = s.join(r)
				continue next
			}
			if y.key() == key {
				continue next
			}
		}
		all = append(all, x)
	}
	if len(all) > maxAlternatives {
		return value{unknown{}}
	}
	return all
}

// maxAlternatives bounds what is known of a value: a walk through a tree would have one
// for each way.
const maxAlternatives = 16

// same reports whether a and b are one; if not, they may be equal. Values never change, and
// most of them come back as they were.
func same(a, b value) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

func (r record) join(s record) record {
	if identical(r, s) {
		return r
	}
	both := record{fields: map[string]value{}}
	names := map[string]bool{}
	for _, x := range []record{r, s} {
		for name := range x.fields {
			names[name] = true
		}
	}
	if r.base != nil && s.base != nil && r.base.key() == s.base.key() {
		both.base = r.base
	} else {
		for _, x := range []record{r, s} {
			for _, name := range x.base.names() {
				names[name] = true
			}
		}
	}
	for name := range names {
		if v := join(r.field(name), s.field(name)); v != nil || both.base != nil {
			both.fields[name] = v
		}
	}
	return both
}

// field returns what a field has.
func (r record) field(name string) value {
	if v, ok := r.fields[name]; ok {
		return v
	}
	if r.base != nil {
		return r.base.member(name).read()
	}
	if name == addedElement {
		return nil
	}
	return r.fields[otherFields]
}

// with returns r with another value of a field.
func (r record) with(name string, v value) record {
	fields := maps.Clone(r.fields)
	if fields == nil {
		fields = map[string]value{}
	}
	fields[name] = v
	return record{fields, r.base}
}

// joinSteps and splitSteps make one string of the names of fields that lead to
// a part of a record, and take it apart.
func joinSteps(steps string, name string) string { return steps + "\x00" + name }

func splitSteps(steps string) []string {
	if steps == "" {
		return nil
	}
	return strings.Split(steps[1:], "\x00")
}

// get returns what is at steps in v.
func (v value) get(steps []string) (found value) {
	if len(steps) == 0 {
		return v
	}
	for _, a := range v {
		switch a := a.(type) {
		case record:
			found = join(found, a.member(steps[0]).get(steps[1:]))
		case fresh:
			found = join(found, value{a})
		default:
			found = join(found, value{unknown{}})
		}
	}
	return found
}

// member returns what a field, or an element, has.
func (r record) member(name string) (found value) {
	if !isElement(name) {
		return r.field(name)
	}
	for other, v := range r.fields {
		if isElement(other) && (other == name || !isConstant(other[1:]) || !isConstant(name[1:])) {
			found = join(found, v)
		}
	}
	if r.base != nil {
		found = join(found, r.base.member(name).read())
	}
	return join(found, r.fields[otherFields])
}

// set returns v with another value at steps; it may also still be the old one
// if that is not sure.
func (v value) set(steps []string, to value, sure bool) value {
	if len(steps) == 0 {
		if sure {
			return to
		}
		return join(v, to)
	}
	r := record{}
	for _, a := range v {
		switch a := a.(type) {
		case record:
			r = a
		case fresh:
		default:
			r = r.with(otherFields, value{unknown{}})
		}
	}
	name := steps[0]
	if isElement(name) {
		r = r.unsure()
	}
	switch name {
	case anyElement:
		sure = false
	case eachElement:
		to = r.member(anyElement).set(steps[1:], to, sure)
		kept := record{base: nil}
		for other, v := range r.fields {
			if !isElement(other) && other != addedElement {
				kept = kept.with(other, v)
			}
		}
		return value{kept.with(anyElement, to).with(addedElement, r.fields[addedElement])}
	}
	return value{r.with(name, r.member(name).set(steps[1:], to, sure))}
}

// unsure returns r after an element was replaced: it is not sure any more that what was
// added is there.
func (r record) unsure() record {
	if len(r.fields[addedElement]) > 0 {
		r = r.with(addedElement, value{fresh{}})
	}
	return r
}

// add returns v, which is what a slice has, with one more element. State is in it for
// sure then, until elements are replaced.
func (v value) add(element value, sure bool) value {
	added := v.get([]string{addedElement})
	v = v.set([]string{anyElement}, element, false)
	if sure {
		added = join(added, element)
	}
	return v.set([]string{addedElement}, added, true)
}

// replace returns v with each alternative, also within records, replaced by what
// f returns for it.
func (v value) replace(f func(alt) value) value {
	var all value
	changed := false
	for i, a := range v {
		if r, ok := a.(record); ok {
			a = r.replace(f)
		}
		to := f(a)
		if len(to) != 1 || !identical(to[0], v[i]) {
			changed = true
		}
		all = join(all, to)
	}
	if !changed {
		return v
	}
	return all
}

func (r record) replace(f func(alt) value) record {
	var fields map[string]value
	for name, old := range r.fields {
		if v := old.replace(f); !same(v, old) {
			if fields == nil {
				fields = maps.Clone(r.fields)
			}
			fields[name] = v
		}
	}
	if fields == nil {
		return r
	}
	return record{fields, r.base}
}

// identical reports whether two alternatives are surely equal.
func identical(a, b alt) bool {
	r, ok := a.(record)
	s, both := b.(record)
	if ok != both {
		return false
	}
	if !ok {
		return a == b
	}
	return r.base == s.base && reflect.ValueOf(r.fields).UnsafePointer() == reflect.ValueOf(s.fields).UnsafePointer()
}

// merge makes the element at an index one of which the index is not known any more.
func (r record) merge(index string) value {
	v := value{r}
	for name, element := range r.fields {
		if isElement(name) && strings.Contains(name, index) {
			fields := maps.Clone(v[0].(record).fields)
			delete(fields, name)
			fields[anyElement] = join(fields[anyElement], element)
			v = value{record{fields, r.base}}
		}
	}
	return v
}
