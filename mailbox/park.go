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
// So "asleep" and "empty" are one word: nothing has to be looked at again, no wake-up is lost,
// and only the goroutine that clears the flag wakes the owner. If that is a sender, its value
// is the oldest, because its ticket is the next to be taken. The value is handed over beside
// the ring, in a word of the mailbox that the token publishes, and its slot is left as it is.
// Everything else (order, numbers, bounds) goes by tickets, and the value has one. The tail
// word may return to what it was before the owner slept; then the ring of its ticket is the
// same. The flag is not set while there is a line or growth: room is given out under a lock,
// and the goroutine that does so would have to hand over, too.
//
// The owner cannot park if a ticket is out and not yet published, if the last value that was
// handed over has not been taken (the service is paused), if there is a line, or if the
// mailbox drops its oldest. Then the owner dozes, which a word of its own says:
//
//	sleep    event                           next     who
//	awake    Wait: nothing to take           dozing   the owner
//	dozing   Wait: something there after all awake    the owner, by compare-and-swap
//	dozing   a push, Signal, Clear or Close  awake    anyone, by compare-and-swap; it sends the token
//
// A producer publishes its value and then reads sleep; the owner writes sleep and then looks
// for a value. Go's atomics are sequentially consistent, so at least one of the two sees the
// other. Signals and the end are in other words, and for them the same holds with tail and
// sleep. (park_test.go searches all interleavings of a model of this: up to three senders, one
// of them in line, a signal, a pause, a growth and the end, most of them at a time. It finds
// what goes wrong when one of the steps is left out.)
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
// producers write anyway, so that waking takes no line from the owner.
type rouser[T any] struct {
	sleep  atomic.Uint32
	has    bool          // a value is handed over; the token publishes this and the value
	wake   chan struct{} // made by the first owner to sleep, which publishes it
	handed T
}

// Wait blocks until there may be something for Next, a signal is set, or the
// mailbox is closed and empty. It may return early.
func (c *Consumer[T]) Wait() { c.wait((*Mailbox[T]).something) }

// WaitSignal is Wait for the owner of a mailbox that is closed and empty, if the owner still
// expects something to Feed it. It blocks until a signal is set. It may return early.
func (c *Consumer[T]) WaitSignal() { c.wait(func(m *Mailbox[T], _ bool) bool { return m.signalled() }) }

// WaitWhile blocks as long as bits, which are Standing ones, are set, none of the bits in but
// is set, and the mailbox is open. It may return early.
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

// unpark clears the flag. It reports whether it was this call that cleared it.
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

// handOver gives v to the owner if the owner sleeps and nothing is queued. It reports false if
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

// something reports whether an owner has a reason to be awake. none says that the mailbox has
// no value.
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

// nudge wakes the owner if it dozes. A sender calls it after it has published its value: since
// the ticket was taken, the owner cannot have parked.
func (m *Mailbox[T]) nudge() {
	if m.q.sleep.Load() == dozing && m.q.sleep.CompareAndSwap(dozing, awake) {
		m.q.wake <- struct{}{}
	}
}

// Standing are the bits that do not say that something has happened, but how the owner is to
// work from now on. They wake the owner when they are set and when they are cleared, but do
// not keep it awake.
const Standing = 0xffff << 16

// Signal sets bits that the owner finds with Signals, and wakes the owner. The callers give
// the bits their meaning. They do not queue behind values.
func (m *Mailbox[T]) Signal(bits uint32) {
	m.signals.Or(bits)
	m.rouse()
}

// Signals returns the bits that are set. It is an atomic load of a word that is
// seldom written.
func (m *Mailbox[T]) Signals() uint32 { return m.signals.Load() }

// Clear takes bits back. It wakes the owner if there are Standing ones among them.
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
