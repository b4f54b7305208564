package actor

import (
	"fmt"
	"time"
)

// Instruments say what a service looks at while it runs closures. The zero value is
// nothing, and costs a closure nothing; docs/observing.rst has the price of each.
type Instruments struct {
	// Times has the service measure how long closures wait and run, for Info.Waits and
	// Info.Runs. The clock is not read for each. Of short closures at least one in 64 is measured, and
	// counts for those since the last one; a closure that runs for 10 µs or longer is
	// always noticed, and counts for itself. docs/observing.rst says how, and how exactly.
	// Waits are known of at least one closure in 64, which counts for those since the
	// last one, too. Together with History, or while there is a Recording, each closure
	// is measured and counts for itself.
	Times bool

	// History is how many of the last closures are kept, with name, call site, time in
	// the queue and run time: see Service.History, PanicError.History. 0: none, unless
	// something goes wrong. A crash, a slow closure or a refused deadlock has the
	// service keep 16, without call sites and times in the queue, during its next 65536
	// closures. Negative: none even then.
	// What is asked for here is what is kept, then too.
	History int
}

// WithTimes is Instruments.Times from the beginning.
func WithTimes() Option { return func(o *options) { o.instruments.Times = true } }

// WithHistory is Instruments.History from the beginning: the last n closures are kept,
// so that already the first crash comes with those before it, and no other number after a
// crash. With 0 none are kept, not even then. A negative n panics.
func WithHistory(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("actor: WithHistory(%d): a number of closures is not negative", n))
	}
	if n == 0 {
		n = -1
	}
	return func(o *options) { o.instruments.History = n }
}

// Observe sets what the service looks at from the next closure on, instead of what it
// looked at before. What was measured and kept so far stays. It does not block and may
// be called by any goroutine.
func (c *core) Observe(i Instruments) {
	c.made()
	n := c.noted()
	n.silent.Store(i.History < 0)
	n.alarm.Store(0)
	c.changeLens(func(l *lens) { l.Instruments, l.brief = i, 0 })
}

// lens looks at the closures of a service. It is immutable and replaced as a whole, by
// changeLens: around.lens is nil if there is nothing to look for.
type lens struct {
	Instruments
	gen        uint64 // another after each time in which nothing was looked at, or no run times
	brief      int    // closures kept because something went wrong; 0: nothing did
	since      int64  // when the service began to stamp closures; 0: it does not
	regions    bool   // runtime/trace is on
	recordings []*Recording
}

const (
	briefHistory  = 16      // closures kept when something has gone wrong
	briefInterest = 1 << 16 // closures for which that goes on
)

// changeLens replaces the lens by what change makes of a copy.
func (c *core) changeLens(change func(*lens)) {
	c.changeAround(func(a *around) {
		var l lens
		if a.lens != nil {
			l = *a.lens
			l.recordings = append([]*Recording{}, l.recordings...)
		}
		fresh, times := a.lens == nil, l.Times
		change(&l)
		if fresh || l.Times != times {
			l.gen = c.noted().lenses.Add(1)
		}
		switch stamps := l.Times || l.full(); {
		case !stamps:
			l.since = 0
		case l.since == 0:
			l.since = clock()
		}
		a.lens = &l
		if !l.Times && !l.regions && l.keeps() == 0 && len(l.recordings) == 0 {
			a.lens = nil
		}
	})
}

// full reports whether everything about every closure is wanted.
func (l *lens) full() bool { return l.History > 0 || len(l.recordings) > 0 }

// keeps returns how many of the last closures are kept: as many as the user said, and
// what an alarm keeps only if nothing was said.
func (l *lens) keeps() int {
	if l.History > 0 {
		return l.History
	}
	return l.brief
}

// alarmed has the service keep its last closures for a while, because something has
// gone wrong: what comes next is of interest.
func (c *core) alarmed() {
	n := c.noted()
	if n.silent.Load() || n.alarm.Swap(briefInterest) > 0 { // is on already
		return
	}
	c.changeLens(func(l *lens) {
		if l.History == 0 { // or it is what the user wants
			l.brief = briefHistory
		}
	})
}

// lessAlarmed is called by the owner for each closure that is kept because of an alarm.
func (in *incarnation) lessAlarmed() {
	const at = 64 // closures that are taken from the alarm at once
	if in.rec.kept++; in.rec.kept < at {
		return
	}
	in.rec.kept = 0
	if in.c.noted().alarm.Add(-at) == 0 {
		in.c.changeLens(func(l *lens) { l.brief = 0 })
	}
}

// epoch is what the clock counts from.
var epoch = time.Now()

// clock returns the time in nanoseconds since some point, for differences only. It
// costs 25 ns where time.Now costs 45.
func clock() int64 { return int64(time.Since(epoch)) }

// clockAt returns what the clock said at t.
func clockAt(t time.Time) int64 { return int64(t.Sub(epoch)) }

// moment is an instant on both clocks.
type moment struct {
	wall time.Time
	at   int64
}

func now() moment {
	t := time.Now()
	return moment{t, clockAt(t)}
}

// wallOf returns when the clock was at.
func (m moment) wallOf(at int64) time.Time { return m.wall.Add(time.Duration(at - m.at)) }

// begin is called by the owner before a closure runs.
func (l *lens) begin(in *incarnation, j job) {
	r := in.rec
	if r == nil {
		r = in.startRecorder()
	}
	r.forget()
	r.open = true
	if l.regions {
		r.beginRegion(in, j)
	}
	if r.gen != l.gen {
		r.gen, r.last, r.unread = l.gen, 0, 0
	}
	r.timed = l.keeps() > 0 || len(l.recordings) > 0
	if l.Times {
		r.counted = true
		r.unwaited++
		r.sampled = r.due() || l.full()
		r.timed = r.timed || r.sampled
	}
	l.read(in, j)
}

// read reads the clock, if somebody wants to know, before a closure runs.
func (l *lens) read(in *incarnation, j job) {
	r, s := in.rec, l.stampOf(j)
	if !r.timed && s.at == 0 && (!r.counted || r.last != 0) {
		return
	}
	at, wait := r.last, int64(unknown)
	if at == 0 || s.at != 0 || r.sampled || r.unread > 0 || l.full() {
		at = clock()
	}
	n := in.c.noted()
	r.endStretch(n, at)
	r.last = at
	if s.at != 0 {
		wait = at - s.at
		if l.Times {
			l.addWait(r, n, wait)
		}
	}
	if r.timed {
		if l.History > 0 || r.sampled {
			in.c.deep(in.c.box.Len() + 1) // reads what senders write: as dear as the rest
		}
		r.now = past{pc: j.closure().pc, site: s.site, wait: wait, begun: at}
		r.begun.Store(timing(at, in.c.box.Counts().Taken))
	}
}

// addWait enters how long a closure waited, for those since the last as well, unless
// they all are known.
func (l *lens) addWait(r *recorder, n *notes, wait int64) {
	if l.full() {
		r.unwaited = 1
	}
	n.waits.add(wait, r.unwaited)
	r.unwaited = 0
}

// end is called by the owner when a closure has returned, before its caller is
// answered.
func (l *lens) end(in *incarnation) {
	r := in.rec
	if r == nil || !r.open || in.lost.Load() {
		return
	}
	l.finish(in, 0)
}

// finish enters what the closure took that has ended. It crashed at that time, or, if
// that is 0, has returned now.
func (l *lens) finish(in *incarnation, crashed int64) {
	r := in.rec
	if r.counted && !r.sampled {
		r.unread++
	}
	if r.timed || crashed != 0 && r.counted {
		n, at := in.c.noted(), crashed
		if at == 0 {
			at = clock()
		}
		r.now.run, r.now.crashed = at-r.now.begun, crashed != 0
		if r.sampled {
			r.addSample(n, r.now.run)
		} else {
			r.endStretch(n, at)
		}
		r.last = at
	}
	if r.timed {
		l.keep(in)
	}
	r.forget()
}

// keep enters a closure that was timed where closures are kept.
func (l *lens) keep(in *incarnation) {
	r := in.rec
	if keep := l.keeps(); keep > 0 {
		r.publish(r.now, keep)
		if l.brief > 0 {
			in.lessAlarmed()
		}
	}
	for _, rec := range l.recordings {
		rec.add(r.now)
	}
}

// left is called by the owner after a closure: of a call that did not run, begin has
// had no end.
func (l *lens) left(in *incarnation) {
	if r := in.rec; r != nil && r.open && !in.lost.Load() {
		r.forget()
	}
}
