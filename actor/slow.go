package actor

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/slow"
	"github.com/bruskajp/nano_services/internal/where"
)

// watchSlow has closures reported that run longer than d.
func (c *core) watchSlow(d time.Duration) {
	c.slowly = slow.NewWatch(d, c.look, c.reportSlow)
}

// look is called by the watch. The owner calls on after it has left the state parked.
func (c *core) look() slow.Look {
	j, taken, busy := c.running()
	now := slow.Look{Number: taken, Busy: busy, Parked: !busy && c.box.Parked()}
	if busy {
		now.On = j.closure()
	}
	return now
}

// reportSlow writes the record of a slow closure, with what the library can find out
// about it. All of that is done on the timer's goroutine, and nothing of it waits for
// the service.
func (c *core) reportSlow(running where.Place, age time.Duration) {
	f := running.Frame()
	in, history := c.in.Load(), c.trail()
	var from []link
	if in != nil {
		if x := in.inside.Load(); x != nil {
			_, from = chainOf(c, x.Context)
		}
	}
	behind := c.waiters()
	defer c.alarmed() // also if the logger ends the goroutine
	stack, waits := c.slowly.Stack.Text(), c.waitsFor()
	c.log(slog.LevelWarn, "slow closure", "running", running.String(), "func", where.Short(f.Function),
		"file", where.File(f.File), "line", f.Line, "for", age, "waiting", c.box.Len(), "incarnation", numberOf(in),
		"waiters", lazyText(func() string { return strings.Join(behind, ", ") }), "waits for", lazyText(func() string { return lines(waits) }),
		"callers", lazyText(func() string { return lines(callers(from)) }),
		"history", lazyText(func() string { return lines(history.closures()) }), "stack", stack)
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

// waiters returns the names of the services that wait for c, each with the place of its call. It
// looks at every service of the process, but only when something is reported.
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
