package actor

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// PanicError reports a panic or runtime.Goexit in a closure, constructor, timer or Close, or
// in what is called around a closure (a view's function, an interceptor). It ended the incarnation.
type PanicError struct {
	Value   any    // what was passed to panic, or ErrGoexit
	Service string // name of the service
	Func    string // name of the function that the service ran, as Go spells it
	File    string // where that function begins
	Line    int

	Incarnation uint64 // which crashed; 0: not known
	Waiting     int    // closures that waited behind the one that crashed

	circumstances
	pcs   []uintptr
	told  []byte  // the stack of one elsewhere, instead of pcs
	ran   uintptr // of Func
	kept  bool    // the next two are: see keep
	text  string  // of Value
	cause error   // Value, if that is an error, as it is passed on
}

// newPanicError makes the error of a panic in what service ran. before is an earlier one: in
// a loop of crashes the function is the same, and looking up its name again would cost 150 ns.
func newPanicError(value any, stack []uintptr, service string, ran where.Place, before *PanicError) *PanicError {
	if value == nil { // recover returns nil for Goexit; panic(nil) is a *runtime.PanicNilError
		value = ErrGoexit
	}
	p := &PanicError{Value: value, Service: service, pcs: stack, ran: ran.PC}
	if before != nil && before.ran == ran.PC {
		p.Func, p.File, p.Line = before.Func, before.File, before.Line
		return p
	}
	f := ran.Frame()
	p.Func, p.File, p.Line = f.Function, f.File, f.Line
	return p
}

// PanicElsewhere makes the error of a panic in another process, for its client here. value
// stands for what was passed to panic: its text, or an error that errors.Is and errors.As are
// to find, or ErrGoexit for a goroutine that was ended. service and function are where it
// happened, file and line where function begins, and stack is the stack as text. The outcome
// of the error is Crashed. A nil value panics.
func PanicElsewhere(value any, service, function, file string, line int, stack []byte) *PanicError {
	misuse.Unless(value != nil, "actor: PanicElsewhere of a nil value")
	p := &PanicError{Value: value, Service: service, Func: function, File: file, Line: line, told: slices.Clone(stack)}
	p.keep()
	return p
}

// maxText is the length in bytes at which the text of a value is cut.
const maxText = 1000

// keep asks the value for its text and for what it wraps. It does so once, on the goroutine
// that crashed, which can still be cut off: these methods are the program's, and one that
// waits for a lock would hang a goroutine that looks later. Like the runtime when a panic ends
// a program, keep asks errors and Stringers, and shows other composite values by their type:
// walking through a map that is being changed ends the program. keep may end the goroutine.
func (p *PanicError) keep() {
	defer func() {
		if !p.kept {
			p.kept, p.text = true, fmt.Sprintf("(%T, which ends the goroutine that asks it)", p.Value)
		}
	}()
	text := foreign.Short(foreign.Text(p.Value), maxText)
	if err, ok := p.Value.(error); ok {
		p.cause = asRan(foreign.Keep(err))
	}
	p.kept, p.text = true, text
}

// Error describes the panic in a line, with what the value said when it crashed.
func (p *PanicError) Error() string {
	text, verb := p.text, "panicked"
	if !p.kept { // it was made elsewhere
		text = foreign.Text(p.Value)
	}
	if p.Value == ErrGoexit {
		verb = "ended its goroutine"
	}
	return fmt.Sprintf("actor: %s: %s (%s:%d) %s: %s", p.Service, where.Short(p.Func), where.File(p.File), p.Line, verb, text)
}

// names reports whether the text of the error names that closure.
func (p *PanicError) names(closure where.Place) bool { return p.ran == closure.PC }

// Unwrap returns the value of the panic if it is an error, so that errors.Is and
// errors.As reach it. An outcome in it is another call's and not passed on: see
// OutcomeOf.
func (p *PanicError) Unwrap() error {
	if p.kept {
		return p.cause
	}
	err, _ := p.Value.(error)
	return asRan(err)
}

func (p *PanicError) outcome() Outcome { return Crashed }

// Stack formats the stack of the panic, in the form of runtime/debug.Stack:
// deepest call first, at most 64 of them.
func (p *PanicError) Stack() []byte {
	if p.told != nil {
		return slices.Clone(p.told)
	}
	return where.Stack(p.pcs)
}

// circumstances are what is kept of a crash besides the panic.
type circumstances struct {
	when    time.Time
	site    where.Place
	callers []link
	trail   trail
}

// Site returns where the closure was handed over, as function, file and line, or "" if that
// is not known. It is known if another service waited for the closure, and for every closure
// while the service keeps a history (WithHistory).
func (p *PanicError) Site() string {
	if p.site == (where.Place{}) {
		return ""
	}
	return p.site.String()
}

// Callers returns the closures on whose behalf the one that crashed ran, the nearest first,
// as far as contexts tell: a closure of CallContext or DoContext is among them if it passed
// its context on to the next.
func (p *PanicError) Callers() []Caller { return callers(p.callers) }

// History returns the last closures of the service, oldest first and the one that
// crashed last, if the service kept them: see Instruments.
func (p *PanicError) History() []ClosureRecord { return p.trail.closures() }

// lazyText is a text that is made only when a handler writes the record.
type lazyText func() string

// LogValue implements slog.LogValuer. An empty text is a group without attributes, which
// handlers leave out.
func (f lazyText) LogValue() slog.Value {
	if text := f(); text != "" {
		return slog.StringValue(text)
	}
	return slog.GroupValue()
}

// lines puts each of several things on a line of its own.
func lines[S fmt.Stringer](all []S) string {
	text := make([]string, len(all))
	for i, one := range all {
		text[i] = one.String()
	}
	return strings.Join(text, "\n")
}

// Caller is a closure on whose behalf another one ran. It is plain data.
type Caller struct {
	Service string // whose closure it is
	Func    string // name of the function, as Go spells it
	File    string // where it begins
	Line    int
	Site    string // where in it the next one was called; "": not known
}

// String returns the caller in a line.
func (c Caller) String() string {
	s := c.Service + ": " + where.Name(c.Func, c.File, c.Line)
	if c.Site != "" {
		s += ", in " + c.Site
	}
	return s
}

// link is a Caller as it is kept. It does not hold the service, or its value would
// live as long as an error.
type link struct {
	service       string
	closure, site where.Place
}

func callers(links []link) []Caller {
	if len(links) == 0 {
		return nil
	}
	cs := make([]Caller, len(links))
	for i, l := range links {
		f := l.closure.Frame()
		cs[i] = Caller{Service: l.service, Func: f.Function, File: f.File, Line: f.Line}
		if l.site != (where.Place{}) {
			cs[i].Site = l.site.String()
		}
	}
	return cs
}
