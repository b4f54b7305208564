package instrument

import (
	"slices"
	"sync"
)

// Collections collect from a sequence that is numbered from 1 on, such as the closures that a
// service runs: each gets some of what comes next. The zero value has none.
type Collections[E any] struct {
	mu  sync.Mutex
	all []*Collection[E] // that go on
}

// A Collection gets what comes after it has begun, until it has as much as it wants or is
// ended. Its methods may be called by any goroutine.
type Collection[E any] struct {
	of    *Collections[E] // immutable, as the next three
	n     int
	goes  func(on bool)
	done  chan struct{}
	after uint64 // as many had come before; guarded by of.mu, as the rest
	over  bool
	got   []E
}

// Begin begins to collect the next n. goes is called when the first of several collections
// begins, and when the last one ends. latest is called when c begins, after goes, for the number
// of what has come already. Both are called under a lock of the collections.
func (cs *Collections[E]) Begin(n int, goes func(on bool), latest func() uint64) *Collection[E] {
	c := &Collection[E]{of: cs, n: n, goes: goes, done: make(chan struct{})}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.all = append(cs.all, c); len(cs.all) == 1 {
		goes(true)
	}
	c.after = latest()
	return c
}

// Going returns how many go on.
func (cs *Collections[E]) Going() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.all)
}

// Add gives e, with its number, to those that go on.
func (cs *Collections[E]) Add(number uint64, e E) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for i := 0; i < len(cs.all); {
		c := cs.all[i]
		if c.add(number, e); !c.over { // or it has taken itself out
			i++
		}
	}
}

func (c *Collection[E]) add(number uint64, e E) {
	if number <= c.after {
		return // it had come already
	}
	if c.got = append(c.got, e); len(c.got) == c.n {
		c.end()
	}
}

// Done returns a channel that is closed when it has as much as it wants, or was ended.
func (c *Collection[E]) Done() <-chan struct{} { return c.done }

// Got returns what it has got so far, which is all if it is over.
func (c *Collection[E]) Got() []E {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	return slices.Clone(c.got)
}

// End ends it, and reports whether it went on.
func (c *Collection[E]) End() (went bool) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	return c.end()
}

// end is End while the lock is held.
func (c *Collection[E]) end() (went bool) {
	if c.over {
		return false
	}
	c.over = true
	cs := c.of
	cs.all = slices.DeleteFunc(cs.all, func(o *Collection[E]) bool { return o == c })
	close(c.done)
	if len(cs.all) == 0 {
		c.goes(false)
	}
	return true
}
