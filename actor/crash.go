package actor

import (
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/where"
)

// describeCrash completes the error of a closure that has crashed, before its caller gets it.
// It is called by the owner.
func (c *core) describeCrash(in *incarnation, p *PanicError, j job) {
	p.Waiting = c.box.Len()
	p.site, p.callers = callChain(c, j)
	r := in.rec
	if r == nil {
		return
	}
	if site := r.Site(); site != 0 {
		p.site = where.Place{PC: site, Site: true}
	}
	if a := c.around.Load(); a != nil && a.observer != nil {
		a.observer.crashed(in, p.when)
	}
	p.trail = trail{r.Trail(), clock.MomentOf(p.when)}
}

// Crash is the latest crash of a service. It is plain data.
type Crash struct {
	Time    time.Time // when
	Message string    // the panic in a line, cut if that is long; a composite value is shown by its type
	Func    string    // of the closure, constructor or Close, as Go spells it
	File    string    // where that begins
	Line    int
	Count   uint64 // crashes of the service so far, this one included

	Err *PanicError `json:"-"` // with the stack and the last closures
}

// crashInterval is the least time between two records of crashes of a service. Crashes in
// between are held back. The next record comes when the second is over or the service ends. It
// is of the latest crash and has their number.
const crashInterval = time.Second

// keepCrash asks a crash what it is, counts it, calls then, and logs it: whatever learns of the
// crash through then finds it in Info. It calls methods of the panic's value at first, and so
// does the logger. Each may end the goroutine, but what follows is done all the same.
func (in *incarnation) keepCrash(p *PanicError, then func()) {
	c := in.c
	if foreign.Answers(p.Value) {
		in.fails()
	}
	var count uint64
	var due bool
	defer func() {
		c.alarmed()
		if due {
			in.fails()
			c.writeCrash(p, p.Value, count)
		}
	}()
	defer c.trouble(p)
	defer then()
	defer func() { count, due = c.diagnostics.Get().crashes.Add(p, p.when, crashInterval, (*heldCrashes)(c)) }()
	p.keep()
}

// fails has the end that follows a crash reported when it takes long: what the value says, and
// who logs it, is the program's.
func (in *incarnation) fails() {
	in.c.mu.Lock()
	defer in.c.mu.Unlock()
	if !in.lost.Load() {
		in.watchEnd()
	}
}

// crashBefore returns the latest crash so far, or nil.
func (c *core) crashBefore() (p *PanicError) {
	if n := c.diagnostics.Made(); n != nil {
		p, _ = n.crashes.Latest()
	}
	return p
}

// heldCrashes is a service as rate.Writer.
type heldCrashes core

func (c *heldCrashes) WriteHeld(latest *PanicError, count uint64) {
	(*core)(c).writeCrash(latest, latest.text, count)
}

// lastCrashes writes the record of crashes that were held back at once if no incarnation is
// to follow. core.mu is held, and released meanwhile.
func (c *core) lastCrashes() {
	n := c.diagnostics.Made()
	if n == nil || c.next() == Pending {
		return
	}
	if p, count := n.crashes.Flush(); count > 0 {
		c.outside(func() { (*heldCrashes)(c).WriteHeld(p, count) })
	}
}

// writeCrash writes a record of count crashes, of which p is the latest. value is that of p if
// the goroutine that crashed calls writeCrash, and otherwise its text.
func (c *core) writeCrash(p *PanicError, value any, count uint64) {
	if !c.logs(slog.LevelError) {
		return
	}
	c.log(slog.LevelError, "service crashed", "value", value, "func", where.Short(p.Func), "file", where.File(p.File), "line", p.Line,
		"site", lazyText(p.Site), "incarnation", p.Incarnation, "waiting", p.Waiting, "count", count,
		"callers", lazyText(func() string { return lines(p.Callers()) }),
		"history", lazyText(func() string { return lines(p.History()) }),
		"stack", lazyText(func() string { return where.Users(p.Stack()) }))
}

// panicError makes the error of a panic in what the incarnation ran. It is complete, since other
// goroutines may look at it as soon as they know of the crash.
func (in *incarnation) panicError(value any, stack []uintptr, ran where.Place) *PanicError {
	p := in.c.panicError(value, stack, ran)
	p.Incarnation, p.when = in.number, time.Now()
	return p
}

// panicError makes the error of a panic that is no crash.
func (c *core) panicError(value any, stack []uintptr, ran where.Place) *PanicError {
	return newPanicError(value, stack, c.Name(), ran, c.crashBefore())
}

// NewPanicError makes the error of a panic in a function that a supervisor runs for service. It
// is called, with what recover returned, by a function that a deferred function calls.
func NewPanicError(value any, service string, function any) *PanicError {
	p := newPanicError(value, closureLoop.Stack(), service, where.Entry(function), nil)
	p.keep()
	return p
}
