package supervisor

// Done of a supervisor says that its tree is down, and that it will not be served again. A
// root knows that by itself. A supervisor below is told by the one above it, if it is down:
//
//	what ends it                                Done
//	its own Stop                                closed
//	the root is down, or could not be started   closed, of all that are below
//	Remove, or it is forgotten                  closed, and of those below it
//	Terminate, or it is left alone              open: Restart may follow
//	it gave up, and its parent restarts it      open, but of those that were added to it
//
// Abandon does not say that Done is to be closed: it also comes with Terminate.

// Stopping returns a channel that is closed when the tree begins to stop: before the first
// child is told to end, and so before Done. It is for what would hold the stop up, such as a
// stream of events to a browser, and ends when the channel is closed. It stays closed as long as
// Done is; a later Serve makes another one.
func (s *Supervisor) Stopping() <-chan struct{} {
	s.made()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stopping || s.state == idle && (s.final || s.ended) {
		closed := make(chan struct{}) // of this caller's bubble
		close(closed)
		return closed
	}
	if s.parts == nil {
		s.parts = make(chan struct{})
	}
	return s.parts
}

// part tells who has asked for Stopping; mu is held.
func (s *Supervisor) part() {
	if s.parts != nil {
		close(s.parts)
		s.parts = nil
	}
}

// end closes done, and before it what Stopping has returned; mu is held.
func (s *Supervisor) end() {
	s.part()
	if !s.ended {
		s.ended = true
		close(s.done)
	}
}

// conclude says that this supervisor will not be served any more, nor will those below it. If
// it is being served, it is left alone: it belongs to the caller of its Serve.
func (s *Supervisor) conclude() {
	s.mu.Lock()
	// Known if its own spec leads back to it; and a zero Supervisor has no end.
	known := s.state != idle || s.ended || s.done == nil
	if !known {
		s.end()
	}
	s.mu.Unlock()
	if !known {
		s.concludeChildren(false)
	}
}

// concludeChildren is conclude for the children that are supervisors, or only for those
// that were added at run time.
func (s *Supervisor) concludeChildren(added bool) {
	for _, svc := range s.services(added) {
		if svc == nil {
			continue
		}
		if sub := supervisorOf(svc); sub != nil {
			sub.conclude()
		}
	}
}

// concludeForgotten is conclude for a child that is not listed any more.
func (s *Supervisor) concludeForgotten(c *child) {
	if e := s.byName[c.info.Name]; e != nil && e.Value == c {
		return
	}
	if sub := supervisorOf(c.spec.Service); sub != nil {
		sub.conclude()
	}
}
