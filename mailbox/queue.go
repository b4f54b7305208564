package mailbox

import (
	"runtime"
	"sync/atomic"
)

// Ring sizes, in slots. A queue begins with a small ring, because most services
// are idle most of the time; a ring that is full is followed by one four times
// its size, up to the largest. The steps from 4 to 16 to 64 cost allocations
// on the way to a backlog, and none afterwards.
const (
	smallRing = 4
	ringStep  = 4
	largeRing = 1024

	shiftLarge = 10
)

// The tail word: the next ticket, shifted left, and four flags.
const (
	tailClosed  = 1 << iota // nothing more is accepted
	tailGrowing             // the ring is full; a producer that sees this helps to replace it
	tailCrowded             // senders wait for room, in line: no push may pass them
	tailParked              // nothing is queued and the owner of the mailbox sleeps; see park.go
	tailShift   = iota
	tailFlags   = 1<<tailShift - 1
	tailTicket  = 1 << tailShift
)

// Queue is an unbounded lock-free queue for many producers and one consumer.
// The zero value is ready to use. A Queue must not be copied after first use.
//
// Push may be called by any number of goroutines at once, and never blocks;
// Pop by one goroutine at a time. What happened before a Push happens before
// the Pop that returns its value.
//
// # Algorithm
//
// Values lie in a ring of slots. A producer takes a ticket by a compare-and-swap
// on the tail word; the ticket's slot is then its own until it has published
// the value by storing the slot's lap number. The consumer looks at the slot
// whose turn it is: the lap number says whether the value is there. The consumer
// frees slots by advancing head. The consumer writes head all the time, so producers
// remember how far it got in the ring's limit, and read head only when the limit is
// reached.
//
// A full ring is never moved. The producer that finds it full sets the growing
// flag, which stops all tickets; a producer that meets the flag appends a new ring,
// makes it current and clears the flag, each step a compare-and-swap that only
// one of the helpers wins and any of them may finish. So no producer waits for
// another. The growth itself takes one ticket, so that the tail word never
// returns to a value it had before and a producer that slept through the growth
// fails its compare-and-swap. Rings are never used again, since a producer may still be
// reading one: the garbage collector finds out. Their slots may be used again (see
// Spare): only a producer with a ticket touches a slot, and when the consumer leaves a
// ring it has seen all tickets of the ring published.
//
// A producer that was interrupted between its ticket and its publication hides the
// values behind its own until it goes on. Meanwhile the queue looks empty to the
// consumer. The other producers go on.
//
// # Cost
//
// A Push is two locked instructions and no allocation while the backlog fits the
// ring; an idle queue is one ring of four slots, allocated at the first Push.
type Queue[T any] struct {
	// Written by producers, by compare-and-swap only.
	tail atomic.Uint64
	ring atomic.Pointer[ring[T]] // where the tail's ticket falls; trails it only while growing
	// Immutable: called by a producer after the push that replaced a full ring; and
	// where the slots of larger rings come from, which may be nil.
	grown     func(waiting int)
	spare     *Spare[T]
	rouser[T] // of a mailbox: on this line because its producers write it
	_         [8]byte

	// Written by the consumer; producers read head when they run into a limit.
	// The count of values taken so far, shifted, and the state of the consumer's
	// part (see turn.go; a bare Queue leaves it 0).
	head atomic.Uint64
	cur  atomic.Pointer[ring[T]] // where head falls; made by the first producer
	// How many values had been taken at the latest rest, and how many rests there
	// were since more than a small ring was needed. The consumer's own.
	rested uint64
	quiet  uint8
}

// Words with different writers lie on different lines of the cache, of 64 bytes: with both
// ends on one line a Push costs half as much again. What is above the head, padding
// included, is 56 bytes and a value on a 64-bit machine.

// ring is a ring of slots for the tickets from base on. Position p of a ring is
// ticket base+p and value number first+p.
type ring[T any] struct {
	base  uint64 // ticket of position 0
	first uint64 // number of values accepted before position 0
	slots []slot[T]
	shift uint8 // the number of slots is 1<<shift

	// How many positions may be claimed: those whose slots are known to be free.
	// Any value up to the truth is right, so producers store it without care.
	limit atomic.Uint64
	// Set once, under the growing flag. Its first is where this ring ends.
	next atomic.Pointer[ring[T]]

	lent *lent[T] // the slots' place in the Spare; nil if they are the ring's own
}

// slot holds one value. lap is stored by the producer that claimed the slot, after the value:
// lap k+1 publishes the value of lap k. The consumer clears the value and then advances head,
// which hands the slot to the next lap. A value that is handed over beside the ring leaves its
// slot as it is, perhaps for many laps. So a lap has 64 bits: with 32, the same number would
// come back after some hours of hand-overs.
type slot[T any] struct {
	lap   atomic.Uint64
	value T
}

func newRing[T any](spare *Spare[T], shift uint8, base, first uint64) (r *ring[T]) {
	if shift == shiftOf(smallRing) { // of which most queues have one and no other: in one piece
		whole := new(struct {
			ring[T]
			small [smallRing]slot[T]
		})
		r = &whole.ring
		r.slots = whole.small[:]
	} else {
		r = new(ring[T])
		r.slots, r.lent = spare.take(shift)
	}
	r.base, r.first, r.shift = base, first, shift
	r.limit.Store(1 << shift)
	return r
}

func (r *ring[T]) at(pos uint64) (s *slot[T], lap uint64) {
	return &r.slots[pos&uint64(len(r.slots)-1)], pos>>r.shift + 1
}

// Push appends v. It never blocks.
func (q *Queue[T]) Push(v T) { q.push(v, 0, 0) }

// verdict is what became of a push.
type verdict uint8

const (
	accepted verdict = iota
	closed
	full
	crowded
	asleep // and nothing is queued: the value is to be handed over
)

// push appends v unless one of the flags in heed is set, or bound is not 0 and
// bound values are waiting. Either check holds at the instant at which the
// ticket is taken: both are made on the tail word that the compare-and-swap
// replaces, and head only ever makes room.
func (q *Queue[T]) push(v T, heed, bound uint64) verdict {
	grew := false
	for {
		// The tail first: if the swap below succeeds, the tail did not move since,
		// and the ring loaded after it is the ring of that tail.
		tail := q.tail.Load()
		if flags := tail & (heed | tailGrowing); flags != 0 {
			switch {
			case flags&tailClosed != 0:
				return closed
			case flags&tailGrowing != 0:
				q.grow(tail)
				continue
			case flags&tailCrowded == 0:
				return asleep
			}
			return crowded
		}
		r := q.ring.Load()
		if r == nil {
			// The consumer has to find the first ring even if it is replaced before
			// it looks: cur before ring.
			if q.cur.Load() == nil {
				q.cur.CompareAndSwap(nil, newRing(q.spare, shiftOf(smallRing), 0, 0))
			}
			grew = q.ring.CompareAndSwap(nil, q.cur.Load())
			continue
		}
		pos := tail>>tailShift - r.base
		if bound != 0 && r.first+pos-q.taken() >= bound {
			if q.tail.Load() == tail {
				return full
			}
			continue
		}
		if pos >= r.limit.Load() && !q.advance(r, pos) {
			// Either the ring is full, or the tail has moved on and pos means nothing: the swap tells.
			if q.tail.CompareAndSwap(tail, tail|tailGrowing) {
				q.grow(tail | tailGrowing)
				grew = true
			}
			continue
		}
		if q.tail.CompareAndSwap(tail, tail+tailTicket) {
			s, lap := r.at(pos)
			s.value = v
			s.lap.Store(lap) // publishes the value
			if grew {
				q.afterGrowth(len(r.slots))
			}
			return accepted
		}
	}
}

// afterGrowth is called by the producer that found the queue without a ring or out of room,
// when its value is in. If a backlog outgrows the largest ring, it lets the consumer run: with
// one yield for 1024 pushes a flood stays in the cache, and a push costs 47 ns instead of 85
// (BenchmarkDo of package actor on a busy machine).
func (q *Queue[T]) afterGrowth(slots int) {
	if slots == largeRing {
		runtime.Gosched()
	}
	if q.grown != nil {
		q.grown(q.Len())
	}
}

// advance renews r's limit from the head and reports whether pos is below it.
func (q *Queue[T]) advance(r *ring[T], pos uint64) bool {
	limit := uint64(len(r.slots))
	if taken := q.taken(); taken > r.first {
		limit += taken - r.first
	}
	if pos >= limit {
		return false
	}
	r.limit.Store(limit)
	return true
}

// grow finishes the replacement of a ring that the tail word announces, unless other producers
// have finished it.
func (q *Queue[T]) grow(tail uint64) {
	ticket := tail >> tailShift
	r := q.ring.Load()
	if r.base <= ticket { // not yet replaced
		n := r.next.Load()
		if n == nil {
			taken := q.taken()
			end := r.first + ticket - r.base
			n = newRing(q.spare, nextShift(r.shift, end == taken), ticket+1, end)
			if !r.next.CompareAndSwap(nil, n) {
				q.spare.give(n)
				n = r.next.Load()
			}
		}
		q.ring.CompareAndSwap(r, n)
	}
	for {
		tail := q.tail.Load()
		if tail&tailGrowing == 0 || tail>>tailShift != ticket {
			return
		}
		if q.tail.CompareAndSwap(tail, tail&^tailGrowing+tailTicket) {
			return
		}
	}
}

// nextShift chooses the size of the ring that follows one of 1<<shift slots: a larger one
// after a full ring, and the smallest after an empty one.
func nextShift(shift uint8, empty bool) uint8 {
	if empty {
		return shiftOf(smallRing)
	}
	return min(shift+shiftOf(ringStep), shiftOf(largeRing))
}

func shiftOf(size uint) (shift uint8) {
	for ; size > 1; size >>= 1 {
		shift++
	}
	return shift
}

// Pop removes and returns the oldest value; ok is false if there is none. Only
// one goroutine at a time may call it.
func (q *Queue[T]) Pop() (v T, ok bool) {
	v, ok = q.next()
	if ok {
		q.head.Add(1 << headShift)
	}
	return v, ok
}

// next takes the oldest value out of its slot. The caller advances the head
// afterwards, which frees the slot.
func (q *Queue[T]) next() (v T, ok bool) {
	s := q.peek()
	if s == nil {
		return v, false
	}
	v = s.value
	var zero T
	s.value = zero // what was taken is not kept alive
	return v, true
}

// peek returns the slot of the oldest value if it is published. Consumer only.
func (q *Queue[T]) peek() *slot[T] {
	taken := q.taken()
	r := q.cur.Load()
	for r != nil {
		if s, lap := r.at(taken - r.first); s.lap.Load() == lap {
			return s
		}
		n := r.next.Load()
		// Fewer than all, if the last values taken were handed over: their slots were not looked at.
		if n == nil || n.first > taken {
			return nil
		}
		q.cur.Store(n)
		q.spare.give(r) // every value of r has been published and taken
		r = n
	}
	return nil
}

// rest gives back the room that a backlog has left behind: at once if it is more than keepRing
// slots, and otherwise when it has not been needed for keepRests rests, so that repeated small
// bursts do not allocate. Consumer only.
func (q *Queue[T]) rest() {
	r := q.cur.Load()
	if r == nil || len(r.slots) == smallRing {
		return
	}
	taken := q.taken()
	if taken-q.rested > smallRing {
		q.quiet = 0
	} else {
		q.quiet++
	}
	q.rested = taken
	if len(r.slots) > keepRing || q.quiet >= keepRests {
		q.shrink()
		q.peek() // lets go of the old ring, which values that are handed over would not do
	}
}

const (
	keepRing  = 64
	keepRests = 16
)

// shrink replaces an empty ring that has grown by a small one. Consumer only.
func (q *Queue[T]) shrink() {
	r := q.cur.Load()
	if r == nil || len(r.slots) == smallRing || r.next.Load() != nil {
		return
	}
	tail := q.tail.Load()
	if tail&tailGrowing == 0 && q.emptyAt(tail, q.taken()) &&
		q.tail.CompareAndSwap(tail, tail|tailGrowing) {
		q.grow(tail | tailGrowing)
	}
}

func (q *Queue[T]) taken() uint64 { return q.head.Load() >> headShift }

// Len returns the number of values in the queue, those just being pushed included.
// It may be called by any goroutine.
func (q *Queue[T]) Len() int {
	taken := q.taken() // first, so that the difference is never negative
	return int(q.pushed() - taken)
}

// pushed returns how many values were accepted so far.
func (q *Queue[T]) pushed() uint64 {
	for {
		tail := q.tail.Load()
		r := q.ring.Load()
		if r == nil { // all were handed over
			return tail >> tailShift
		}
		if q.tail.Load() != tail {
			continue
		}
		ticket := tail >> tailShift
		if ticket < r.base { // growing, and the new ring is in place already
			return r.first
		}
		return r.first + ticket - r.base
	}
}
