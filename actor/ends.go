package actor

import "slices"

// demise is what those who watch a service learn: an incarnation is over, or, with
// number 0, there was none and nobody intends to run one.
type demise struct {
	number uint64
	err    error // as Serve returns it
	final  bool  // the service has ended for good
}

// An onEnd is called for each end of a service, in their order, before the service
// goes on to where it goes next. It is called by one goroutine at a time, without
// locks of the service, and must not block.
type onEnd struct{ f func(demise) }

// atEnds has f called for each end from now on. If the service is without an
// incarnation because one has ended, that end is returned, and f is not called for
// it; ended reports whether it is.
func (c *core) atEnds(f func(demise)) (w *onEnd, last demise, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w = &onEnd{f}
	c.ends = append(c.ends, w)
	in := c.in.Load()
	if in == nil && (c.number > 0 || c.state >= Down) || in != nil && in.announced {
		return w, demise{c.number, c.err, c.state == Ended}, true
	}
	return w, last, false
}

// notAtEnds takes back atEnds. An end that is being told may still reach it.
func (c *core) notAtEnds(w *onEnd) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.ends, w); i >= 0 {
		c.ends = slices.Delete(slices.Clone(c.ends), i, i+1)
	}
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
	if len(c.ends) == 0 {
		return
	}
	e, ends := demise{c.number, err, c.next() == Ended}, c.ends
	for len(ends) > 0 {
		c.outside(func() {
			for len(ends) > 0 {
				f := ends[0].f
				ends = ends[1:]
				f(e)
			}
		})
	}
}
