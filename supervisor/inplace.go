package supervisor

import "time"

// A supervisor at rest need not wake up for what a child's goroutine can do in its place: restart
// the child that the goroutine runs, under OneForOne, and note that the child is up. This saves a
// restart four switches between goroutines, which is half of its time.
//
// The goroutine that acts as the supervisor holds its turn:
//
//	turn   event                                 next   who
//	held   there is nothing to do                free   the supervisor's goroutine, in rest
//	free   there may be something to do          held   the supervisor's goroutine
//	free   a child has ended, or says it is up   held   the child's goroutine, for a moment
//
// A child's goroutine never waits for the turn, and never waits while it holds it. It posts all
// other events, and those that come while the supervisor is at work or has been told something
// else before.

// rest waits until there may be a message.
func (s *Supervisor) rest() {
	if s.resting {
		s.turn.Unlock()
		defer s.turn.Lock()
	}
	s.cons.Wait()
}

// exit tells the supervisor that a Serve has returned.
func (s *Supervisor) exit(m exited) {
	if s.takeTurn() {
		defer s.turn.Unlock()
		if s.isSimple(m) {
			// The verdict stands. Asked again, a service that has been killed meanwhile would say
			// that its end was deliberate, and that is for the supervisor's goroutine to handle.
			s.note(m)
			s.reportExit(m.p.c)
			s.scheduleRestart(m.p.c)
			return
		}
	}
	s.post(m)
}

// isSimple reports whether what follows an exit is no more than another launch.
func (s *Supervisor) isSimple(m exited) bool {
	c := m.p.c
	return s.spec.Strategy == OneForOne && s.spec.Decider == nil && c.spec.Backoff == nil &&
		m.run == c.run && c.proc == m.p && c.info.State == Up &&
		decide(c.spec.Restart, s.endingOf(c, m.err), ByTable) == restart && s.affords()
}

// isUp tells the supervisor that a child is up.
func (s *Supervisor) isUp(m ready) {
	if s.takeTurn() {
		defer s.turn.Unlock()
		s.onReady(m)
		return
	}
	s.post(m)
}

// takeTurn has the calling goroutine, which is a child's, act as the supervisor if that is at
// rest and has been told nothing else. turn is held if takeTurn reports true.
func (s *Supervisor) takeTurn() bool {
	if !s.turn.TryLock() {
		return false
	}
	if s.reason != nil || len(s.deferred) > 0 || s.box.Signals() != 0 || s.box.Len() > 0 || s.box.Closed() {
		s.turn.Unlock()
		return false
	}
	s.now = time.Now()
	return true
}
