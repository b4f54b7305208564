package mailbox

import "sync/atomic"

// Place is a sender's place in the line for room.
type Place[T any] struct {
	m     *Mailbox[T]
	token chan struct{} // gets one, from who takes the place out of the line, when mu is free
	v     T

	// Guarded by mu while it is in the line; then its sender's, which has the token.
	told       *atomic.Bool // see Tell; may be nil
	waits      bool         // it is in the line
	refused    bool         // it was taken out by Close
	prev, next *Place[T]    // in a list of places; next: also among those that are kept

	depth atomic.Int32 // how many are kept below it, and itself; written by who keeps it
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

// wake gives each of a list its token. From then on a place is its sender's, who may let
// another one have it at once.
func (l *places[T]) wake() {
	for p := l.first; p != nil; {
		next := p.next
		p.token <- struct{}{}
		p = next
	}
}

// roomLine is those who wait for room, and places that are kept to be used again, in a list of
// their own, linked by next:
//
//	kept    event                    next    who
//	p, ...  a sender needs a place   ...     the sender, by compare-and-swap, under mu: p is its own
//	...     p is free                p, ...  the sender that had p, by compare-and-swap
//
// A place that was taken may be back at once, above others than before, and who takes one has read
// what is below it: so one goroutine at a time takes any. Who puts one there needs no lock, and
// does not hold up the owner, which gives out room under it. (place_model_test.go searches all
// interleavings of a model of this.)
type roomLine[T any] struct {
	places[T] // guarded by mu
	kept      atomic.Pointer[Place[T]]
}

// keepPlaces is how many a mailbox keeps: 10 KB, where as many senders that wait have stacks of
// 128 KB at least.
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

// free keeps a place that is not in the line, and has no token to come.
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
