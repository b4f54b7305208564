package mailbox

// The consumer's part of a mailbox belongs to one goroutine at a time, its owner, which has a
// Consumer. The low bits of the head word say what the owner is doing, so that another
// goroutine may take the part over while the owner is in user code, from where it may never
// come back:
//
//	state    event    next     who may
//	vacant   Acquire  held     anyone; it is the owner now
//	held     Next     busy     the owner; the value counts as taken
//	held     Discard  held     the owner; the value counts as taken
//	held     Release  vacant   the owner
//	busy     Done     held     the owner; false if it is the owner no more
//	busy     Take     held     anyone; it is the owner now
//	busy     Peek     pinned   an observer, for the few instructions of a copy
//	pinned   -        busy     that observer; Done and Take wait for it
//
// Done, Take and Peek are compare-and-swaps from a busy word that the caller has
// seen, so exactly one of them wins. A former owner cannot succeed later: the
// number of values taken is in the same word and grows with each Next, so no
// busy word ever comes back, and an owner remembers its own.
//
// The plain fields of the consumer's part (current, and the ring's slots behind
// the head) are written by the owner while it is held. The store that leaves
// held publishes them to the goroutine that takes over, acquires or peeks.
const (
	vacant = iota
	held
	busy
	pinned

	headShift = 2
	headState = 1<<headShift - 1
	headOne   = 1 << headShift // one value taken
)

// Consumer is the consumer's part of a mailbox, in the hands of its owner. Its
// methods may be called by the owner's goroutine only.
type Consumer[T any] struct {
	m    *Mailbox[T]
	head uint64 // the head word as the owner wrote it last
}

// Acquire makes the caller the owner of the consumer's part if there is none.
func (m *Mailbox[T]) Acquire() (c Consumer[T], ok bool) {
	head := m.q.head.Load()
	if head&headState != vacant || !m.q.head.CompareAndSwap(head, head-vacant+held) {
		return c, false
	}
	return Consumer[T]{m, head - vacant + held}, true
}

// Take takes the consumer's part over from an owner that is busy, and returns
// the value that the owner is busy with. It reports false if the owner is not
// busy, or if there is no owner.
func (m *Mailbox[T]) Take() (c Consumer[T], current T, ok bool) {
	for {
		head := m.q.head.Load()
		switch head & headState {
		case busy:
			if m.q.head.CompareAndSwap(head, head-busy+held) {
				return Consumer[T]{m, head - busy + held}, m.current, true
			}
		case pinned:
			m.unpinned()
		default:
			return c, current, false
		}
	}
}

// Peek returns the value that the owner is busy with. It reports false if there
// is none.
func (m *Mailbox[T]) Peek() (current T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head := m.q.head.Load()
	if head&headState != busy || !m.q.head.CompareAndSwap(head, head-busy+pinned) {
		return current, false
	}
	current = m.current
	m.q.head.Store(head)
	return current, true
}

// unpinned waits until no observer is between the two steps of a Peek.
func (m *Mailbox[T]) unpinned() {
	m.mu.Lock()
	//lint:ignore SA2001 the observer holds the lock while the word is pinned
	m.mu.Unlock()
}

// Next takes the oldest value and makes the owner busy with it; ok is false if
// nothing is there. After Next comes Done, then nothing else.
func (c *Consumer[T]) Next() (v T, ok bool) {
	if v, ok = c.m.pop(); ok {
		c.m.current = v
		c.head += headOne + busy - held
		c.m.q.head.Store(c.head)
		if c.m.bound != 0 {
			c.m.admit()
		}
	}
	return v, ok
}

// Done ends what Next began. It reports false if the part was taken over: then the caller is
// no longer the owner, and c must not be used any more.
func (c *Consumer[T]) Done() bool {
	for !c.m.q.head.CompareAndSwap(c.head, c.head-busy+held) {
		switch c.m.q.head.Load() {
		case c.head: // an observer pinned it, and has gone meanwhile
		case c.head - busy + pinned:
			c.m.unpinned()
		default:
			return false
		}
	}
	c.head -= busy - held
	return true
}

// Taken returns how many values have been taken, the one that the owner is busy with
// included. It reads nothing that another goroutine writes.
func (c *Consumer[T]) Taken() uint64 { return c.head >> headShift }

// Discard takes the oldest value without becoming busy; ok is false if nothing
// is there.
func (c *Consumer[T]) Discard() (v T, ok bool) {
	if v, ok = c.m.pop(); ok {
		c.head += headOne
		c.m.q.head.Store(c.head)
		if c.m.bound != 0 {
			c.m.admit()
		}
	}
	return v, ok
}

// Feed appends v though the mailbox is closed: what becomes of values that were
// accepted may be more values, though every sender is refused by now. It is called when
// the mailbox is closed and empty; Next finds v then. The bound does not apply.
func (c *Consumer[T]) Feed(v T) {
	if o := c.m.oldest; o != nil {
		c.m.mu.Lock()
		o.values = append(o.values, v)
		o.accepted++
		c.m.mu.Unlock()
		return
	}
	c.m.q.push(v, 0, 0)
}

// Release gives the consumer's part up. What waits, waits for the next owner.
func (c *Consumer[T]) Release() {
	c.m.forget()
	c.m.q.head.Store(c.head - held + vacant)
}

// Empty reports whether nothing more is to come for now: no value waits, and
// none is between its acceptance and its publication. Of a closed mailbox that
// is final.
func (c *Consumer[T]) Empty() bool { return c.m.Len() == 0 }
