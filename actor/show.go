package actor

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"time"
)

// Show returns the service's value for a log or a page: what its LogValue method
// (slog.LogValuer) says, or, if T has none, its fields, of which those whose types have
// one are shown as that says. So a type decides what of it may be seen:
//
//	type Password string
//
//	func (Password) LogValue() slog.Value { return slog.StringValue("(hidden)") }
//
// Neither can hang or crash the service, because no method of T is called on the value
// itself. Between two closures, as for Inspect, the library copies it: the value, and
// what it owns by slices, maps, and pointers to plain data, at most 10000 values. Not
// followed, and nil or zero in the copy, are channels, functions, locks and atomics,
// and pointers to anything that contains these, such as services or databases: those may
// be shared with others. (What no copy can see is a lock that guards data from outside:
// data that T shares with others under somebody else's lock must not be shown.) LogValue
// is then called on the copy, on another goroutine. If it panics, or does not return
// before ctx ends, that is the error, and the service knows nothing of it.
//
// Otherwise the errors are those of Inspect.
func (s *Service[T]) Show(ctx context.Context) (slog.Value, error) {
	var copied *T
	var k copier
	err := s.lookAt(ctx, entry((*Service[T]).Show), func(state any) {
		c := new(T)
		k.copy(reflect.ValueOf(c).Elem(), reflect.ValueOf(state).Elem(), 0)
		copied = c
	})
	if err != nil {
		return slog.Value{}, err
	}
	return s.present(ctx, copied)
}

// present has the value of a copy made on a goroutine of its own.
func (c *core) present(ctx context.Context, copied any) (slog.Value, error) {
	type result struct {
		v   slog.Value
		err error
	}
	shown := make(chan result, 1)
	go func() {
		r := result{err: fmt.Errorf("actor: %s: LogValue ended its goroutine", c.Name())}
		defer func() {
			if v := recover(); v != nil {
				r.err = fmt.Errorf("actor: %s: LogValue panicked: %v", c.Name(), v)
			}
			shown <- r
		}()
		r.v = display(reflect.ValueOf(copied).Elem(), 0)
		r.err = nil
	}()
	select {
	case r := <-shown:
		return r.v, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-shown:
		return r.v, r.err
	default:
		return slog.Value{}, fmt.Errorf("actor: %s: LogValue has not returned: %w", c.Name(), ctx.Err())
	}
}

// Limits of what is shown.
const (
	copyValues  = 10_000 // in all
	copyDepth   = 32     // of pointers, slices and maps
	shownValues = 20     // of one slice or map
	shownDepth  = 8
)

// display turns a value of a copy, which is addressable, into one to be logged.
func display(v reflect.Value, depth int) slog.Value {
	v = accessible(v)
	if l, ok := v.Addr().Interface().(slog.LogValuer); ok {
		return resolved(l)
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if l, ok := v.Interface().(slog.LogValuer); ok && !v.IsNil() {
			return resolved(l)
		}
	}
	if depth > shownDepth {
		return slog.StringValue("…")
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return slog.TimeValue(x)
	case time.Duration:
		return slog.DurationValue(x)
	case []byte:
		return slog.StringValue(fmt.Sprintf("%d bytes", len(x)))
	}
	switch v.Kind() {
	case reflect.Struct:
		return displayStruct(v, depth)
	case reflect.Slice, reflect.Array:
		return displayList(v, depth)
	case reflect.Map:
		return displayMap(v, depth)
	case reflect.Pointer:
		if !v.IsNil() {
			return display(v.Elem(), depth+1)
		}
	case reflect.Interface:
		if !v.IsNil() {
			x := reflect.New(v.Elem().Type()).Elem()
			x.Set(v.Elem())
			return display(x, depth+1)
		}
	case reflect.String:
		return slog.StringValue(v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32,
		reflect.Float64, reflect.Complex64, reflect.Complex128:
		return plainNumber(v)
	}
	return slog.StringValue("(" + v.Type().String() + ")")
}

// plainNumber shows a number as such, whatever methods its type has.
func plainNumber(v reflect.Value) slog.Value {
	switch {
	case v.Kind() == reflect.Bool:
		return slog.BoolValue(v.Bool())
	case v.CanInt():
		return slog.Int64Value(v.Int())
	case v.CanUint():
		return slog.Uint64Value(v.Uint())
	case v.CanFloat():
		return slog.Float64Value(v.Float())
	}
	return slog.AnyValue(v.Complex())
}

// resolved asks a LogValuer, and is not content with its panic as a value.
func resolved(l slog.LogValuer) slog.Value {
	v := l.LogValue()
	return v.Resolve()
}

func displayStruct(v reflect.Value, depth int) slog.Value {
	t := v.Type()
	if isShared(t) {
		return slog.StringValue("(" + t.String() + ")")
	}
	attrs := make([]slog.Attr, t.NumField())
	for i := range attrs {
		attrs[i] = slog.Attr{Key: t.Field(i).Name, Value: display(v.Field(i), depth+1)}
	}
	return slog.GroupValue(attrs...)
}

func displayList(v reflect.Value, depth int) slog.Value {
	var attrs []slog.Attr
	for i := range min(v.Len(), shownValues) {
		attrs = append(attrs, slog.Attr{Key: fmt.Sprint(i), Value: display(v.Index(i), depth+1)})
	}
	return withRest(attrs, v)
}

func displayMap(v reflect.Value, depth int) slog.Value {
	var attrs []slog.Attr
	for i := v.MapRange(); i.Next(); {
		key, x := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(i.Key())
		x.Set(i.Value())
		attrs = append(attrs, slog.Attr{Key: display(key, depth+1).String(), Value: display(x, depth+1)})
	}
	return withRest(firstByKey(attrs), v)
}

// withRest says how many of a slice or map there are, if they are not all there.
func withRest(attrs []slog.Attr, v reflect.Value) slog.Value {
	if more := v.Len() - len(attrs); more > 0 {
		attrs = append(attrs, slog.Int("more", more))
	}
	if len(attrs) == 0 {
		return slog.StringValue("(empty)")
	}
	return slog.GroupValue(attrs...)
}
