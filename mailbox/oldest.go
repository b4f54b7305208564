package mailbox

// oldest is the queue of a mailbox that drops its oldest value. Senders take values too, so it
// has a lock. Its values are numbered like those of a Queue: first those that the owner has
// taken (in head), then the dropped ones, then those that wait.
type oldest[T any] struct {
	dropped func(T)

	// Guarded by the mailbox's mu.
	values   []T
	accepted uint64
	drops    uint64
}

func (m *Mailbox[T]) putOldest(v T) error {
	oldest, drops, err := m.Displace(v)
	if drops {
		m.oldest.dropped(oldest)
	}
	return err
}

// Displace is TryPut for a caller that holds a lock with which Dropped cannot be called. If the
// oldest value was dropped to make room, Displace returns it, and the caller has to do what
// Dropped does. For a mailbox that drops nothing, Displace is TryPut.
func (m *Mailbox[T]) Displace(v T) (oldest T, drops bool, err error) {
	o := m.oldest
	if o == nil {
		return oldest, false, m.TryPut(v)
	}
	m.mu.Lock()
	if m.Closed() {
		m.mu.Unlock()
		return oldest, false, ErrClosed
	}
	if drops = uint64(len(o.values)) == m.bound; drops {
		oldest = o.take()
		o.drops++
	}
	o.values = append(o.values, v)
	o.accepted++
	first := o.accepted == 1
	m.mu.Unlock()
	if first && m.q.grown != nil {
		m.q.grown(1)
	}
	m.rouse()
	return oldest, drops, nil
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
