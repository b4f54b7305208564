package rate

import "sync/atomic"

// firstDepth is the number of waiting closures at which a queue is deep.
const firstDepth = 1 << 14

// A Depth says when it is worth a warning that a queue is deep: when 16384 wait, and each time
// that twice as many do, until it has been empty. Its methods may be called by any goroutine, and
// wait for nothing.
//
// A goroutine that finds the queue deep may hold a lock under which no logger is to be called. It
// mutes the Depth meanwhile, and writes the warning afterwards:
//
//	loud   Mute    muted
//	muted  Defer   owed   true: a sender leaves the warning to who has muted it
//	muted  Unmute  loud
//	owed   Unmute  loud   true: the warning is to be written now, if it is due
type Depth struct {
	mark  atomic.Uint64 // the depth at which the next warning is due; 0: the first
	muted atomic.Uint32
}

const (
	loud uint32 = iota
	muted
	owed
)

// Due reports whether a warning is due for so many that wait, and takes it for written.
func (d *Depth) Due(waiting int) bool {
	old := d.mark.Load()
	mark := max(old, firstDepth)
	return uint64(waiting) >= mark && d.mark.CompareAndSwap(old, 2*mark)
}

// Emptied says that nothing waits.
func (d *Depth) Emptied() {
	if d.mark.Load() != 0 {
		d.mark.Store(0)
	}
}

// Mute has warnings deferred until Unmute. It is for one goroutine at a time.
func (d *Depth) Mute() { d.muted.Store(muted) }

// Defer reports whether a warning is left to the goroutine that has muted the Depth.
func (d *Depth) Defer() bool { return d.muted.CompareAndSwap(muted, owed) }

// Unmute takes back Mute, and reports whether a warning was deferred.
func (d *Depth) Unmute() (deferred bool) { return d.muted.Swap(loud) == owed }
