// Package instrument has what a service is measured with: a Histogram of times, a Recorder
// of the closures that it runs, which shows them to runtime/trace, too, and its Label in
// profiles. Each is written by the service while others read, and no side waits.
package instrument

import (
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
)

// An Entry is a closure that has run. It has addresses for names, which are looked up when
// they are asked for. Times are of package clock.
type Entry struct {
	PC      uintptr // entry of its function
	Site    uintptr // return address of the call that handed it over; 0: not known
	Wait    int64   // nanoseconds in the queue; Unknown
	Begun   int64
	Run     int64
	Crashed bool
}

// Unknown is the Wait of a closure whose time of sending is not known.
const Unknown = -1

// A Recorder is what a service knows of the closures that it has run. It belongs to the
// goroutine of one incarnation, the owner, and passes to the next if that goroutine is done
// with it. Its closure is
//
//	state   event      next
//	none    Begin      begun
//	begun   Time       timed
//	timed   End        none, and the entry is returned
//	begun   End        none
//	any     Forget     none
//	any     Begin      begun: of the one before no more is heard
//
// Region, in begun, shows the closure to runtime/trace until the state is none. Age and Trail may
// be called by any goroutine, Trail also with a nil Recorder.
type Recorder struct {
	// The owner's.
	now     Entry
	open    bool   // begun, or timed
	timed   bool   // its beginning is known
	taken   uint64 // the number of the latest that was timed
	last    int64  // when that ended, for the next one's beginning; 0: other things came between
	regions regions

	// Read by others.
	began timing // when a closure began that was timed, and which
	pages pages
	free  atomic.Bool // the next incarnation may have it
}

// Begin notes that a closure begins.
func (r *Recorder) Begin() {
	r.Forget()
	r.open = true
}

// Region has runtime/trace see the closure, which has that entry, if that is on.
func (r *Recorder) Region(service string, pc uintptr) { r.regions.begin(service, pc) }

// Time begins to time the closure, which was taken from the queue with the number taken. Its
// entry is pc. It was sent from site at the time sent; either is 0 if not known. Time returns how
// long the closure has waited, or Unknown. If it follows another one with nothing in between, it
// began when that one ended: the clock is not read again.
func (r *Recorder) Time(taken uint64, pc, site uintptr, sent int64) (wait int64) {
	if r.last == 0 || taken != r.taken+1 {
		r.last = clock.Now()
	}
	wait = Unknown
	if sent != 0 {
		wait = max(0, r.last-sent) // it may have come while the one before it ended
	}
	r.timed, r.taken = true, taken
	r.now = Entry{PC: pc, Site: site, Wait: wait, Begun: r.last}
	r.began.set(r.last, taken)
	return wait
}

// Taken returns the number of the closure that was timed last.
func (r *Recorder) Taken() uint64 { return r.taken }

// Open reports whether there is a closure that has not ended.
func (r *Recorder) Open() bool { return r.open }

// Site returns where the closure that is timed was handed over; 0: it is not known, or not
// timed.
func (r *Recorder) Site() uintptr {
	if !r.timed {
		return 0
	}
	return r.now.Site
}

// End ends the closure, which crashed at that time, or, if that is 0, has returned now. ok
// is false if it was not timed.
func (r *Recorder) End(crashed int64) (e Entry, ok bool) {
	if ok = r.timed; ok {
		if r.last = crashed; crashed == 0 {
			r.last = clock.Now()
		}
		r.now.Run, r.now.Crashed = r.last-r.now.Begun, crashed != 0
		e = r.now
	}
	r.Forget()
	return e, ok
}

// Forget ends the closure without a word, if there is one.
func (r *Recorder) Forget() {
	if !r.open {
		return
	}
	r.regions.end()
	r.open, r.timed = false, false
}

// Rest notes that the owner does something else than to run closures. A nil Recorder has
// nothing to note.
func (r *Recorder) Rest() {
	if r != nil {
		r.last = 0
	}
}

// Keep adds e to the trail, which has the last keep entries.
func (r *Recorder) Keep(e Entry, keep int) { r.pages.publish(e, keep) }

// HandOver is called by the owner when its incarnation is over. A goroutine that the service was
// cut off from does not call it, and may go on to write.
func (r *Recorder) HandOver() {
	if r == nil {
		return
	}
	r.Forget()
	r.regions.endTask()
	r.last = 0
	r.free.Store(true)
}

// Next returns the recorder of the next owner: r if that was handed over, and otherwise
// another one, with what r has kept so far. r may be nil.
func (r *Recorder) Next() *Recorder {
	if r != nil && r.free.CompareAndSwap(true, false) {
		return r
	}
	next := new(Recorder)
	if r != nil {
		next.pages.prev.Store(r.pages.cur.Load())
		next.pages.keep.Store(r.pages.keep.Load())
	}
	return next
}

// Age returns how long the closure with the number taken has been running at the time at; ok is
// false if that one was not timed.
func (r *Recorder) Age(taken uint64, at int64) (age time.Duration, ok bool) {
	return r.began.age(taken, at)
}

// Trail returns the closures that are kept.
func (r *Recorder) Trail() (t Trail) {
	if r == nil {
		return t
	}
	return r.pages.trail()
}
