package mailbox

import "sync/atomic"

// An owner with nothing to do sleeps on a channel. How a sender learns of it, and how the
// value gets to the owner, depends on what the owner has found when it went to sleep.
//
// Mostly nothing is queued, not even a ticket that is not published yet. Then parked is a
// flag of the tail word, and each ticket clears it in the compare-and-swap that takes it:
//
//	tail     event                           next     who, by a compare-and-swap of the whole word
//	-        Wait: all tickets are taken     parked   the owner
//	parked   a push                          -        the sender, with its ticket; it hands over and sends the token
//	parked   Wait: a signal, or the end      -        the owner
//	parked   Signal, Clear, Close or a line  -        anyone; it sends the token
//
// So "asleep" and "empty" are one word: there is nothing to look at again, no wake-up is
// lost, and who clears the flag is the only waker. The value whose sender has done it
// is the oldest, because its ticket is the next to be taken. It is handed over beside the
// ring, in a word of the mailbox that the token publishes, and its slot is left as it is;
// everything else (order, numbers, bounds) goes by tickets, of which it has one. The tail word
// may return to what it was before the owner slept; the ring of its ticket is the same then.
// While there is a line or growth the flag is not set: room is given out under a lock, and who
// does so would have to hand over, too.
//
// Otherwise a ticket is out and not yet published, the last value that was handed over has
// not been taken (the service is paused), there is a line, or the mailbox drops its
// oldest. Then the owner dozes, which a word of its own says:
//
//	sleep    event                           next     who
//	awake    Wait: nothing to take           dozing   the owner
//	dozing   Wait: something there after all awake    the owner, by compare-and-swap
//	dozing   a push, Signal, Clear or Close  awake    anyone, by compare-and-swap; it sends the token
//
// A producer publishes its value and then reads sleep; the owner writes sleep and then looks
// for a value. Go's atomics are sequentially consistent, so at least one of the two sees the
// other. The same holds of both words for signals and the end, which are no part of them.
// (park_test.go searches all interleavings of a model of this: up to three senders, of whom one
// stands in line, a signal, a pause, a growth and the end, most of them at a time; and finds what
// goes wrong when one of the steps is left out.)
//
// Each transition by a waker is followed by exactly one token, and an owner
// whose own compare-and-swap fails receives it. So the channel holds at most one
// token and sending never blocks. A producer that was interrupted between its
// ticket and its publication wakes the owner when it publishes: the owner never
// spins for it.
const (
	awake = iota
	dozing
)

// rouser is what wakes the owner of a mailbox. All of it is on the line of the cache that
// producers write anyway, so that to wake takes none from the owner.
type rouser[T any] struct {
	sleep  atomic.Uint32
	has    bool          // a value is handed over; the token publishes this and the value
	wake   chan struct{} // made by the first owner to sleep, which publishes it
	handed T
}

// Wait blocks until there may be something for Next, a signal is set, or the
// mailbox is closed and empty. It may return early.
func (c *Consumer[T]) Wait() { c.wait((*Mailbox[T]).something) }

// WaitSignal is Wait for the owner of a mailbox that is closed and empty, who
// expects something to Feed it: it blocks until a signal is set. It may return early.
func (c *Consumer[T]) WaitSignal() { c.wait(func(m *Mailbox[T], _ bool) bool { return m.signalled() }) }

// WaitWhile blocks as long as the bits, which are among the Standing, are set, the
// mailbox is open, and none of the bits of but is set. It may return early.
func (c *Consumer[T]) WaitWhile(bits, but uint32) {
	c.wait(func(m *Mailbox[T], _ bool) bool {
		s := m.signals.Load()
		return s&bits == 0 || s&but != 0 || m.Closed()
	})
}

func (c *Consumer[T]) wait(over func(m *Mailbox[T], none bool) bool) {
	m := c.m
	m.forget()
	if m.q.wake == nil {
		m.q.wake = make(chan struct{}, 1)
	}
	tail := m.q.tail.Load()
	if tail&(tailGrowing|tailCrowded) == 0 && m.oldest == nil && m.q.emptyAt(tail, c.Taken()) {
		if !m.q.tail.CompareAndSwap(tail, tail|tailParked) {
			return // something came
		}
		if over(m, true) && m.q.unpark() {
			return
		}
	} else {
		m.q.sleep.Store(dozing)
		if over(m, false) && m.q.sleep.CompareAndSwap(dozing, awake) {
			return
		}
	}
	<-m.q.wake
	if m.q.has {
		var zero T
		m.current, m.given = m.q.handed, true
		m.q.handed, m.q.has = zero, false
	}
}

// emptyAt reports whether all tickets of that tail word, which is not growing, have been
// taken. It holds as long as the tail word stays.
func (q *Queue[T]) emptyAt(tail, taken uint64) bool {
	ticket := tail >> tailShift
	r := q.ring.Load()
	return r == nil && ticket == taken || r != nil && r.first+(ticket-r.base) == taken
}

// unpark clears the flag. It reports whether it was the caller who has done that.
func (q *Queue[T]) unpark() bool {
	for {
		tail := q.tail.Load()
		if tail&tailParked == 0 {
			return false
		}
		if q.tail.CompareAndSwap(tail, tail&^tailParked) {
			return true
		}
	}
}

// handOver gives v to the owner if that sleeps and nothing is queued. It reports false if
// that is not so any more.
func (m *Mailbox[T]) handOver(v T) bool {
	tail := m.q.tail.Load()
	if tail&tailFlags != tailParked || !m.q.tail.CompareAndSwap(tail, tail-tailParked+tailTicket) {
		return false
	}
	m.q.handed, m.q.has = v, true
	m.q.wake <- struct{}{}
	return true
}

// something reports whether an owner has a reason to be awake; none says that no value is
// in the mailbox.
func (m *Mailbox[T]) something(none bool) bool {
	return m.signalled() || none && m.Closed() || !none && m.waiting()
}

func (m *Mailbox[T]) signalled() bool { return m.signals.Load()&^Standing != 0 }

// rouse wakes the owner if it sleeps.
func (m *Mailbox[T]) rouse() {
	if m.q.unpark() {
		m.q.wake <- struct{}{}
		return
	}
	m.nudge()
}

// nudge wakes the owner if it dozes. It is called by who has published a value: since its
// ticket was taken, the owner has not parked.
func (m *Mailbox[T]) nudge() {
	if m.q.sleep.Load() == dozing && m.q.sleep.CompareAndSwap(dozing, awake) {
		m.q.wake <- struct{}{}
	}
}

// Standing are the bits that say how the owner is to work from now on, and not that
// something has happened: they wake it when they are set and when they are cleared,
// but do not keep it awake.
const Standing = 0xffff << 16

// Signal sets bits that the owner finds with Signals, and wakes it. What the
// bits mean is the caller's affair; they do not queue behind values.
func (m *Mailbox[T]) Signal(bits uint32) {
	m.signals.Or(bits)
	m.rouse()
}

// Signals returns the bits that are set. It is an atomic load of a word that is
// seldom written.
func (m *Mailbox[T]) Signals() uint32 { return m.signals.Load() }

// Clear takes bits back. If there are Standing ones among them it wakes the owner.
func (m *Mailbox[T]) Clear(bits uint32) {
	m.signals.And(^bits)
	if bits&Standing != 0 {
		m.rouse()
	}
}

// Parked reports whether the owner is asleep.
func (m *Mailbox[T]) Parked() bool {
	return m.q.tail.Load()&tailParked != 0 || m.q.sleep.Load() == dozing
}
