package actor

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
)

// A closure that runs for too long is reported with what the library can find out
// about it. All of that is done on the timer's goroutine, and nothing of it waits for
// the service.

// reportSlow writes the record of a slow closure.
func (c *core) reportSlow(slow job, age time.Duration) {
	f := slow.closure().frame()
	in := c.in.Load()
	var history []Execution
	if n := c.notes.Load(); n != nil {
		history = n.recorder.Load().trail().seenNow().closures()
	}
	var from []link
	if in != nil {
		if x := in.inside.Load(); x != nil {
			_, from = chainOf(c, x.Context)
		}
	}
	behind := c.waiters()
	stack := c.stackIfAffordable()
	c.log(slog.LevelWarn, "slow closure", "running", slow.closure().String(), "func", short(f.Function),
		"file", f.File, "line", f.Line, "for", age, "waiting", c.box.Len(), "incarnation", numberOf(in),
		"waiters", strings.Join(behind, ", "), "waits for", lines(c.waitsFor()),
		"callers", lazyText(func() string { return lines(callers(from)) }),
		"history", lazyText(func() string { return lines(history) }), "stack", stack)
	c.alarmed()
	c.incident(Incident{Kind: IncidentSlow, Running: slow.closure().String(), Age: age})
}

func numberOf(in *incarnation) uint64 {
	if in == nil {
		return 0
	}
	return in.number
}

// String returns the wait in a line.
func (w Wait) String() string { return fmt.Sprintf("%s waits for %s in %s", w.Service, w.For, w.Site) }

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

// watchIn has the service share its tree's limit of dumps.
func (c *core) watchIn(ctx context.Context) {
	if c.slowly == nil {
		return
	}
	if d := goid.DumpsOf(ctx); d != nil {
		c.slowly.mu.Lock()
		c.slowly.dumps = d
		c.slowly.mu.Unlock()
	}
}

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
