package mailbox

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Errors of a mailbox. The value was not accepted.
var (
	ErrClosed = errors.New("mailbox: closed")
	ErrFull   = errors.New("mailbox: full")
)

// Options of a mailbox. The zero value is an unbounded mailbox.
type Options[T any] struct {
	// Capacity is how many values may wait, the one that the owner is busy with
	// not counted. 0: any number.
	Capacity int

	// Dropped, if set, has a full mailbox drop its oldest value to make room, and is called
	// with that value, on the sender's goroutine. Such a mailbox takes a lock for each
	// operation. It is never full. Dropped may call the mailbox, but if each call sent a
	// value, that would drop another one, without end.
	Dropped func(T)

	// Refused, if set, is called with a value that waited for room and will have none because
	// the mailbox was closed. Close calls it, before it returns and before the sender wakes. It
	// must not block or call the mailbox.
	Refused func(v T)

	// Grown, if set, is called with the number of values that wait, each time that the queue
	// has grown: with the first value that has to wait at all, and when the queue has run out
	// of room, at 4, 20, 84, 340 and then for each 1024 values of a backlog. The goroutine
	// that sent, or that made room, calls it, possibly with the mailbox locked: it must not
	// block or call the mailbox.
	Grown func(waiting int)

	// Spare, if set, is where the slots of larger rings come from and go to, so that repeated
	// bursts do not allocate. Any number of mailboxes may share one.
	Spare *Spare[T]
}

// Mailbox is a Queue with a consumer that sleeps, a bound, and an end. Any number
// of goroutines may send; the consumer's part belongs to one at a time.
type Mailbox[T any] struct {
	q Queue[T] // ends with the consumer's line of the cache, which goes on here

	current T // what the owner is busy with, or was given; see turn.go
	// Read by the owner all the time, and written by others only when they signal.
	signals atomic.Uint32
	given   bool // current was handed over, and is the oldest value; see park.go

	// Immutable.
	bound   uint64
	oldest  *oldest[T] // not nil: drops its oldest
	refused func(T)
	line    *roomLine[T] // senders that wait for room, see room.go; nil if unbounded

	mu sync.Mutex // guards line, oldest, and a Peek
}

// New returns an open mailbox without an owner.
func New[T any](o Options[T]) *Mailbox[T] {
	m := new(Mailbox[T])
	m.Init(o)
	return m
}

// Init makes m an open mailbox without an owner, for a Mailbox that is a part of
// something larger. It is called once, before anything else.
func (m *Mailbox[T]) Init(o Options[T]) {
	if o.Capacity < 0 {
		panic("mailbox: negative capacity")
	}
	if o.Capacity > 0 {
		m.bound = uint64(o.Capacity)
		m.line = new(roomLine[T])
	}
	m.q.grown, m.q.spare = o.Grown, o.Spare
	m.refused = o.Refused
	if o.Dropped != nil {
		if o.Capacity == 0 {
			panic("mailbox: Dropped without a capacity")
		}
		m.oldest = &oldest[T]{dropped: o.Dropped}
	}
}

// TryPut appends v, or returns ErrFull or ErrClosed at once. A mailbox is full while senders
// wait in line for room.
func (m *Mailbox[T]) TryPut(v T) error {
	if m.oldest != nil {
		return m.putOldest(v)
	}
	for {
		if m.handOver(v) {
			return nil
		}
		switch m.q.push(v, tailClosed|tailCrowded|tailParked, m.bound) {
		case accepted:
			m.nudge()
			return nil
		case closed:
			return ErrClosed
		case full, crowded:
			return ErrFull
		}
	}
}

// Counts are the numbers of a mailbox. While no value is sent and the owner takes
// nothing, Accepted = Taken + Dropped + Waiting.
type Counts struct {
	Accepted uint64 // values for which TryPut or Put returned nil
	Taken    uint64 // by Next and Discard
	Dropped  uint64 // to make room
	Waiting  int    // the one that the owner is busy with not counted
	Busy     bool   // the owner is between Next and Done; belongs to Taken
}

// Counts returns the numbers of the mailbox. It costs senders nothing. While values come and
// go, each number is right by itself.
func (m *Mailbox[T]) Counts() Counts {
	if m.oldest != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		head := m.q.head.Load()
		return Counts{
			Accepted: m.oldest.accepted,
			Taken:    head >> headShift,
			Dropped:  m.oldest.drops,
			Waiting:  len(m.oldest.values),
			Busy:     head&headState >= busy,
		}
	}
	head := m.q.head.Load() // first, so that the difference is never negative
	taken := head >> headShift
	pushed := m.q.pushed()
	waiting := pushed - taken
	if m.bound != 0 {
		waiting = min(waiting, m.bound) // some may have been taken between the two
	}
	return Counts{Accepted: pushed, Taken: taken, Waiting: int(waiting), Busy: head&headState >= busy}
}

// Accepted returns how many values were accepted. It reads nothing that the owner
// writes, so it is cheap for senders.
func (m *Mailbox[T]) Accepted() uint64 {
	if m.oldest != nil {
		return m.Counts().Accepted
	}
	return m.q.pushed()
}

// Len returns the number of values that wait, those just being sent included.
func (m *Mailbox[T]) Len() int { return m.Counts().Waiting }

// Busy reports whether the owner is between Next and Done.
func (m *Mailbox[T]) Busy() bool { return m.q.head.Load()&headState >= busy }

func (m *Mailbox[T]) pop() (T, bool) {
	switch {
	case m.oldest != nil:
		return m.popOldest()
	case m.given:
		m.given = false
		return m.current, true
	}
	return m.q.next()
}

// waiting reports whether Next would find a value, or none will come any more. Owner only.
func (m *Mailbox[T]) waiting() bool {
	if m.oldest != nil {
		n := m.Len()
		return n > 0 || m.Closed()
	}
	return m.given || m.q.peek() != nil || m.Closed() && m.Len() == 0
}

// forget lets go of the last value taken, and of the room that a backlog has
// left behind. Owner only, while held.
func (m *Mailbox[T]) forget() {
	if !m.given {
		var zero T
		m.current = zero
	}
	m.q.rest()
}
