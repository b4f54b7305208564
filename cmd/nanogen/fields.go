package main

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// A wireField is a field of a struct as the codec of package remote has it: under the name
// of its tag, and those of embedded structs beside the struct's own.
type wireField struct {
	path   string
	name   string
	typ    types.Type
	depth  int
	tagged bool
}

const howToMarshal = "give its type MarshalBinary and UnmarshalBinary (or …Text), or say //nano:lossy"

// structure looks at a struct without a codec of its own.
func (c *crossing) structure(path string, s *types.Struct) {
	var fields []wireField
	before := len(c.culprits)
	c.collect(path, s, 0, nil, &fields)
	if len(fields) == 0 && len(c.culprits) > before {
		c.culprits = c.culprits[:before]
		c.refuse(path, "struct", "has nothing exported, and neither MarshalBinary nor MarshalText: it would arrive empty")
		return
	}
	for _, f := range fields {
		if other, ok := hidden(f, fields); ok {
			c.refuse(f.path, "field", `has the name "`+f.name+`" on the wire, as `+other+" has, and would not arrive")
			continue
		}
		c.walk(f.path, f.typ)
	}
}

// collect gathers the fields of a struct and of those that it embeds, and tells which are
// left behind. in are the structs around it.
func (c *crossing) collect(path string, s *types.Struct, depth int, in []*types.Struct, fields *[]wireField) {
	if slices.Contains(in, s) {
		return
	}
	in = append(in, s)
	for i := range s.NumFields() {
		f := s.Field(i)
		at := path + "." + f.Name()
		name, tagged, out := tagOf(s.Tag(i))
		embedded, pointer := embeddedStruct(f)
		switch {
		case f.Name() == "_":
		case out:
			c.loses(at, `tagged "-"`, "it would arrive as zero; "+howToMarshal)
		case embedded != nil && !f.Exported() && (pointer || name != ""):
			c.refuse(at, c.said(f.Type()), "what embeds it cannot set it, since its name is not exported")
		case embedded != nil && name == "":
			c.collect(at, embedded, depth+1, in, fields) // also if it has a codec of its own
		case !f.Exported():
			c.loses(at, "not exported", "it would arrive as zero; "+howToMarshal)
		default:
			if name == "" {
				name = f.Name()
			}
			*fields = append(*fields, wireField{at, name, f.Type(), depth, tagged})
		}
	}
}

// embeddedStruct returns the struct that a field embeds, nil if it embeds none.
func embeddedStruct(f *types.Var) (s *types.Struct, pointer bool) {
	if !f.Embedded() {
		return nil, false
	}
	t := types.Unalias(f.Type())
	p, pointer := t.(*types.Pointer)
	if pointer {
		t = p.Elem()
	}
	s, _ = t.Underlying().(*types.Struct)
	return s, pointer
}

// tagOf returns the name that a field's tag gives it, and whether that leaves it out.
func tagOf(tag string) (name string, tagged, out bool) {
	text := reflect.StructTag(tag).Get("cbor")
	if text == "" {
		text = reflect.StructTag(tag).Get("json")
	}
	name, _, _ = strings.Cut(text, ",")
	return name, text != "", text == "-"
}

// hidden returns the path of another field because of which one does not cross: of those
// with one name it is the outermost that does, of several such the one with a tag, and of
// several again none.
func hidden(f wireField, fields []wireField) (by string, ok bool) {
	for _, g := range fields {
		if g.path == f.path || g.name != f.name {
			continue
		}
		if g.depth < f.depth || g.depth == f.depth && (g.tagged || !f.tagged) {
			return g.path, true
		}
	}
	return "", false
}
