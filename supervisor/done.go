package supervisor

// Done of a supervisor says that its tree is down, and that it will not be served
// again. A root knows that by itself. One below another is told by that, if it is down:
//
//	what ends it                                Done
//	its own Stop                                closed
//	the root is down, or could not be started   closed, of all that are below
//	Remove, or it is forgotten                  closed, and of those below it
//	Terminate, or it is left alone              open: Restart may follow
//	it gave up, and its parent restarts it      open, but of those that were added to it
//
// Abandon does not tell, which comes with Terminate as well.

// end closes done; mu is held.
func (s *Supervisor) end() {
	if !s.ended {
		s.ended = true
		close(s.done)
	}
}

// conclude says that this supervisor will not be served any more, nor those below it. One
// that is served is not meant: it belongs to who serves it.
func (s *Supervisor) conclude() {
	s.mu.Lock()
	known := s.state != idle || s.ended // as it is if its own spec leads back to it
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
