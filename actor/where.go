package actor

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// A location is a place in the program, kept as an address and looked up when
// somebody asks. For a closure it is its entry; for a call site, the return
// address of the call.
type location struct {
	pc   uintptr
	site bool
}

// frame returns function, file and line, or zeros.
func (l location) frame() runtime.Frame {
	if l.pc == 0 {
		return runtime.Frame{}
	}
	if !l.site { // a third of the time
		f := runtime.FuncForPC(l.pc)
		file, line := f.FileLine(l.pc)
		return runtime.Frame{Function: f.Name(), File: file, Line: line}
	}
	f, _ := runtime.CallersFrames([]uintptr{l.pc}).Next()
	return f
}

// String returns the location as "pkg.(*Shop).Buy.func1 shop.go:41".
func (l location) String() string {
	f := l.frame()
	if f.Function == "" {
		return "an unknown place"
	}
	return fmt.Sprintf("%s %s:%d", short(f.Function), f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
}

// short cuts the directory from a function's full name.
func short(function string) string {
	// The path ends at the last slash before the first bracket: type arguments
	// have paths of their own.
	head := function
	if i := strings.IndexByte(head, '['); i >= 0 {
		head = head[:i]
	}
	return function[strings.LastIndexByte(head, '/')+1:]
}

// entry returns the location of a function value.
func entry(f any) location {
	if f == nil {
		return location{}
	}
	return location{pc: reflect.ValueOf(f).Pointer()}
}

// closeOf returns the location of a value's Close method. The method value that
// an interface gives would be an anonymous wrapper.
func closeOf(state any) location {
	m, _ := reflect.TypeOf(state).MethodByName("Close")
	return location{pc: m.Func.Pointer()}
}

// declaredAt returns where a service is declared: the nearest call that is made outside
// of this module's packages, in one of which a pool makes its members.
func declaredAt() location {
	var pcs [16]uintptr
	n := runtime.Callers(3, pcs[:]) // the caller of the function that calls declaredAt
	own := strings.TrimSuffix(reflect.TypeFor[location]().PkgPath(), "actor") + "supervisor/"
	for _, pc := range pcs[:n] {
		at := location{pc: pc, site: true}
		f := at.frame().Function
		pkg, _, _ := strings.Cut(short(f), ".")
		if !strings.HasPrefix(f, own) || strings.HasSuffix(pkg, "_test") {
			return at
		}
	}
	return location{}
}

// typeName returns the name of T without its package and type arguments, which is
// the default name of a service.
func typeName[T any]() string {
	t := reflect.TypeFor[T]()
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		name = strings.ReplaceAll(t.String(), "/", "_")
	}
	return name
}
