package mailbox

import "sync"

// Spare keeps the slots of rings that mailboxes have outgrown or given back, for the next
// mailbox that needs some. The zero value is ready to use. The garbage collector empties it
// from time to time.
type Spare[T any] struct {
	sizes [shiftLarge + 1]sync.Pool // of *lent; by shift
}

// lent is what a Spare keeps: slots whose last tickets have been published and taken. It lives
// as long as its slots, so that neither take nor give allocates.
type lent[T any] struct{ slots []slot[T] }

// take returns 1<<shift slots as good as new. A nil Spare always makes new ones.
func (s *Spare[T]) take(shift uint8) ([]slot[T], *lent[T]) {
	if s == nil {
		return make([]slot[T], 1<<shift), nil
	}
	l, ok := s.sizes[shift].Get().(*lent[T])
	if !ok {
		l = &lent[T]{make([]slot[T], 1<<shift)}
	}
	return l.slots, l
}

// give takes back the slots of a ring for which no more tickets will be given out, and whose
// tickets have all been published and taken.
func (s *Spare[T]) give(r *ring[T]) {
	if s == nil || r.lent == nil {
		return
	}
	clear(r.lent.slots) // the laps; 1024 slots take less than a microsecond
	s.sizes[r.shift].Put(r.lent)
}
