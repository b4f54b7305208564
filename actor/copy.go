package actor

import (
	"cmp"
	"log/slog"
	"reflect"
	"slices"
	"time"
	"unsafe"
)

// copier copies a service's value without calling any of its methods, and without
// touching what others may be touching at the same time. It is bounded in what it
// copies, so it returns soon.
type copier struct {
	values int                      // so far
	seen   map[unsafe.Pointer]shown // what pointers led to, for cycles
}

// shown is a copy that a pointer leads to.
type shown struct{ p reflect.Value }

// copy copies src to dst, both of which are addressable.
func (k *copier) copy(dst, src reflect.Value, depth int) {
	dst, src = accessible(dst), accessible(src)
	t := src.Type()
	if k.values++; k.values > copyValues || depth > copyDepth || isShared(t) {
		return
	}
	switch src.Kind() {
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			dst.Set(src)
			return
		}
		for i := range src.NumField() {
			k.copy(dst.Field(i), src.Field(i), depth)
		}
	case reflect.Array:
		for i := range src.Len() {
			k.copy(dst.Index(i), src.Index(i), depth)
		}
	case reflect.Slice:
		k.copySlice(dst, src, depth)
	case reflect.Map:
		k.copyMap(dst, src, depth)
	case reflect.Pointer:
		k.copyPointer(dst, src, depth)
	case reflect.Interface:
		if e := src.Elem(); src.IsNil() || !isPlain(e.Type(), nil) {
			return
		} else if c, ok := k.aside(e, depth); ok {
			dst.Set(c)
		}
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
	default: // a number or a string, which is immutable
		dst.Set(src)
	}
}

func (k *copier) copySlice(dst, src reflect.Value, depth int) {
	if src.IsNil() {
		return
	}
	n := min(src.Len(), max(0, copyValues-k.values))
	dst.Set(reflect.MakeSlice(src.Type(), n, n))
	switch src.Type().Elem().Kind() {
	case reflect.Uint8, reflect.Int, reflect.Int64, reflect.Float64, reflect.String:
		reflect.Copy(dst, src)
		k.values += n
		return
	}
	for i := range n {
		k.copy(dst.Index(i), src.Index(i), depth+1)
	}
}

func (k *copier) copyMap(dst, src reflect.Value, depth int) {
	if src.IsNil() {
		return
	}
	dst.Set(reflect.MakeMap(src.Type()))
	for i := src.MapRange(); i.Next() && k.values < copyValues; {
		key, ok := k.aside(i.Key(), depth+1)
		if !ok || !isPlain(key.Type(), nil) {
			continue
		}
		if v, ok := k.aside(i.Value(), depth+1); ok {
			dst.SetMapIndex(key, v)
		}
	}
}

// copyPointer follows a pointer to plain data.
func (k *copier) copyPointer(dst, src reflect.Value, depth int) {
	if src.IsNil() || !isPlain(src.Type().Elem(), nil) {
		return
	}
	p := src.UnsafePointer()
	if s, ok := k.seen[p]; ok && s.p.Type() == src.Type() {
		dst.Set(s.p)
		return
	}
	c := reflect.New(src.Type().Elem())
	if k.seen == nil {
		k.seen = map[unsafe.Pointer]shown{}
	}
	k.seen[p] = shown{c}
	k.copy(c.Elem(), src.Elem(), depth+1)
	dst.Set(c)
}

// aside copies a value that is not addressable.
func (k *copier) aside(v reflect.Value, depth int) (c reflect.Value, ok bool) {
	from, to := reflect.New(v.Type()).Elem(), reflect.New(v.Type()).Elem()
	from.Set(v)
	k.copy(to, from, depth)
	return to, k.values <= copyValues
}

// accessible makes a field that is not exported as good as one that is. v is addressable.
func accessible(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// isShared reports whether values of the type are there to be shared by goroutines.
func isShared(t reflect.Type) bool {
	switch t.PkgPath() {
	case "sync", "sync/atomic", "context":
		return true
	}
	return false
}

// isPlain reports whether a type is made of nothing that goroutines share: then what a
// pointer to it leads to belongs to whoever has the pointer, or never changes.
func isPlain(t reflect.Type, seen map[reflect.Type]bool) bool {
	if isShared(t) {
		return false
	}
	if seen[t] {
		return true // decided elsewhere
	}
	if seen == nil {
		seen = map[reflect.Type]bool{}
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Interface:
		return false
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return true
		}
		for i := range t.NumField() {
			if !isPlain(t.Field(i).Type, seen) {
				return false
			}
		}
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return isPlain(t.Elem(), seen)
	case reflect.Map:
		return isPlain(t.Key(), seen) && isPlain(t.Elem(), seen)
	}
	return true
}

// firstByKey returns the first of the attributes, in the order of their keys.
func firstByKey(attrs []slog.Attr) []slog.Attr {
	slices.SortFunc(attrs, func(a, b slog.Attr) int { return cmp.Compare(a.Key, b.Key) })
	return attrs[:min(len(attrs), shownValues)]
}
