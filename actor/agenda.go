package actor

import "container/heap"

// An agenda is what is to be done when, in the order in which it is due: by time, then
// what is to be last at its instant, then in the order in which it came here first.
type agenda[E dated] struct {
	entries dates[E]
	serial  uint64
}

// dated is something that can stand in an agenda, in one at most.
type dated interface{ date() *date }

// date is when something is due. The zero value is in no agenda, and not last.
type date struct {
	at     int64 // by clock
	last   bool  // behind what else is due at that instant; immutable once it is in an agenda
	serial uint64
	index  int // from 1; 0: in no agenda
}

// set enters e, or moves it, to become due at the time at.
func (a *agenda[E]) set(e E, at int64) {
	d := e.date()
	d.at = at
	if d.serial == 0 {
		a.serial++
		d.serial = a.serial
	}
	if d.index == 0 {
		heap.Push(&a.entries, e)
	} else {
		heap.Fix(&a.entries, d.index-1)
	}
}

// remove takes e out, if it is there.
func (a *agenda[E]) remove(e E) {
	if d := e.date(); d.index > 0 {
		heap.Remove(&a.entries, d.index-1)
	}
}

// first returns what is due first, and when; not ok: there is nothing.
func (a *agenda[E]) first() (e E, at int64, ok bool) {
	if len(a.entries) == 0 {
		return e, 0, false
	}
	e = a.entries[0]
	return e, e.date().at, true
}

// clear takes everything out.
func (a *agenda[E]) clear() {
	for _, e := range a.entries {
		e.date().index = 0
	}
	a.entries = nil
}

// dates is the heap.
type dates[E dated] []E

func (h dates[E]) Len() int { return len(h) }

func (h dates[E]) Less(i, j int) bool {
	a, b := h[i].date(), h[j].date()
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.last != b.last:
		return b.last
	}
	return a.serial < b.serial
}

func (h dates[E]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].date().index, h[j].date().index = i+1, j+1
}

func (h *dates[E]) Push(e any) {
	*h = append(*h, e.(E))
	e.(E).date().index = len(*h)
}

func (h *dates[E]) Pop() any {
	n := len(*h) - 1
	e := (*h)[n]
	var none E
	(*h)[n] = none // what it holds is not kept alive
	*h = (*h)[:n]
	e.date().index = 0
	return e
}
