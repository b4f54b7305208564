package actor

import (
	"bytes"
	"fmt"
	"runtime"
)

// PanicError reports a closure, constructor, timer or Close, or what was called around a
// closure (a view's function, an interceptor), that panicked or called runtime.Goexit. The incarnation of the service ended with it.
type PanicError struct {
	Value   any    // what was passed to panic, or ErrGoexit
	Service string // name of the service
	Func    string // name of the function that the service ran, as Go spells it
	File    string // where that function begins
	Line    int

	Incarnation uint64 // which crashed; 0: not known
	Waiting     int    // closures that waited behind the one that crashed

	circumstances
	pcs []uintptr
	ran uintptr // of Func
}

// newPanicError makes the error of a panic in what service ran. before is an earlier
// one: in a loop of crashes it is the same function again, and to look up its name
// would cost 150 ns.
func newPanicError(value any, stack []uintptr, service string, ran location, before *PanicError) *PanicError {
	if value == nil { // recover returns nil for Goexit; panic(nil) is a *runtime.PanicNilError
		value = ErrGoexit
	}
	p := &PanicError{Value: value, Service: service, pcs: stack, ran: ran.pc}
	if before != nil && before.ran == ran.pc {
		p.Func, p.File, p.Line = before.Func, before.File, before.Line
		return p
	}
	f := ran.frame()
	p.Func, p.File, p.Line = f.Function, f.File, f.Line
	return p
}

// panicError makes the error of a panic in what the service ran.
func (c *core) panicError(value any, stack []uintptr, ran location) *PanicError {
	return newPanicError(value, stack, c.Name(), ran, c.crashBefore())
}

// NewPanicError makes the error of a panic in a function that a supervisor runs
// for service. It is called by what a deferred function calls, with what recover
// returned.
func NewPanicError(value any, service string, function any) *PanicError {
	return newPanicError(value, panicStack(), service, entry(function), nil)
}

// Error describes the panic in a line. It asks the value, if that is an error or a
// fmt.Stringer.
func (p *PanicError) Error() string { return p.describe(fmt.Sprint(p.Value)) }

// describe is Error, with what the value says.
func (p *PanicError) describe(value string) string {
	verb := "panicked"
	if p.Value == ErrGoexit {
		verb = "ended its goroutine"
	}
	return fmt.Sprintf("actor: %s: %s (%s:%d) %s: %s", p.Service, short(p.Func), p.File, p.Line, verb, value)
}

// Unwrap returns the value of the panic if it is an error, so that errors.Is and
// errors.As reach it. An outcome in it is another call's and not passed on: see
// OutcomeOf.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return own(err)
}

func (p *PanicError) outcome() Outcome { return Crashed }

// Stack formats the stack of the panic, in the form of runtime/debug.Stack:
// deepest call first, at most 64 of them.
func (p *PanicError) Stack() []byte {
	var b bytes.Buffer
	frames := runtime.CallersFrames(p.pcs)
	begun := false // with the panic itself, not with our own deferred functions
	for {
		f, more := frames.Next()
		begun = begun || f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit"
		if begun && f.Function != "" {
			fmt.Fprintf(&b, "%s(...)\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		if !more {
			return b.Bytes()
		}
	}
}
