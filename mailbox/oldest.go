package mailbox

// oldest is the queue of a mailbox that drops its oldest value: senders take
// values too, so this one has a lock. Its values are numbered like the queue's:
// taken by the owner, in head; dropped; waiting.
type oldest[T any] struct {
	dropped func(T)

	// Guarded by the mailbox's mu.
	values   []T
	accepted uint64
	drops    uint64
}

func (m *Mailbox[T]) putOldest(v T) error {
	var out T
	m.mu.Lock()
	if m.Closed() {
		m.mu.Unlock()
		return ErrClosed
	}
	o := m.oldest
	drop := uint64(len(o.values)) == m.bound
	if drop {
		out = o.take()
		o.drops++
	}
	o.values = append(o.values, v)
	o.accepted++
	m.mu.Unlock()
	m.rouse()
	if drop {
		o.dropped(out)
	}
	return nil
}

func (m *Mailbox[T]) popOldest() (v T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.oldest.values) == 0 {
		return v, false
	}
	return m.oldest.take(), true
}

func (o *oldest[T]) take() T {
	v := o.values[0]
	var zero T
	o.values[0] = zero
	o.values = o.values[1:]
	return v
}
