package actor

import (
	"context"
	"reflect"
	"runtime"

	"github.com/bruskajp/nano_services/internal/where"
)

// packagePath is that of this package.
var packagePath = reflect.TypeFor[origin]().PkgPath()

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
func (o origin) site() where.Place {
	if o.at != 0 {
		return where.Place{PC: o.at, Site: true}
	}
	return where.Caller(o.depth + 2)
}

// outside is site, and takes 50 ns more: functions of this package that call what they
// were given, such as Retry, are passed over. Of the work of a Pipe, which has nothing
// but such functions above it, it is where Pipe was called.
func (o origin) outside(ctx context.Context) where.Place {
	first := o.in().site()
	if !first.In(packagePath) {
		return first
	}
	var pcs [8]uintptr
	n := runtime.Callers(o.depth+4, pcs[:])
	for _, pc := range pcs[:n] {
		l := where.Place{PC: pc, Site: true}
		if l.In(packagePath) {
			continue
		}
		if l.Frame().Function != "runtime.goexit" {
			return l
		}
		break
	}
	if x, ok := ctx.Value(closureKey{}).(*closureContext); ok && x.work {
		return where.Place{PC: x.site, Site: true}
	}
	return first
}
