package instrument

import (
	"sync/atomic"
	"time"
)

// A timing says in one word when something with a number began, so that it can be neither half
// old nor taken for that of another number: 44 bits of units of 1024 ns, which is half a year,
// and 20 of the number. The zero value is of nothing.
type timing struct{ word atomic.Uint64 }

func (t *timing) set(at int64, number uint64) {
	t.word.Store(uint64(at)>>10<<20 | number&(1<<20-1))
}

// age returns how long ago that was, at the time at, if it is of that number.
func (t *timing) age(number uint64, at int64) (age time.Duration, ok bool) {
	word := t.word.Load()
	if word == 0 || word&(1<<20-1) != number&(1<<20-1) {
		return 0, false
	}
	now := uint64(at) >> 10 & (1<<44 - 1)
	return time.Duration((now - word>>20) & (1<<44 - 1) << 10), true
}

// A Sighting is when something with a number was seen first: how old at least it is, if
// its beginning was not timed. Its methods are called by one goroutine at a time.
type Sighting struct {
	number uint64
	at     int64
}

// Age returns how long what is seen at the time at has been seen.
func (s *Sighting) Age(number uint64, at int64) time.Duration {
	if s.number != number {
		*s = Sighting{number, at}
	}
	return time.Duration(at - s.at)
}
