package mailbox

import "sync/atomic"

// Place is a sender's place in the line for room.
type Place[T any] struct {
	m     *Mailbox[T]
	token chan struct{} // gets one when mu is free, from the goroutine that took the place out of the line
	v     T

	// Guarded by mu while the place is in the line; then the sender's that has the token.
	told       *atomic.Bool // see Tell; may be nil
	waits      bool         // it is in the line
	refused    bool         // it was taken out by Close
	prev, next *Place[T]    // in a list of places; next: also among those that are kept

	depth atomic.Int32 // how many are kept from it downwards; written by the sender that keeps it
}

// places is a list of places, first come first.
type places[T any] struct{ first, last *Place[T] }

func (l *places[T]) add(p *Place[T]) {
	p.prev, p.next = l.last, nil
	if l.last == nil {
		l.first = p
	} else {
		l.last.next = p
	}
	l.last = p
}

func (l *places[T]) remove(p *Place[T]) {
	if p.prev == nil {
		l.first = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.last = p.prev
	} else {
		p.next.prev = p.prev
	}
}

// wake gives each place of a list its token. From then on the place is its sender's, which may
// free it for another sender at once.
func (l *places[T]) wake() {
	for p := l.first; p != nil; {
		next := p.next
		p.token <- struct{}{}
		p = next
	}
}

// roomLine has the senders that wait for room, and the places that are kept to be used again,
// which are in a list of their own, linked by next:
//
//	kept    event                    next    who
//	p, ...  a sender needs a place   ...     the sender, by compare-and-swap, under mu: p is its own
//	...     p is free                p, ...  the sender that had p, by compare-and-swap
//
// A place that was taken may be back at once, above other places than before. A goroutine that
// takes one has read what is below it before, so only one goroutine at a time may take any.
// Putting one back needs no lock, so it does not hold up the owner, which gives out room under
// the lock. (place_model_test.go searches all interleavings of a model of this.)
type roomLine[T any] struct {
	places[T] // guarded by mu
	kept      atomic.Pointer[Place[T]]
}

// keepPlaces is how many places a mailbox keeps. They take 10 KB; the stacks of as many
// senders that wait take at least 128 KB.
const keepPlaces = 64

// place returns a place in m that was kept, or a new one. Under mu.
func (l *roomLine[T]) place(m *Mailbox[T]) *Place[T] {
	for {
		p := l.kept.Load()
		if p == nil {
			return &Place[T]{m: m, token: make(chan struct{}, 1)}
		}
		if l.kept.CompareAndSwap(p, p.next) { // claims p
			return p
		}
	}
}

// free keeps a place that is not in the line and will get no token.
func (p *Place[T]) free() {
	var zero T
	p.v, p.told, p.refused = zero, nil, false
	for l := p.m.line; ; {
		top, depth := l.kept.Load(), int32(1)
		if top != nil {
			depth += top.depth.Load()
		}
		if depth > keepPlaces {
			return
		}
		if p.next = top; p.depth.Load() != depth {
			p.depth.Store(depth)
		}
		if l.kept.CompareAndSwap(top, p) { // publishes p
			return
		}
	}
}
