package actor

import (
	"container/list"
	"sync"
)

// demise is what those who watch a service learn: an incarnation is over, or, with
// number 0, there was none and nobody intends to run one.
type demise struct {
	number uint64
	err    error // as Serve returns it
	final  bool  // the service has ended for good
}

// ends are those who watch a service. mu is a lock of its own because who watches
// may be at its own end, under its own core.mu, when it stops watching. While mu is
// held no other lock is taken.
type ends struct {
	mu  sync.Mutex
	all list.List // of *onEnd, first come
}

// An onEnd is called for each end of a service, in their order, before the service
// goes on to where it goes next. It is called by one goroutine at a time, without
// locks of the service, and must not block.
type onEnd struct {
	f func(demise)
	e *list.Element // nil: taken back; guarded by ends.mu
}

// atEnds has f called for each end from now on. If the service is without an
// incarnation because one has ended, that end is returned, and f is not called for
// it; ended reports whether it is.
func (c *core) atEnds(f func(demise)) (w *onEnd, last demise, ended bool) {
	w = &onEnd{f: f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends.CompareAndSwap(nil, new(ends))
	l := c.ends.Load()
	l.mu.Lock()
	w.e = l.all.PushBack(w)
	l.mu.Unlock()
	in := c.in.Load()
	if in == nil && (c.number > 0 || c.state >= Down) || in != nil && in.announced {
		return w, demise{c.number, c.err, c.state == Ended}, true
	}
	return w, last, false
}

// notAtEnds takes back atEnds. An end that is being told may still reach it. It may
// be called with any lock held but that of the ends.
func (c *core) notAtEnds(w *onEnd) {
	l := c.ends.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.e != nil {
		l.all.Remove(w.e)
		w.e = nil
	}
}

// watchers returns those who watch now.
func (c *core) watchers() (all []*onEnd) {
	l := c.ends.Load()
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.all.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*onEnd))
	}
	return all
}

// announce tells those who watch that in is over; mu is held, and released
// meanwhile, so what may have changed is to be looked at again. in is nil if the
// service is retired without one.
func (c *core) announce(in *incarnation, err error) {
	c.lastCrashes()
	switch {
	case in == nil && c.number > 0, in != nil && in.announced:
		return // they know
	case in != nil:
		in.announced = true
		c.err = err
	}
	if all := c.watchers(); len(all) > 0 { // or a restart would allocate for none
		e := demise{c.number, err, c.next() == Ended}
		outsideEach(c, all, func(w *onEnd) { w.f(e) })
	}
}
