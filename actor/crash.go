package actor

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// circumstances are what is kept of a crash besides the panic.
type circumstances struct {
	when    time.Time
	site    location
	callers []link
	trail   trail
}

// Site returns where the closure was handed over, as function, file and line, or "" if
// that is not known: it is of a closure that another service waited for, and of every
// closure while the service keeps them (WithHistory).
func (p *PanicError) Site() string {
	if p.site == (location{}) {
		return ""
	}
	return p.site.String()
}

// Callers returns the closures on whose behalf the one that crashed ran, the nearest
// first, as far as contexts tell: a closure of CallContext or DoContext is known to
// those whose context it passes on.
func (p *PanicError) Callers() []Caller { return callers(p.callers) }

// History returns the last closures of the service, oldest first and the one that
// crashed last, if the service kept them: see Instruments.
func (p *PanicError) History() []ClosureRecord { return p.trail.closures() }

// witness completes the error of a closure that has crashed, before anybody gets it.
// It is called by the owner.
func (c *core) witness(in *incarnation, p *PanicError, j job) {
	p.Incarnation, p.Waiting, p.when = in.number, c.box.Len(), time.Now()
	p.site, p.callers = callChain(c, j)
	r := in.rec
	if r == nil {
		return
	}
	if r.timed && r.now.site != 0 {
		p.site = location{pc: r.now.site, site: true}
	}
	if a := c.around.Load(); a != nil && a.lens != nil && r.open && !in.lost.Load() {
		a.lens.finish(in, clockAt(p.when))
	}
	p.trail = r.trail()
	p.trail.at = moment{p.when, clockAt(p.when)}
}

// Crash is the latest crash of a service. It is plain data.
type Crash struct {
	Time    time.Time // when
	Message string    // the panic in a line, cut if that is long; of a value that consists of others, its type
	Func    string    // of the closure, constructor or Close, as Go spells it
	File    string    // where that begins
	Line    int
	Count   uint64 // crashes of the service so far, this one included

	Err *PanicError `json:"-"` // with the stack and the last closures
}

// crashInterval is the least time between two records of crashes of a service.
const crashInterval = time.Second

// crashLog holds back what comes too fast. Under notes.mu.
type crashLog struct {
	count  uint64    // so far
	latest time.Time // crash
	err    *PanicError
	said   string      // by its value; "": that is harmless
	logged time.Time   // the latest record
	held   uint64      // crashes since that record
	timer  *time.Timer // for the next record, if any are held back
}

// logCrash reports a crash in one record, unless one was logged within the last
// second: then the next record, which is due when the second is over or the service
// ends, is of the latest and has the number of those held back.
// What its value says is found out before, by asked.
func (c *core) logCrash(p *PanicError, said string) {
	if p.when.IsZero() { // of the constructor, or Close
		p.when = time.Now()
		if in := c.in.Load(); in != nil {
			p.Incarnation = in.number
		}
	}
	n := c.noted()
	now := p.when
	n.mu.Lock()
	l := &n.crashes
	l.count++
	l.latest, l.err, l.said = now, p, said
	due := l.held == 0 && (l.logged.IsZero() || now.Sub(l.logged) >= crashInterval)
	if due {
		l.logged = now
	} else {
		if l.held++; l.timer == nil {
			l.timer = time.AfterFunc(l.logged.Add(crashInterval).Sub(now), c.logHeldCrashes)
		}
	}
	n.mu.Unlock()
	if due {
		c.writeCrash(p, 1)
	}
	c.alarmed()
}

// logAsked is logCrash with what the value of the panic says. For that its own code is
// asked, which may end the goroutine: what is to be done then, before the record, is done
// all the same, and so is the record.
func (c *core) logAsked(p *PanicError, then func()) {
	said := fmt.Sprintf("(%T, which ends the goroutine that asks it)", p.Value)
	defer func() {
		then()
		c.logCrash(p, said)
	}()
	said = asked(p.Value)
}

// crashBefore returns the latest crash so far, or nil.
func (c *core) crashBefore() *PanicError {
	n := c.notes.Load()
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.crashes.err
}

// logHeldCrashes writes the record of crashes that were held back, if there are any.
func (c *core) logHeldCrashes() {
	if p, count := c.takeHeldCrashes(); count > 0 {
		c.writeCrash(p, count)
	}
}

func (c *core) takeHeldCrashes() (p *PanicError, count uint64) {
	n := c.notes.Load()
	if n == nil {
		return nil, 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &n.crashes
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	p, count = l.err, l.held
	if count > 0 {
		l.held, l.logged = 0, time.Now()
	}
	return p, count
}

// lastCrashes writes that record at once if no incarnation is to follow. core.mu is
// held, and released meanwhile.
func (c *core) lastCrashes() {
	if c.notes.Load() == nil || c.next() == Pending {
		return
	}
	if p, count := c.takeHeldCrashes(); count > 0 {
		c.outside(func() { c.writeCrash(p, count) })
	}
}

// writeCrash writes a record for so many crashes, of which p is the latest.
func (c *core) writeCrash(p *PanicError, count uint64) {
	if !c.logs(slog.LevelError) {
		return
	}
	c.log(slog.LevelError, "service crashed", "value", p.Value, "func", short(p.Func), "file", p.File, "line", p.Line,
		"site", p.Site(), "incarnation", p.Incarnation, "waiting", p.Waiting, "count", count,
		"callers", lazyText(func() string { return lines(p.Callers()) }),
		"history", lazyText(func() string { return lines(p.History()) }),
		"stack", lazyText(func() string { return string(p.Stack()) }))
}

// lazyText is put together only for a handler that writes the record.
type lazyText func() string

// LogValue implements slog.LogValuer.
func (f lazyText) LogValue() slog.Value { return slog.StringValue(f()) }

// lines puts each of several things on a line of its own.
func lines[S fmt.Stringer](all []S) string {
	text := make([]string, len(all))
	for i, one := range all {
		text[i] = one.String()
	}
	return strings.Join(text, "\n")
}

// String returns the closure in a line: its name, what it took, and its call site if
// that is known.
func (c ClosureRecord) String() string {
	var b strings.Builder
	b.WriteString(place(c.Func, c.File, c.Line))
	if c.Wait >= 0 {
		fmt.Fprintf(&b, " waited %v", c.Wait)
	}
	fmt.Fprintf(&b, " ran %v", c.Run)
	if c.Crashed {
		b.WriteString(" and crashed")
	}
	if c.Site != "" {
		fmt.Fprintf(&b, ", from %s", c.Site)
	}
	return b.String()
}
