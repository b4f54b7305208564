package actor

import (
	"context"
	"fmt"
	"runtime/trace"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/instrument"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// WithTimes is Instruments.Times from the beginning.
func WithTimes() Option { return func(o *options) { o.instruments.Times = true } }

// WithHistory is Instruments.History from the beginning: the last n closures are kept, so that
// even the first crash comes with those before it, and n stays the number after a crash. With 0
// none are kept, not even after a crash. A negative n panics.
func WithHistory(n int) Option {
	misuse.Unless(n >= 0, fmt.Sprintf("actor: WithHistory(%d): a number of closures is not negative", n))
	if n == 0 {
		n = -1
	}
	return func(o *options) { o.instruments.History = n }
}

// Observe is Service.Observe.
func (c *core) Observe(i Instruments) {
	c.made()
	n := c.diagnostics.Get()
	n.silent.Store(i.History < 0)
	n.alarm.Store(0)
	c.changeInstruments(func(l *instruments) { l.Instruments, l.brief = i, 0 })
}

// instruments look at the closures of a service. They are immutable and replaced as a whole, by
// changeInstruments: around.observer is nil if there is nothing to look for.
type instruments struct {
	Instruments
	brief    int   // closures kept because something went wrong; 0: nothing did
	since    int64 // when the service began to stamp closures; 0: it does not
	regions  bool  // runtime/trace is on
	recorded bool  // there are recordings
}

const (
	briefHistory  = 16      // closures kept when something has gone wrong
	briefInterest = 1 << 16 // closures for which that goes on
)

// changeInstruments replaces them by what change makes of a copy.
func (c *core) changeInstruments(change func(*instruments)) {
	c.changeAround(func(a *around) {
		var l instruments
		if old, ok := a.observer.(*instruments); ok {
			l = *old
		}
		change(&l)
		switch stamps := l.Times || l.full(); {
		case !stamps:
			l.since = 0
		case l.since == 0:
			l.since = clock.Now()
		}
		a.observer = &l
		if !l.timed() && !l.regions {
			a.observer = nil
		}
	})
}

// full reports whether everything about every closure is wanted.
func (l *instruments) full() bool { return l.History > 0 || l.recorded }

// timed reports whether closures are timed.
func (l *instruments) timed() bool { return l.Times || l.keeps() > 0 || l.recorded }

// keeps returns how many of the last closures are kept: as many as the user said, or, if the user
// said nothing, as many as an alarm keeps.
func (l *instruments) keeps() int {
	if l.History > 0 {
		return l.History
	}
	return l.brief
}

// alarmed has the service keep its last closures for a while, because something has
// gone wrong: what comes next is of interest.
func (c *core) alarmed() {
	n := c.diagnostics.Get()
	if n.silent.Load() || n.alarm.Swap(briefInterest) > 0 { // is on already
		return
	}
	c.changeInstruments(func(l *instruments) {
		if l.History == 0 { // or it is what the user wants
			l.brief = briefHistory
		}
	})
}

// lessAlarmed is called by the owner for each closure that is kept because of an alarm.
func (in *incarnation) lessAlarmed() {
	const at = 64 // closures that are taken from the alarm at once
	if in.kept++; in.kept < at {
		return
	}
	in.kept = 0
	if in.c.diagnostics.Get().alarm.Add(-at) == 0 {
		in.c.changeInstruments(func(l *instruments) { l.brief = 0 })
	}
}

// begin is called by the owner before a closure runs.
func (l *instruments) begin(in *incarnation, j job) {
	r := in.rec
	if r == nil {
		r = in.startRecorder()
	}
	r.Begin()
	if l.regions {
		r.Region(in.c.Name(), j.closure().PC)
	}
	if l.timed() {
		l.time(in, j)
	}
}

// deepEvery is the number of closures after which one looks how many wait. That reads words that
// senders write, and costs as much as everything else.
const deepEvery = 64

// time begins to time a closure.
func (l *instruments) time(in *incarnation, j job) {
	s, taken := l.stampOf(j), in.c.box.Counts().Taken
	wait := in.rec.Time(taken, j.closure().PC, s.site, s.at)
	if l.Times && wait != instrument.Unknown {
		in.c.diagnostics.Get().waits.Get().Add(wait)
	}
	if l.History > 0 || taken%deepEvery == 0 {
		in.c.maxQueued.Note(int64(in.c.box.Len() + 1))
	}
}

// end is called by the owner when a closure has returned, before its caller is
// answered.
func (l *instruments) end(in *incarnation) {
	if l.sees(in) {
		l.finish(in, 0)
	}
}

// crashed is called by the owner when a closure has crashed.
func (l *instruments) crashed(in *incarnation, at time.Time) {
	if l.sees(in) {
		l.finish(in, clock.At(at))
	}
}

// sees reports whether l has seen a closure begin and still has to see its end.
func (l *instruments) sees(in *incarnation) bool {
	return in.rec != nil && in.rec.Open() && !in.lost.Load()
}

// finish enters how long the closure took that has ended. It crashed at that time, or, if
// crashed is 0, has returned now.
func (l *instruments) finish(in *incarnation, crashed int64) {
	e, timed := in.rec.End(crashed)
	if !timed {
		return
	}
	if l.Times {
		in.c.diagnostics.Get().runs.Get().Add(e.Run)
	}
	l.keep(in, e)
}

// keep enters a closure that was timed where closures are kept.
func (l *instruments) keep(in *incarnation, e instrument.Entry) {
	if keep := l.keeps(); keep > 0 {
		in.rec.Keep(e, keep)
		if l.brief > 0 {
			in.lessAlarmed()
		}
	}
	if l.recorded {
		in.c.diagnostics.Get().recordings.Add(in.rec.Taken(), recordOf(e, clock.Present()))
	}
}

// left is called by the owner after a closure. For a call that did not run, end was not called
// after begin.
func (l *instruments) left(in *incarnation) {
	if l.sees(in) {
		in.rec.Forget()
	}
}

// startRecorder is called by the owner.
func (in *incarnation) startRecorder() *instrument.Recorder {
	at := &in.c.diagnostics.Get().recorder
	in.rec = at.Load().Next()
	at.Store(in.rec)
	return in.rec
}

// History is Service.History.
func (c *core) History() []ClosureRecord { return c.trail().closures() }

// trail returns the last closures, for a caller that looks at them now.
func (c *core) trail() trail {
	n := c.diagnostics.Made()
	if n == nil {
		return trail{}
	}
	return trail{n.recorder.Load().Trail(), clock.Present()}
}

// stampable is a job with room for a stamp. The sender writes it before the job is
// queued, the owner reads it.
type stampable interface {
	job
	stamped() *stamp
}

// stamp stamps a job that is about to be queued: with the time, and, if everything is
// wanted, with where that is done.
func (l *instruments) stamp(ctx context.Context, j job, from where.Origin) job {
	if l.since == 0 {
		return j
	}
	room, ok := j.(stampable)
	if !ok {
		if _, ok := j.(bare); !ok {
			return j
		}
		t := &stampedTell{job: j}
		j, room = t, t
	}
	s := room.stamped()
	*s = stamp{at: clock.Now()}
	if l.full() {
		s.site = outside(ctx, from).PC
	}
	return j
}

// stampOf returns the stamp of a job, once: a call is used again. One from a time
// before the service began to stamp says nothing.
func (l *instruments) stampOf(j job) stamp {
	var s stamp
	if j, ok := j.(stampable); ok {
		s, *j.stamped() = *j.stamped(), stamp{}
	}
	if l.since == 0 || s.at < l.since {
		return stamp{}
	}
	return s
}

// While runtime/trace is on, each incarnation is a task, "service <path>", and each closure a
// region in it, named after the closure. A service notices that tracing was switched on or off
// when it has nothing to do, and when an incarnation begins: looking before each closure would
// make all of them slower.

// noticeTrace is called by the owner when it is about to work.
func (in *incarnation) noticeTrace() {
	on := trace.IsEnabled()
	if on == in.traced {
		return
	}
	in.traced = on
	in.c.changeInstruments(func(l *instruments) { l.regions = on })
}

// Recording is what Record collects. Its methods may be called by any goroutine.
type Recording struct {
	c   *core
	n   int
	all *instrument.Collection[ClosureRecord]
}

// Record is Service.Record.
func (c *core) Record(n int) *Recording {
	c.made()
	misuse.Unless(n >= 1, fmt.Sprintf("actor: Record(%d): a number of closures is at least 1", n))
	goes := func(on bool) { c.changeInstruments(func(l *instruments) { l.recorded = on }) }
	latest := func() uint64 { return c.box.Counts().Taken }
	return &Recording{c, n, c.diagnostics.Get().recordings.Begin(n, goes, latest)}
}

// Wait returns the closures when there are n. If ctx ends before, Wait ends the recording, like
// Stop, and returns the closures so far, with an error that wraps that of ctx. After the end of
// the recording it returns what was recorded.
func (r *Recording) Wait(ctx context.Context) ([]ClosureRecord, error) {
	misuse.Unless(ctx != nil, "actor: Wait with a nil context")
	r.made()
	if foreign.First(r.all.Done(), ctx) {
		return r.all.Got(), nil
	}
	err := foreign.Why(ctx)
	if !r.all.End() { // it has been completed, or stopped, meanwhile
		return r.all.Got(), nil
	}
	got := r.all.Got()
	return got, fmt.Errorf("actor: %s: %d of %d closures recorded: %w", r.c.Name(), len(got), r.n, err)
}

// Stop ends the recording, complete or not. It does not block, and may be called again.
func (r *Recording) Stop() {
	r.made()
	r.all.End()
}

// made panics if the recording is a zero or nil Recording.
func (r *Recording) made() {
	misuse.Unless(r != nil && r.c != nil, "actor: a Recording is made by Record")
}
