package actor

// What the owner does between two closures because it was asked to: it looks at T for
// Inspect, shows it to a view that was made of a running service, and says to who calls
// Pause that no closure runs. That waits for no closure but the one that runs, needs no
// room, and is done by a paused service, too. Each is a request in one list, with one
// signal, sigAsked, and in one phase, between, if it runs the user's code.

// request is something that the owner is asked for. It is the owner's while it is served.
type request interface {
	// serve is called by the owner. It reports false if it is not yet the time, or too
	// late: then the request stays in the list. A crash is v's.
	serve(in *incarnation, v *verdict) (done bool)
	// rests is called when the service has come to a state in which it is without an
	// incarnation. It reports whether the next one is to be asked. core.mu is held.
	rests(s State) (kept bool)
}

// request puts a request on the list; mu is held.
func (c *core) request(r request) {
	n := c.noted()
	n.mu.Lock()
	n.requests = append(n.requests, r)
	n.mu.Unlock()
	c.box.Signal(sigAsked)
}

// requested returns how many requests wait.
func (n *notes) requested() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.requests)
}

// nextRequest takes the first request from the list; nil: there is none.
func (n *notes) nextRequest() (r request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.requests) > 0 {
		r = n.requests[0]
		n.requests[0] = nil
		n.requests = n.requests[1:]
	}
	return r
}

// serveRequests is called by the owner between two closures. It reports whether the
// incarnation goes on. A request is taken from the list at its turn: if the service is
// cut off from the user's code of one, the others are still there for rest.
func (in *incarnation) serveRequests(v *verdict) (goOn bool) {
	c, n := in.c, in.c.noted()
	c.box.Clear(sigAsked) // before looking
	for count := n.requested(); count > 0 && v.reason == nil && !in.lost.Load(); count-- {
		r := n.nextRequest()
		if r != nil && !r.serve(in, v) {
			n.mu.Lock()
			n.requests = append(n.requests, r)
			n.mu.Unlock()
		}
	}
	return v.reason == nil && !in.lost.Load()
}

// beside runs the user's code that is no closure, so that the service can be cut off from
// it. A crash is the service's, and v's. It reports whether the incarnation goes on.
func (in *incarnation) beside(v *verdict, f func()) (goOn bool) {
	c := in.c
	c.mu.Lock()
	before := in.phase
	if in.lost.Load() || c.box.Signals()&sigCut != 0 {
		c.mu.Unlock()
		return false
	}
	if before == serving {
		in.enter(between)
	}
	c.mu.Unlock()
	returned := false
	defer func() {
		c.mu.Lock()
		in.enter(before)
		goOn = returned && !in.lost.Load()
		c.mu.Unlock()
	}()
	defer func() {
		if !returned {
			p := c.panicError(recover(), panicStack(), location{pc: in.aside.Load()})
			v.reason = p
			c.logAsked(p, func() {})
		}
	}()
	f()
	returned = true
	return goOn
}

// restRequests answers what no incarnation will, and leaves the rest to the next one. It
// is called when the service is at rest in a state; mu is held.
func (c *core) restRequests(s State) {
	if s == Ended {
		c.box.Clear(sigPause) // there is nothing left to be paused
	}
	n := c.notes.Load()
	if n == nil {
		return
	}
	n.mu.Lock()
	all := n.requests
	n.requests = nil
	n.mu.Unlock()
	for _, r := range all {
		if r.rests(s) {
			c.request(r)
		}
	}
}
