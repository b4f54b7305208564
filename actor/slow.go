package actor

import (
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/where"
)

// unservedTime is how long a declared service may wait for Serve before that is
// reported.
const unservedTime = 5 * time.Second

// watchDeclared reports a service that nobody serves, once.
func (c *core) watchDeclared(site where.Place) {
	c.unserved = &watchdog{alarm.Func(unservedTime, func() {
		c.log(slog.LevelWarn, "nobody serves the service", "declared", site.String(), "waiting", c.box.Len())
	})}
}

// maxReports bounds the reports of one closure, so that watching a closure that
// never returns ends too.
const maxReports = 8

// watch is called by the owner when it begins to work.
func (c *core) watch() {
	w := c.slowly
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		if w.goroutine == "" {
			w.goroutine = goid.ID()
		}
		w.taken, w.reports = 0, 0
		w.timer = alarm.Func(c.slow, c.look)
	}
}

// look is called by the timer.
func (c *core) look() {
	if slow, age := c.slowClosure(); slow != nil {
		c.reportSlow(slow, age)
	}
}

// slowClosure sets the timer anew, or not, and returns the closure to report.
func (c *core) slowClosure() (slow job, age time.Duration) {
	w := c.slowly
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		return nil, 0 // stopped while it fired
	}
	taken := c.box.Counts().Taken
	j, busy := c.box.Peek()
	if again := c.box.Counts().Taken; again != taken {
		taken, busy = again, false // another closure began in between
	}
	switch {
	case !busy && c.box.Parked():
		// The owner calls watch after it has left the state parked, so it finds the
		// timer off.
		w.timer = nil
	case !busy || taken != w.taken:
		w.taken, w.since, w.reports = taken, time.Now(), 0
		w.timer.Reset(c.slow)
	default:
		if w.reports++; w.reports < maxReports {
			w.timer.Reset(c.slow << w.reports)
		} else {
			w.timer = nil
		}
		return j, time.Since(w.since)
	}
	return nil, 0
}

// idle is called by the owner when there is nothing to do.
func (c *core) idle() {
	if c.mark.Load() != 0 {
		c.mark.Store(0)
	}
}

// reportSlow writes the record of a slow closure, with what the library can find out
// about it. All of that is done on the timer's goroutine, and nothing of it waits for
// the service.
func (c *core) reportSlow(slow job, age time.Duration) {
	f := slow.closure().Frame()
	in, history := c.in.Load(), c.trail()
	var from []link
	if in != nil {
		if x := in.inside.Load(); x != nil {
			_, from = chainOf(c, x.Context)
		}
	}
	behind := c.waiters()
	stack := c.stackIfAffordable()
	c.log(slog.LevelWarn, "slow closure", "running", slow.closure().String(), "func", where.Short(f.Function),
		"file", where.File(f.File), "line", f.Line, "for", age, "waiting", c.box.Len(), "incarnation", numberOf(in),
		"waiters", strings.Join(behind, ", "), "waits for", lines(c.waitsFor()),
		"callers", lazyText(func() string { return lines(callers(from)) }),
		"history", lazyText(func() string { return lines(history.closures()) }), "stack", stack)
	c.alarmed()
}

func numberOf(in *incarnation) uint64 {
	if in == nil {
		return 0
	}
	return in.number
}

// String returns the wait in a line.
func (w WaitsFor) String() string {
	return fmt.Sprintf("%s waits for %s in %s", w.Service, w.For, w.Site)
}

// maxWaiters bounds the names in a report.
const maxWaiters = 16

// waiters returns who waits for the service, by name, each with the place of its
// call. It looks at every service of the process, but only when something is reported.
func (c *core) waiters() (names []string) {
	owners.Each(func(in *incarnation) {
		if in.waits.seq.Load()&1 == 0 && in.waits.more.Load() == 0 {
			return
		}
		for _, e := range in.waitsNow() {
			if e.to == c {
				names = append(names, in.c.Name()+" in "+e.site.String())
			}
		}
	})
	slices.Sort(names)
	if more := len(names) - maxWaiters; more > 0 {
		names = append(names[:maxWaiters], fmt.Sprintf("%d more", more))
	}
	return names
}

// dumpGoroutines is the number of goroutines up to which a stack is looked for: a dump
// stops the world for a time that grows with it.
const dumpGoroutines = 1000

// stackIfAffordable returns the stack of the service's goroutine, or says why not.
func (c *core) stackIfAffordable() string {
	w := c.slowly
	w.mu.Lock()
	id, d := w.goroutine, w.dumps
	w.mu.Unlock()
	if n := runtime.NumGoroutine(); n > dumpGoroutines {
		return fmt.Sprintf("not taken: there are %d goroutines, and to dump more than %d stops the process for too long",
			n, dumpGoroutines)
	}
	if id == "" {
		return "not taken: the goroutine is not known"
	}
	if !d.May(time.Now()) {
		return "not taken: the last one was less than a minute ago"
	}
	return goid.StackOf(id)
}
