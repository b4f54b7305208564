// Package agenda says what is due first.
package agenda

import "container/heap"

// An Agenda has entries in the order in which they are due: by time; at the same instant, those
// that are Last behind the others; then in the order in which they first came here. With only
// DateOf set it is empty. Its methods are called by one goroutine at a time.
type Agenda[E any] struct {
	DateOf func(E) *Date // the date that an E has; immutable

	entries []E // a heap
	serial  uint64
}

// A Date is when an entry of an Agenda is due. It is in one at a time; the zero value is in none.
type Date struct {
	Last bool // behind what else is due at that instant; immutable once it is in an agenda

	at     int64
	serial uint64
	index  int // from 1; 0: in no agenda
}

// At returns when it is due, or was when it was taken out.
func (d *Date) At() int64 { return d.at }

// Entered reports whether it is in an agenda.
func (d *Date) Entered() bool { return d.index > 0 }

// Set enters e, or moves it, to become due at the time at.
func (a *Agenda[E]) Set(e E, at int64) {
	d := a.DateOf(e)
	d.at = at
	if d.serial == 0 {
		a.serial++
		d.serial = a.serial
	}
	if d.index == 0 {
		heap.Push((*entries[E])(a), e)
	} else {
		heap.Fix((*entries[E])(a), d.index-1)
	}
}

// Remove takes e out, if it is there.
func (a *Agenda[E]) Remove(e E) {
	if d := a.DateOf(e); d.index > 0 {
		heap.Remove((*entries[E])(a), d.index-1)
	}
}

// Len returns how much is in it.
func (a *Agenda[E]) Len() int { return len(a.entries) }

// First returns what is due first, and when; not ok: there is nothing.
func (a *Agenda[E]) First() (e E, at int64, ok bool) {
	if len(a.entries) == 0 {
		return e, 0, false
	}
	e = a.entries[0]
	return e, a.DateOf(e).at, true
}

// Due returns what is due first if that is due at the time now, and when; not ok: there is
// nothing.
func (a *Agenda[E]) Due(now int64) (e E, at int64, ok bool) {
	e, at, ok = a.First()
	return e, at, ok && at <= now
}

// Clear takes everything out.
func (a *Agenda[E]) Clear() {
	for _, e := range a.entries {
		a.DateOf(e).index = 0
	}
	a.entries = nil
}

// entries are an Agenda as package heap wants it.
type entries[E any] Agenda[E]

func (h *entries[E]) date(i int) *Date { return h.DateOf(h.entries[i]) }

func (h *entries[E]) Len() int { return len(h.entries) }

func (h *entries[E]) Less(i, j int) bool {
	a, b := h.date(i), h.date(j)
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.Last != b.Last:
		return b.Last
	}
	return a.serial < b.serial
}

func (h *entries[E]) Swap(i, j int) {
	h.entries[i], h.entries[j] = h.entries[j], h.entries[i]
	h.date(i).index, h.date(j).index = i+1, j+1
}

func (h *entries[E]) Push(e any) {
	h.entries = append(h.entries, e.(E))
	h.date(len(h.entries) - 1).index = len(h.entries)
}

func (h *entries[E]) Pop() any {
	n := len(h.entries) - 1
	e := h.entries[n]
	h.date(n).index = 0
	var none E
	h.entries[n] = none // what it holds is not kept alive
	h.entries = h.entries[:n]
	return e
}
