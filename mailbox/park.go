package mailbox

// An owner with nothing to do parks on a channel. The sleep word says whether
// a sender owes it a token:
//
//	sleep    event                           next     who
//	awake    Wait: nothing there             parked   the owner
//	parked   Wait: something there after all awake    the owner, by compare-and-swap
//	parked   a push, Signal or Close         awake    anyone, by compare-and-swap; it sends the token
//
// No wake-up is lost: a producer publishes its value and then reads sleep; the
// owner writes sleep and then looks for a value. Go's atomics are sequentially
// consistent, so at least one of the two sees the other. The re-check after
// writing parked is what makes that so: without it the value that was published
// between the last look and the write would wait for the next one (park_test.go
// searches all interleavings of a model of this, and finds that fault when the
// re-check is left out).
//
// Each transition by a waker is followed by exactly one token, and an owner
// whose own compare-and-swap fails receives it. So the channel holds at most one
// token and sending never blocks. A producer that was interrupted between its
// ticket and its publication wakes the owner when it publishes: the owner never
// spins for it.
const (
	awake = iota
	parked
)

// Wait blocks until there may be something for Next, a signal is set, or the
// mailbox is closed and empty. It may return early.
func (c *Consumer[T]) Wait() { c.wait((*Mailbox[T]).something) }

// WaitSignal is Wait for the owner of a mailbox that is closed and empty, who
// expects something to Feed it: it blocks until a signal is set. It may return early.
func (c *Consumer[T]) WaitSignal() { c.wait((*Mailbox[T]).signalled) }

// WaitWhile blocks as long as the bits, which are among the Standing, are set, the
// mailbox is open, and none of the bits of but is set. It may return early.
func (c *Consumer[T]) WaitWhile(bits, but uint32) {
	c.wait(func(m *Mailbox[T]) bool {
		s := m.signals.Load()
		return s&bits == 0 || s&but != 0 || m.Closed()
	})
}

func (c *Consumer[T]) wait(over func(*Mailbox[T]) bool) {
	m := c.m
	m.forget()
	if m.wake == nil {
		m.wake = make(chan struct{}, 1) // published by the store to sleep
	}
	m.sleep.Store(parked)
	if over(m) && m.sleep.CompareAndSwap(parked, awake) {
		return
	}
	<-m.wake
}

// something reports whether an owner has a reason to be awake.
func (m *Mailbox[T]) something() bool {
	return m.signalled() || m.waiting()
}

func (m *Mailbox[T]) signalled() bool { return m.signals.Load()&^Standing != 0 }

// rouse wakes the owner if it is parked.
func (m *Mailbox[T]) rouse() {
	if m.sleep.Load() == parked && m.sleep.CompareAndSwap(parked, awake) {
		m.wake <- struct{}{}
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
func (m *Mailbox[T]) Parked() bool { return m.sleep.Load() == parked }
