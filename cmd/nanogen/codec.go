package main

import (
	"go/token"
	"go/types"
)

// codecs are the pairs of methods by which a type says itself what it is on the wire, in
// the order in which package remote looks for them.
var codecs = []string{"CBOR", "Binary", "Text"}

// codecMethod returns Marshal or Unmarshal and kind, if a type or a pointer to it has that
// method with the signature that makes it one. through is the embedded field that it comes
// with, "" if it is the type's own.
func codecMethod(t types.Type, verb, kind string) (through string, ok bool) {
	if types.IsInterface(t) {
		return "", false
	}
	sel := types.NewMethodSet(types.NewPointer(t)).Lookup(nil, verb+kind)
	if sel == nil {
		return "", false
	}
	bytes := types.NewParam(token.NoPos, nil, "", types.NewSlice(types.Typ[types.Byte]))
	failed := types.NewParam(token.NoPos, nil, "", types.Universe.Lookup("error").Type())
	want := types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(bytes, failed), false)
	if verb == "Unmarshal" {
		want = types.NewSignatureType(nil, nil, nil, types.NewTuple(bytes), types.NewTuple(failed), false)
	}
	if !types.Identical(sel.Type(), want) {
		return "", false
	}
	if len(sel.Index()) > 1 {
		through = t.Underlying().(*types.Struct).Field(sel.Index()[0]).Name()
	}
	return through, true
}

// codec returns the pair of methods by which values of a type cross, "" if they cross as
// what they are made of.
func (c *crossing) codec(t types.Type) string {
	if _, pointer := t.Underlying().(*types.Pointer); pointer {
		return ""
	}
	for _, kind := range codecs {
		if _, ok := codecMethod(t, "Marshal", kind); ok {
			return kind
		}
	}
	return ""
}

// marshaled reports whether nothing is to be looked at behind a type, since it has a codec
// of its own. Half a codec, and one that an embedded field brings along for itself only,
// are culprits.
func (c *crossing) marshaled(path string, t types.Type) bool {
	if _, pointer := t.Underlying().(*types.Pointer); pointer {
		return false
	}
	for _, kind := range codecs {
		through, to := codecMethod(t, "Marshal", kind)
		_, from := codecMethod(t, "Unmarshal", kind)
		switch {
		case to && !from:
			c.refuse(path, c.said(t), "has Marshal"+kind+" and no Unmarshal"+kind+": it would not arrive")
			return true
		case from && !to:
			c.refuse(path, c.said(t), "has Unmarshal"+kind+" and no Marshal"+kind+": it would not arrive")
			return true
		case to && through != "" && others(t, through):
			c.refuse(path, c.said(t), "its Marshal"+kind+" is that of the embedded "+through+", so that its other fields would not arrive")
			return true
		case to:
			return true
		}
	}
	return false
}

// others reports whether a struct has fields besides one.
func others(t types.Type, field string) bool {
	for f := range t.Underlying().(*types.Struct).Fields() {
		if f.Name() != field && f.Name() != "_" {
			return true
		}
	}
	return false
}
