package sim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// The limits of what is shown of a value.
const (
	maxPointers = 6
	maxElements = 32
	maxShown    = 400 // bytes
)

// show returns a value as text. It calls no methods, follows few pointers, sorts maps, and
// leaves out locks, functions, channels and what belongs to this library, so that equal
// states have equal texts.
func show(value any) string {
	var b strings.Builder
	display(&b, reflect.ValueOf(value), maxPointers)
	text := b.String()
	if len(text) > maxShown {
		text = text[:maxShown] + "…"
	}
	return text
}

func display(b *strings.Builder, v reflect.Value, pointers int) {
	if b.Len() > maxShown {
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		b.WriteString("nil")
	case reflect.Bool:
		fmt.Fprint(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		fmt.Fprint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		fmt.Fprint(b, v.Uint())
	case reflect.Float32, reflect.Float64:
		fmt.Fprint(b, v.Float())
	case reflect.Complex64, reflect.Complex128:
		fmt.Fprint(b, v.Complex())
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	case reflect.Pointer, reflect.Interface:
		displayIndirect(b, v, pointers)
	case reflect.Slice, reflect.Array:
		displayList(b, v, pointers)
	case reflect.Map:
		displayMap(b, v, pointers)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			b.WriteString(timeOf(v).Format(time.RFC3339Nano))
			return
		}
		displayStruct(b, v, pointers)
	default:
		b.WriteString("…") // functions and channels
	}
}

func displayIndirect(b *strings.Builder, v reflect.Value, pointers int) {
	switch {
	case v.IsNil():
		b.WriteString("nil")
	case pointers == 0 || foreign(v.Elem().Type()):
		b.WriteString("…")
	default:
		display(b, v.Elem(), pointers-1)
	}
}

func displayList(b *strings.Builder, v reflect.Value, pointers int) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		fmt.Fprintf(b, "%.*q", maxShown, v.Bytes())
		return
	}
	b.WriteByte('[')
	for i := range min(v.Len(), maxElements) {
		if i > 0 {
			b.WriteByte(' ')
		}
		display(b, v.Index(i), pointers)
	}
	if v.Len() > maxElements {
		fmt.Fprintf(b, " … %d", v.Len())
	}
	b.WriteByte(']')
}

func displayMap(b *strings.Builder, v reflect.Value, pointers int) {
	var entries []string
	for i := v.MapRange(); i.Next(); {
		var e strings.Builder
		display(&e, i.Key(), pointers)
		e.WriteByte(':')
		display(&e, i.Value(), pointers)
		entries = append(entries, e.String())
	}
	slices.Sort(entries)
	b.WriteString("map[" + strings.Join(entries, " ") + "]")
}

func displayStruct(b *strings.Builder, v reflect.Value, pointers int) {
	b.WriteByte('{')
	first := true
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if foreign(f.Type) || slices.Contains([]reflect.Kind{reflect.Func, reflect.Chan}, f.Type.Kind()) {
			continue
		}
		if !first {
			b.WriteByte(' ')
		}
		first = false
		b.WriteString(f.Name + ":")
		display(b, v.Field(i), pointers)
	}
	b.WriteByte('}')
}

// timeOf returns a time.Time, of which reflection lets only the fields be seen: seconds and
// nanoseconds, which with a reading of the monotonic clock are packed into one.
func timeOf(v reflect.Value) time.Time {
	wall, ext := v.FieldByName("wall").Uint(), v.FieldByName("ext").Int()
	at := time.Time{}.Add(time.Duration(wall & (1<<30 - 1)))
	if wall>>63 != 0 {
		return at.AddDate(1884, 0, 0).Add(time.Duration(wall<<1>>31) * time.Second) // since 1885
	}
	return time.Unix(at.Unix()+ext, int64(at.Nanosecond())).UTC()
}

// foreign reports whether a type is no part of the state: a lock, a context, a handle.
func foreign(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "time":
		return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]()
	case "sync", "sync/atomic", "context", "log/slog", "testing", "os", "bufio", "net", "net/http", "database/sql",
		module + "/actor", module + "/actor/topic", module + "/mailbox", module + "/supervisor", module + "/supervisor/pool":
		return true
	}
	return false
}

const module = "github.com/bruskajp/nano_services"
