package actor

import (
	"container/list"
	"context"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/where"
)

// ClosureRecord is one closure of a service that has run.
type ClosureRecord struct {
	Func string // name of the function, as Go spells it
	File string // where it begins
	Line int

	Site    string        // where it was handed over, as function, file and line; "": not known
	Begun   time.Time     // when it began to run
	Wait    time.Duration // how long it had waited in the queue; negative: not known
	Run     time.Duration // how long it ran
	Crashed bool          // it panicked, or ended its goroutine
}

// unknown is the wait of a closure that nobody stamped.
const unknown = -1

// past is a ClosureRecord as it is kept: names are looked up when somebody asks.
type past struct {
	pc, site  uintptr
	wait, run int64
	begun     int64
	crashed   bool
}

func (e *past) closure(m moment) ClosureRecord {
	f := where.Place{PC: e.pc}.Frame()
	c := ClosureRecord{
		Func: f.Function, File: f.File, Line: f.Line,
		Begun: m.wallOf(e.begun), Wait: time.Duration(e.wait), Run: time.Duration(e.run), Crashed: e.crashed,
	}
	if e.site != 0 {
		c.Site = where.Place{PC: e.site, Site: true}.String()
	}
	return c
}

// recorder is what a service knows of the closures that it has run. It belongs to the
// goroutine of one incarnation, and passes to the next if that goroutine is done with
// it. Others read the atomic fields, and pages up to their count.
//
// Pages are written once: the owner fills the next entry and then publishes it by the
// page's count. A full page is followed by a new one, so nobody reads what is being
// written, and a reader takes no lock and copies nothing that it does not ask for.
type recorder struct {
	// The owner's.
	now    past   // the closure that runs
	open   bool   // there is one, and it has not ended
	timed  bool   // its beginning is known
	taken  uint64 // the number of the latest that was timed
	kept   int64  // since an alarm, and not yet taken from it
	last   int64  // when that ended, for the next one's beginning; 0: other things came between
	region *trace.Region
	task   *trace.Task        // of the incarnation, while tracing is on
	inTask context.Context    // of task
	names  map[uintptr]string // of regions

	// Read by others.
	begun     atomic.Uint64 // when a closure began that was timed, and which; see timing
	prev, cur atomic.Pointer[page]
	keep      atomic.Int32
	free      atomic.Bool // the next incarnation may have it
}

type page struct {
	n       atomic.Int32 // entries published
	entries []past
}

// timing is when the closure began that was taken from the mailbox as that number, in
// one word, so that it can be neither half old nor taken for another closure's: 44 bits
// of some microseconds, which is half a year, and 20 of the number.
func timing(at int64, taken uint64) uint64 { return uint64(at)>>10<<20 | taken&(1<<20-1) }

// ageOf returns how long ago that was, if it is of that closure.
func ageOf(timing uint64, taken uint64, at int64) (age time.Duration, ok bool) {
	if timing == 0 || timing&(1<<20-1) != taken&(1<<20-1) {
		return 0, false
	}
	now := uint64(at) >> 10 & (1<<44 - 1)
	return time.Duration((now - timing>>20) & (1<<44 - 1) << 10), true
}

// handOver is called by the owner when its incarnation is over. A goroutine that the
// service was cut off from does not come to it, and may go on to write.
func (r *recorder) handOver() {
	if r == nil {
		return
	}
	r.forget()
	r.endTask()
	r.last = 0
	r.free.Store(true)
}

// forget ends the present closure without a word.
func (r *recorder) forget() {
	if !r.open {
		return
	}
	r.endRegion()
	r.open, r.timed = false, false
}

// publish keeps an entry.
func (r *recorder) publish(e past, keep int) {
	p := r.cur.Load()
	if p == nil || int(p.n.Load()) == len(p.entries) || len(p.entries) != keep {
		q := &page{entries: make([]past, keep)}
		r.keep.Store(int32(keep))
		if p != nil {
			r.prev.Store(p)
		}
		r.cur.Store(q)
		p = q
	}
	n := p.n.Load()
	p.entries[n] = e
	p.n.Store(n + 1)
}

// trail is what had been published at one instant. It is immutable.
type trail struct {
	prev, cur *page
	n         int32 // entries of cur
	keep      int
	at        moment
}

// trail returns the last closures, to be formatted when somebody asks.
func (r *recorder) trail() (t trail) {
	if r == nil {
		return t
	}
	for {
		t = trail{cur: r.cur.Load(), prev: r.prev.Load(), keep: int(r.keep.Load())}
		if t.cur == nil {
			return t
		}
		t.n = t.cur.n.Load()
		if r.cur.Load() == t.cur {
			break
		}
	}
	if t.prev == t.cur { // which is full, and the next is about to take its place
		t.prev = nil
	}
	return t
}

// seenNow returns the trail for somebody who looks at it now.
func (t trail) seenNow() trail {
	t.at = now()
	return t
}

// closures returns the last closures, oldest first.
func (t trail) closures() []ClosureRecord {
	all := t.recent()
	if len(all) == 0 {
		return nil
	}
	cs := make([]ClosureRecord, len(all))
	for i := range all {
		cs[i] = all[i].closure(t.at)
	}
	return cs
}

func (t trail) recent() []past {
	var all []past
	if t.prev != nil {
		all = append(all, t.prev.entries[:t.prev.n.Load()]...)
	}
	if t.cur != nil {
		all = append(all, t.cur.entries[:t.n]...)
	}
	return all[max(0, len(all)-t.keep):]
}

// beginRegion is called by the owner before a closure with that entry.
func (r *recorder) beginRegion(service string, pc uintptr) {
	if !trace.IsEnabled() {
		r.endTask()
		return
	}
	if r.task == nil {
		r.inTask, r.task = trace.NewTask(context.Background(), "service "+service)
	}
	name, ok := r.names[pc]
	if !ok {
		if r.names == nil {
			r.names = map[uintptr]string{}
		}
		name = where.Place{PC: pc}.String()
		r.names[pc] = name
	}
	r.region = trace.StartRegion(r.inTask, name)
}

func (r *recorder) endRegion() {
	if r.region != nil {
		r.region.End()
		r.region = nil
	}
}

func (r *recorder) endTask() {
	if r.task != nil {
		r.task.End()
		r.task, r.inTask, r.names = nil, nil, nil
	}
}

// recordings are those of a service that go on. The owner looks for them while there are
// any (lens.recorded).
type recordings struct {
	mu   sync.Mutex // is held when core.mu is locked, and not the other way round
	list list.List  // of sink
}

// sink gets each closure that has ended, with the number as which it was taken. It may take
// itself from the list; recordings.mu is held.
type sink interface {
	add(taken uint64, c ClosureRecord)
}

// add is called by the owner.
func (rs *recordings) add(taken uint64, e past) {
	c := e.closure(now())
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for x := rs.list.Front(); x != nil; {
		s := x.Value.(sink)
		x = x.Next()
		s.add(taken, c)
	}
}

// sighting is when somebody saw a closure run first. Under notes.mu.
type sighting struct {
	taken uint64 // what had been taken from the mailbox
	at    int64
}
