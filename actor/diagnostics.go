package actor

import (
	"sync"
	"sync/atomic"
)

// notes are what is known of a service beyond its numbers, and what it has been asked
// for. Nothing of it is on the path of a closure unless an instrument is switched on,
// and most services never need it, so it is made when first needed.
type notes struct {
	// Atomic. The owner and senders.
	alarm    atomic.Int64 // closures for which the interest of an alarm goes on
	silent   atomic.Bool  // nothing is to be kept even then
	waits    lazyHistogram
	runs     lazyHistogram
	recorder atomic.Pointer[recorder] // of the present or latest incarnation

	mu       sync.Mutex // never held while anything else is waited for or called
	sighted  sighting
	crashes  crashLog
	requests []request
}

// noted returns the service's notes.
func (c *core) noted() *notes {
	if n := c.notes.Load(); n != nil {
		return n
	}
	n := new(notes)
	n.silent.Store(c.instruments.History < 0)
	c.notes.CompareAndSwap(nil, n)
	return c.notes.Load()
}
