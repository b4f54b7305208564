package main

import (
	"cmp"
	"fmt"
	"go/types"
	"hash/fnv"
	"strings"
)

// signature returns what a client and a service of another process have to agree on:
// Method(name type, …) (type, …), with the paths of packages and without the context. An
// event has no second pair of brackets, so that it is never taken for a call. The fields of
// a named struct are not in it: one may be added.
func (m *method) signature() string {
	var params, results []string
	for i, v := range m.params {
		text := wireType(v.Type())
		if m.variadic && i == len(m.params)-1 {
			text = "..." + strings.TrimPrefix(text, "[]")
		}
		params = append(params, cmp.Or(v.Name(), "_")+" "+text)
	}
	s := m.name + "(" + strings.Join(params, ", ") + ")"
	if m.kind == tell {
		return s
	}
	for _, v := range m.answers() {
		results = append(results, wireType(v.Type()))
	}
	if m.err != nil {
		results = append(results, "error")
	}
	return s + " (" + strings.Join(results, ", ") + ")"
}

// hashOf returns a signature as it is sent: FNV-1a of 64 bits.
func hashOf(signature string) string {
	h := fnv.New64a()
	h.Write([]byte(signature))
	return fmt.Sprintf("%016x", h.Sum64())
}

// wireType returns a type as signatures have it: one text for each type, whatever aliases
// it is written with.
func wireType(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.Byte {
			return "byte"
		}
		return types.Typ[t.Kind()].Name() // rune is int32
	case *types.Named:
		name := t.Obj().Name()
		if pkg := t.Obj().Pkg(); pkg != nil {
			name = pkg.Path() + "." + name
		}
		if t.TypeArgs().Len() == 0 {
			return name
		}
		var args []string
		for a := range t.TypeArgs().Types() {
			args = append(args, wireType(a))
		}
		return name + "[" + strings.Join(args, ", ") + "]"
	case *types.Pointer:
		return "*" + wireType(t.Elem())
	case *types.Slice:
		return "[]" + wireType(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), wireType(t.Elem()))
	case *types.Map:
		return "map[" + wireType(t.Key()) + "]" + wireType(t.Elem())
	case *types.Struct:
		var fields []string
		for f := range t.Fields() {
			fields = append(fields, f.Name()+" "+wireType(f.Type()))
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	}
	return types.TypeString(t, nil) // nothing that crosses
}
