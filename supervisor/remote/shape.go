package remote

import (
	"encoding"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// What can cross is a matter of types, but for the depth of those that contain themselves. A
// type is refused if a value of it could arrive as another one: it is better not to send.
// nanogen refuses the same when it generates; this is for tables that are written by hand,
// and for types that have changed since.

// An array is what is known of a type of arguments, results or an error.
type array struct {
	refused error // names what cannot cross, each with the path to it; nil: all can
	deep    bool  // its values may be nested to any depth
	own     bool  // methods of the user's write some of it
}

// arrayOf looks at t, for the method or the error with that signature or name.
func arrayOf(of string, t reflect.Type) array {
	w := walk{stack: map[reflect.Type]bool{}}
	if t.Kind() == reflect.Struct {
		w.lossy = isLossy(t)
	}
	w.check(t, "")
	if len(w.faults) == 0 {
		return array{deep: w.deep, own: w.methods}
	}
	return array{refused: fmt.Errorf("%s cannot cross: %w", of, errors.Join(w.faults...))}
}

// isLossy reports whether a blank field of the array is tagged nano:"lossy".
func isLossy(t reflect.Type) bool {
	f, ok := t.FieldByName("_")
	return ok && f.Tag.Get("nano") == "lossy"
}

type walk struct {
	stack   map[reflect.Type]bool // that contain what is looked at
	lossy   bool
	deep    bool // a type was seen that contains itself
	methods bool // a type was seen with methods of its own to write it
	faults  []error
}

func (w *walk) fault(path, why string) {
	w.faults = append(w.faults, fmt.Errorf("%s: %s", strings.TrimPrefix(path, "."), why))
}

func (w *walk) check(t reflect.Type, path string) {
	if w.stack[t] {
		w.deep = true
		return
	}
	if w.own(t, path) {
		w.methods = true
		return
	}
	w.stack[t] = true
	w.deep = w.deep || len(w.stack) >= maxDepth/2
	defer delete(w.stack, t)
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128, reflect.Interface, reflect.Uintptr:
		w.fault(path, t.Kind().String()+" "+t.String())
	case reflect.Pointer:
		switch e := t.Elem(); {
		case e.Kind() == reflect.Pointer, e.Kind() == reflect.Slice && !marshals(e), e.Kind() == reflect.Map && !marshals(e):
			w.fault(path, t.String()+": a pointer to nil would arrive as nil")
		default:
			w.check(e, path)
		}
	case reflect.Slice, reflect.Array:
		w.check(t.Elem(), path+"[]")
	case reflect.Map:
		w.key(t.Key(), path)
		w.check(t.Elem(), path+"[]")
	case reflect.Struct:
		w.fields(t, path)
	}
}

// key: what is equal as a key has to be so on arrival.
func (w *walk) key(t reflect.Type, path string) {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		if !marshals(t) {
			return
		}
	}
	w.fault(path, "a map with keys of type "+t.String())
}

// fields: all of them arrive, or the struct is refused.
func (w *walk) fields(t reflect.Type, path string) {
	names := map[string]bool{}
	for f := range structFields(t) {
		name, tagged := nameInTag(f)
		switch {
		case f.Name == "_":
		case name == "-":
			w.lost(path, f, "left out by its tag")
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct:
			// Its fields are those of the struct, with rules of their own; package cbor does not
			// ask it for a marshaler.
			w.embedded(f, path, names)
		case !f.IsExported():
			w.lost(path, f, "not exported")
		case names[name]:
			w.fault(path+"."+f.Name, "another field is called "+name+", too")
		default:
			names[name] = true
			w.check(f.Type, path+"."+f.Name)
		}
	}
}

func (w *walk) lost(path string, f reflect.StructField, why string) {
	if !w.lossy {
		w.fault(path+"."+f.Name, why+", and its struct has no marshaler")
	}
}

// embedded checks a struct that is embedded, by value, in one with such names.
func (w *walk) embedded(f reflect.StructField, path string, names map[string]bool) {
	inner := walk{stack: w.stack, lossy: w.lossy}
	inner.fields(f.Type, path+"."+f.Name)
	w.faults = append(w.faults, inner.faults...)
	w.deep, w.methods = w.deep || inner.deep, w.methods || inner.methods
	for g := range structFields(f.Type) {
		name, _ := nameInTag(g)
		if g.IsExported() && names[name] {
			w.fault(path+"."+f.Name+"."+g.Name, "another field is called "+name+", too")
		}
		names[name] = true
	}
}

func structFields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// nameInTag returns the name that the field has on the wire: that of its tag cbor, else json.
func nameInTag(f reflect.StructField) (name string, tagged bool) {
	tag := f.Tag.Get("cbor")
	if tag == "" {
		tag = f.Tag.Get("json")
	}
	if tag == "-" {
		return "-", true
	}
	name, _, _ = strings.Cut(tag, ",")
	if name == "" {
		return f.Name, false
	}
	return name, true
}

// own reports whether values of t are written by methods of their own, and complains if they
// cannot be read.
func (w *walk) own(t reflect.Type, path string) bool {
	if t.Kind() == reflect.Interface {
		return false
	}
	for _, m := range marshalers {
		out, in := implements(t, m.out), implements(t, m.in)
		switch {
		case out && in:
			return true
		case out:
			w.fault(path, fmt.Sprintf("%v has a %s, and no %s", t, m.out.Name(), m.in.Name()))
			return true
		case in && t.Kind() != reflect.Pointer:
			w.fault(path, fmt.Sprintf("%v has a %s, and no %s", t, m.in.Name(), m.out.Name()))
			return true
		}
	}
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[big.Int]()
}

// marshals reports whether values of t are written by methods of their own.
func marshals(t reflect.Type) bool {
	w := walk{}
	return w.own(t, "")
}

func implements(t, i reflect.Type) bool {
	return t.Implements(i) || t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(i)
}

// marshalers are pairs of interfaces, in the order in which package cbor looks for them.
var marshalers = []struct{ out, in reflect.Type }{
	{reflect.TypeFor[cbor.Marshaler](), reflect.TypeFor[cbor.Unmarshaler]()},
	{reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler]()},
	{reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()},
}

// errDeep: the value may contain itself.
var errDeep = fmt.Errorf("nested deeper than %d", maxDepth)

// shallow refuses a value that is nested too deep, as one that contains itself is: package
// cbor would not come back. Only types that contain themselves need to be looked at.
func shallow(v reflect.Value, left int) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return shallow(v.Elem(), left)
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		if left == 0 {
			return errDeep
		}
		if marshals(v.Type()) {
			return nil
		}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := shallow(v.Index(i), left-1); err != nil {
				return err
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := shallow(it.Value(), left-1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := shallow(v.Field(i), left-1); err != nil {
				return err
			}
		}
	}
	return nil
}
