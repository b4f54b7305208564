package actor

import (
	"context"
	"reflect"
	"runtime"
	"strings"
)

// An origin tells a function through which something is handed over where the user's
// call is: so many frames above the function's caller, or, if it was made on another
// goroutine, at an address. The zero origin is that of a function whose caller the user
// has called.
//
// Frames are those of the source: the runtime counts calls that were inlined, and
// leaves out what the compiler adds, for interfaces, embedding and method values.
type origin struct {
	depth int
	at    uintptr // 0: look at the stack
}

// in returns the origin for what the function that has it calls.
func (o origin) in() origin {
	o.depth++
	return o
}

// site returns where the user's call is. It takes a stack walk of some 300 ns; to look
// the location up, when somebody asks, takes another microsecond.
func (o origin) site() location {
	if o.at != 0 {
		return location{pc: o.at, site: true}
	}
	return callSite(o.depth + 2)
}

// outside is site, and takes 50 ns more: functions of this package that call what they
// were given, such as Retry, are passed over. Of the work of a Pipe, which has nothing
// but such functions above it, it is where Pipe was called.
func (o origin) outside(ctx context.Context) location {
	first := o.in().site()
	if !first.own() {
		return first
	}
	var pcs [8]uintptr
	n := runtime.Callers(o.depth+4, pcs[:])
	for _, pc := range pcs[:n] {
		l := location{pc: pc, site: true}
		if l.own() {
			continue
		}
		if l.frame().Function != "runtime.goexit" {
			return l
		}
		break
	}
	if x, ok := ctx.Value(closureKey{}).(*closureContext); ok && x.work {
		return location{pc: x.site, site: true}
	}
	return first
}

// own reports whether a call site is in this package.
func (l location) own() bool {
	f := runtime.FuncForPC(l.pc - 1)
	return f != nil && strings.HasPrefix(f.Name(), reflect.TypeFor[origin]().PkgPath()+".")
}

// callSite returns the call site that is depth frames above its caller: 0 is where
// the function that calls callSite was called.
func callSite(depth int) location {
	var pcs [1]uintptr
	runtime.Callers(3+depth, pcs[:])
	return location{pc: pcs[0], site: true}
}
