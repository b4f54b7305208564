// Package where names places of a program: functions and calls. A place is kept as an
// address, and looked up when it is asked what it is.
package where

import (
	"log/slog"
	"reflect"
	"runtime"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/internal/goid"
)

// Place is a place in the program: the entry of a closure, or the return address of a call. The
// zero Place is unknown.
type Place struct {
	PC   uintptr
	Site bool // PC is a return address
}

// Frame returns function, file and line, or zeros.
func (p Place) Frame() runtime.Frame {
	if p.PC == 0 {
		return runtime.Frame{}
	}
	if !p.Site { // a third of the time
		f := runtime.FuncForPC(p.PC)
		file, line := f.FileLine(p.PC)
		return runtime.Frame{Function: f.Name(), File: file, Line: line}
	}
	f, _ := runtime.CallersFrames([]uintptr{p.PC}).Next()
	return f
}

// String returns the place as "pkg.(*Shop).Buy.func1 shop.go:41".
func (p Place) String() string {
	f := p.Frame()
	return Name(f.Function, f.File, f.Line)
}

// Name names a place by what its frame has, as String does.
func Name(function, file string, line int) string {
	if function == "" {
		return "an unknown place"
	}
	return Short(function) + " " + File(file) + ":" + strconv.Itoa(line)
}

// Short cuts the directory from a function's full name.
func Short(function string) string {
	// The path ends at the last slash before the first bracket: type arguments
	// have paths of their own.
	head := function
	if i := strings.IndexByte(head, '['); i >= 0 {
		head = head[:i]
	}
	return function[strings.LastIndexByte(head, '/')+1:]
}

// Entry returns the place of a function value.
func Entry(f any) Place {
	if f == nil {
		return Place{}
	}
	return Place{PC: reflect.ValueOf(f).Pointer()}
}

// Caller returns the call site that is depth frames above its caller: 0 is where the
// function that calls Caller was called.
func Caller(depth int) Place {
	var pcs [1]uintptr
	runtime.Callers(3+depth, pcs[:])
	return Place{PC: pcs[0], Site: true}
}

// In reports whether a call site is in the package with that path.
func (p Place) In(pkg string) bool {
	f := runtime.FuncForPC(p.PC - 1)
	return f != nil && strings.HasPrefix(f.Name(), pkg+".")
}

// Outside returns the nearest call above its caller, which must not be inlined, that is made
// outside of the packages whose paths begin like that, or in a test of one. Mostly it is the call
// of the caller itself, which the frame pointers tell: so actor.New takes 570 ns, and with the
// walk 850 (medians of 30 short runs in turns).
//
//go:noinline
func Outside(packages string) Place {
	var two [2]uintptr
	if goid.Callers(&two[0], 2) == 2 {
		if f := runtime.FuncForPC(two[1] - 1); f != nil && !InLibrary(f.Name()) {
			return Place{PC: two[1], Site: true}
		}
	}
	var pcs [16]uintptr
	n := runtime.Callers(3, pcs[:])
	for _, pc := range pcs[:n] {
		at := Place{PC: pc, Site: true}
		f := runtime.FuncForPC(pc - 1).Name() // without file and line, which take three times as long
		pkg, _, _ := strings.Cut(Short(f), ".")
		if !strings.HasPrefix(f, packages) || strings.HasSuffix(pkg, "_test") {
			return at
		}
	}
	return Place{}
}

// Close returns the place of a value's Close method. The method value that an interface
// gives would be an anonymous wrapper.
func Close(state any) Place {
	m, _ := reflect.TypeOf(state).MethodByName("Close")
	return Place{PC: m.Func.Pointer()}
}

// Handle returns the place of a handler's Handle method, or none if the handler is nil.
func Handle(h slog.Handler) Place {
	if h == nil {
		return Place{}
	}
	m, _ := reflect.TypeOf(h).MethodByName("Handle")
	return Place{PC: m.Func.Pointer()}
}

// Type returns the name of T without its package and type arguments.
func Type[T any]() string {
	t := reflect.TypeFor[T]()
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		name = strings.ReplaceAll(t.String(), "/", "_")
	}
	return name
}

// library is where the packages of the library begin.
var library = strings.TrimSuffix(reflect.TypeFor[Place]().PkgPath(), "internal/where")

// InLibrary reports whether a function, by its full name, is one of the library's own, and
// not of its tests or examples.
func InLibrary(function string) bool {
	rest, ours := strings.CutPrefix(function, library)
	if !ours {
		return false
	}
	dir, _, _ := strings.Cut(rest, ".")
	if strings.HasSuffix(dir, "_test") {
		return false
	}
	for _, part := range []string{"actor", "mailbox", "supervisor", "internal"} {
		if dir == part || strings.HasPrefix(dir, part+"/") {
			return true
		}
	}
	return false
}
