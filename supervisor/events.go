package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// Kind is what an Event is about.
type Kind uint8

// The kinds of events.
const (
	Started    Kind = iota // the child is up
	Exited                 // the child has ended by itself; Err says how
	Restarting             // the child is going to be restarted, after Delay
	GaveUp                 // the supervisor gives up; Err is a *GaveUpError or *StartError
	CutOff                 // the child did not end in its time; see Stuck
	Stopped                // the child, or the supervisor, was told to end and has
)

var kindNames = [...]string{"started", "exited", "restarting", "gave up", "cut off", "stopped"}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Event is something that happened in a tree.
type Event struct {
	Kind Kind      // what happened
	Path string    // of the child, or of the supervisor for GaveUp and its own Stopped
	Time time.Time // when it happened

	Err      error         // Exited: nil for a normal end. GaveUp: why.
	Delay    time.Duration // Restarting
	Restarts int           // Restarting: how many of the child so far, this one included
	Stuck    Stuck         // CutOff
	Lost     int           // events dropped before this one, because OnEvent was too slow

	often bool // Restarting: one of the child was logged less than a second ago
}

// hookBacklog is how many events may wait for a slow hook.
const hookBacklog = 1024

// reporter delivers the events of a tree in their order, to slog and to one hook,
// on a goroutine that exists only while there is something to deliver. So neither
// can slow down or harm a supervisor.
type reporter struct {
	hook   func(Event)
	logger *slog.Logger // nil: slog.Default() at the time

	tree   *deliveries // of which this is one
	behalf tree.Behalf // of its goroutine

	waitsFor atomic.Pointer[Supervisor] // the hook waits for the end of this one; nil: none
	mayWait  atomic.Pointer[Supervisor] // the hook's present call has asked for its Done; nil: none

	mu      sync.Mutex
	waiting []Event
	busy    bool
	lost    int
}

func (r *reporter) report(e Event) {
	if r.hook == nil && r.unheard(e.level()) {
		return // a tree that restarts often, and has no hook, need not start goroutines for it
	}
	e.Time = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == hookBacklog {
		r.lost++
		return
	}
	e.Lost, r.lost = r.lost, 0
	r.waiting = append(r.waiting, e)
	if !r.busy {
		r.busy = true
		r.tree.begin(r)
		go r.deliver()
	}
}

// deliver empties the backlog. If the hook ends the goroutine with
// runtime.Goexit, another one goes on.
func (r *reporter) deliver() {
	defer tree.Behalves.Leave(tree.Behalves.Enter(&r.behalf))
	finished := false
	defer func() {
		if !finished {
			r.mayWait.Store(nil)
			go r.deliver()
		}
	}()
	for {
		r.mu.Lock()
		if len(r.waiting) == 0 {
			r.busy, finished = false, true
			r.waiting = nil
			r.tree.end(r)
			r.mu.Unlock()
			return
		}
		e := r.waiting[0]
		r.waiting = r.waiting[1:]
		r.mu.Unlock()
		r.tell(e)
		r.mayWait.Store(nil)
	}
}

// tell tells the hook also if the logger ends the goroutine.
func (r *reporter) tell(e Event) {
	defer r.call(e)
	r.log(e)
}

func (r *reporter) call(e Event) {
	if r.hook == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			r.write(slog.LevelError, "supervisor: OnEvent panicked", "value", foreign.Text(v), "stack", where.Panicked())
		}
	}()
	r.hook(e)
}

// level returns the level at which an event is logged. A service logs its own crash, in one
// record; a crash of any other child is logged here, at the same level. Of restarts in quick
// succession one record a second is enough, since it has their number.
func (e *Event) level() slog.Level {
	var crash *actor.PanicError
	var logged bool
	if e.Kind == Exited {
		crash, logged = panicOf(e.Err)
	}
	switch {
	case e.often || logged:
		return slog.LevelDebug
	case crash != nil:
		return slog.LevelError
	case e.Kind == Started || e.Kind == Stopped:
		return slog.LevelDebug
	case e.Kind == Exited && e.Err != nil:
		return slog.LevelWarn
	case e.Kind == GaveUp || e.Kind == CutOff:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// panicOf returns the panic with which a child has ended, if there was one, and whether the
// service has logged it.
func panicOf(err error) (p *actor.PanicError, logged bool) {
	p, _ = foreign.As[*actor.PanicError](err)
	return p, p != nil && p.Incarnation > 0
}

// restartInterval is the least time between two records of restarts of a child.
const restartInterval = time.Second

// restartsOften reports whether a restart of the child was logged less than restartInterval
// ago. If not, it counts this one as logged.
func (c *child) restartsOften(now time.Time) bool {
	_, _, ok := c.restartLogs.Pass(now, restartInterval)
	return !ok
}

func (r *reporter) log(e Event) {
	level := e.level()
	if !r.logs(level) {
		return
	}
	args := []any{"path", e.Path}
	if e.Err != nil {
		args = append(args, "err", e.Err)
	}
	switch e.Kind {
	case Exited:
		if p, _ := panicOf(e.Err); p != nil {
			args = append(args, "func", where.Short(p.Func), "file", where.File(p.File), "line", p.Line, "stack", where.Users(p.Stack()))
		}
	case Restarting:
		args = append(args, "delay", e.Delay, "restarts", e.Restarts)
	case CutOff:
		args = append(args, "running", e.Stuck.Running, "stack", e.Stuck.Stack)
	}
	if e.Lost > 0 {
		args = append(args, "lost", e.Lost)
	}
	r.write(level, "supervisor: "+e.Kind.String(), args...)
}

// complain logs something that is not an event, for the supervisor's goroutine, which a slow
// logger must not hold up.
func (r *reporter) complain(message string, args ...any) {
	go r.write(slog.LevelError, message, args...)
}

// unanswered logs that code of the user's has given no answer, and why.
func (r *reporter) unanswered(who string, why error, args ...any) {
	if p, ok := why.(*foreign.Panicked); ok {
		r.complain("supervisor: "+who+" panicked", append(args, "value", p.Value, "stack", p.Stack)...)
		return
	}
	r.complain("supervisor: "+who+" "+why.Error(), args...)
}

// logs reports whether the logger takes records of that level. If not, a tree that restarts
// often need not make them.
func (r *reporter) logs(level slog.Level) (ok bool) {
	defer func() { _ = recover() }()
	return r.slogger().Enabled(context.Background(), level)
}

// unheard reports whether a record of that level is known to be dropped.
// It is called on the supervisor's goroutine.
func (r *reporter) unheard(level slog.Level) bool {
	return foreign.Unheard(r.slogger().Handler(), level)
}

func (r *reporter) slogger() *slog.Logger {
	if r.logger != nil {
		return r.logger
	}
	return slog.Default()
}

// write logs a record. A handler that panics loses it.
func (r *reporter) write(level slog.Level, message string, args ...any) {
	defer func() { _ = recover() }()
	r.slogger().Log(context.Background(), level, message, args...)
}
