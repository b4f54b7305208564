package actor

import (
	"context"
	"sync/atomic"
)

// stamp says when and where a closure was handed over.
type stamp struct {
	at   int64   // by clock; 0: unknown
	site uintptr // return address of the user's call; 0: unknown
}

// stampable is a job with room for a stamp. The sender writes it before the job is
// queued, the owner reads it.
type stampable interface {
	job
	stamped() *stamp
}

func (s *stamp) stamped() *stamp { return s }

// stampedTell is the closure of a Do with a stamp: a function alone has no room for it.
type stampedTell struct {
	job
	stamp
}

// bare is implemented by jobs that are nothing but a function, so that a stampedTell
// hides nothing of them.
type bare interface{ bare() }

func (f tell[T]) bare() {}

// stamp stamps a job that is about to be queued: with the time, and, if everything is
// wanted, with where that is done.
func (l *lens) stamp(ctx context.Context, j job, from origin) job {
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
	*s = stamp{at: clock()}
	if l.full() {
		s.site = from.outside(ctx).pc
	}
	return j
}

// stampOf returns the stamp of a job, once: a call is used again. One from a time
// before the service began to stamp says nothing.
func (l *lens) stampOf(j job) stamp {
	var s stamp
	if j, ok := j.(stampable); ok {
		s, *j.stamped() = *j.stamped(), stamp{}
	}
	if l.since == 0 || s.at < l.since {
		return stamp{}
	}
	return s
}

// deep notes that so many closures waited.
func (c *core) deep(waiting int) { raise(&c.high, int64(waiting)) }

// raise makes v at least n.
func raise(v *atomic.Int64, n int64) {
	for {
		old := v.Load()
		if n <= old || v.CompareAndSwap(old, n) {
			return
		}
	}
}
