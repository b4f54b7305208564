package instrument

import "sync/atomic"

// pages have the last entries that one goroutine has written, for others to read.
//
// Pages are written once: the owner fills the next entry and then publishes it by the
// page's count. A full page is followed by a new one, so no reader reads what is being
// written, and a reader takes no lock and copies nothing that it does not ask for.
type pages struct {
	prev, cur atomic.Pointer[page]
	keep      atomic.Int32
}

type page struct {
	n       atomic.Int32 // entries published
	entries []Entry
}

// publish adds an entry, to keep so many of the last ones.
func (s *pages) publish(e Entry, keep int) {
	p := s.cur.Load()
	if p == nil || int(p.n.Load()) == len(p.entries) || len(p.entries) != keep {
		q := &page{entries: make([]Entry, keep)}
		s.keep.Store(int32(keep))
		if p != nil {
			s.prev.Store(p)
		}
		s.cur.Store(q)
		p = q
	}
	n := p.n.Load()
	p.entries[n] = e
	p.n.Store(n + 1)
}

// A Trail is what had been published at one instant. It is immutable; the zero value is
// empty.
type Trail struct {
	prev, cur *page
	n         int32 // entries of cur
	keep      int
}

// trail returns the last entries, to be copied when they are asked for.
func (s *pages) trail() (t Trail) {
	for {
		t = Trail{cur: s.cur.Load(), prev: s.prev.Load(), keep: int(s.keep.Load())}
		if t.cur == nil {
			return t
		}
		t.n = t.cur.n.Load()
		if s.cur.Load() == t.cur {
			break
		}
	}
	if t.prev == t.cur { // which is full, and the next is about to take its place
		t.prev = nil
	}
	return t
}

// Entries returns what is kept of a trail, oldest first.
func (t Trail) Entries() []Entry {
	var all []Entry
	if t.prev != nil {
		all = append(all, t.prev.entries[:t.prev.n.Load()]...)
	}
	if t.cur != nil {
		all = append(all, t.cur.entries[:t.n]...)
	}
	return all[max(0, len(all)-t.keep):]
}
