package actor

import (
	"context"
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/where"
)

// log writes a record. It is lost if the logger panics, or has itself caused the record.
func (c *core) log(level slog.Level, message string, args ...any) {
	if !c.logs(level) {
		return
	}
	defer func() { _ = recover() }()
	args = append([]any{"service", c.Name()}, args...)
	l := c.slogger()
	courtesy.Log(l, func() { l.Log(context.Background(), level, "actor: "+message, args...) })
}

// logs reports whether there is a logger that listens: a record costs something to put
// together.
func (c *core) logs(level slog.Level) (ok bool) {
	defer func() { _ = recover() }()
	l := c.slogger()
	courtesy.Log(l, func() { ok = l.Enabled(context.Background(), level) })
	return ok
}

func (c *core) slogger() *slog.Logger {
	if c.logger != nil {
		return c.logger
	}
	if by := c.starter(); by != nil {
		if l := by.Logger(); l != nil {
			return l
		}
	}
	return slog.Default()
}

func (c *core) logCutOff(running where.Place) {
	c.log(slog.LevelWarn, "cut off from what still runs", "running", running.String())
}

// refusalInterval is the least time between two records of refusals by a service.
const refusalInterval = time.Second

// logRefusal logs the refusal of a closure, or that the hook is not told of a dead one, unless
// one was logged within the last second: the next record counts those in between.
func (c *core) logRefusal(what string, closure where.Place, reason error) {
	if held, _, ok := c.refusals.Get().Pass(time.Now(), refusalInterval); ok {
		c.log(slog.LevelWarn, what, "reason", reason, "closure", closure.String(), "count", held+1)
	}
}

// logWait writes a report of a wait, unless nothing of the user's runs: the library's own code is
// waited for then, or a closure has begun that runs for less than that.
func (c *core) logWait(up bool, still where.Place, age time.Duration) {
	if still == (where.Place{}) {
		return
	}
	what := "has not ended yet"
	if !up {
		what = "is not up yet"
	}
	c.log(slog.LevelWarn, what, "running", still.String(), "for", age, "waiting", c.box.Len())
}

// grown is called by a sender when the queue of the service has grown: see mailbox.Options.
func (c *core) grown(waiting int) {
	c.watchDeclared()
	c.maxQueued.Note(int64(waiting))
	if !c.depth.Defer() { // to a clock that queues ticks, and is not to log under its lock
		c.warnDeep(waiting)
	}
}

// warnDeep warns of the depth, if a warning is due.
func (c *core) warnDeep(waiting int) {
	if c.capacity == 0 && c.depth.Due(waiting) {
		c.log(slog.LevelWarn, "many closures wait", "waiting", waiting)
	}
}

// unservedTime is how long a declared service may wait for Serve before that is
// reported.
const unservedTime = 5 * time.Second

// watchDeclared is called with the first closure that has to wait, on its sender's goroutine,
// which may hold the lock of the mailbox. It has a service reported, once, that was declared and
// is not served by then:
//
//	core.unserved  event                    next    who, by compare-and-swap or swap
//	nil            the first closure waits  a timer its sender
//	nil, a timer   Serve, or an end         served  who holds mu
//
// So a service that is served before it has something to do, as most are, has no timer.
func (c *core) watchDeclared() {
	if c.declared == 0 || c.unserved.Load() != nil {
		return
	}
	t := alarm.Func(unservedTime, func() {
		c.log(slog.LevelWarn, "nobody serves the service",
			"declared", where.Place{PC: c.declared, Site: true}.String(), "waiting", c.box.Len())
	})
	if !c.unserved.CompareAndSwap(nil, t) {
		t.Stop()
	}
}

// served is in the place of a timer that is not needed any more.
var served = new(alarm.Timer)

// isServed ends watchDeclared, for good; mu is held.
func (c *core) isServed() {
	if t := c.unserved.Load(); t != served {
		if t = c.unserved.Swap(served); t != served {
			t.Stop()
		}
	}
}
