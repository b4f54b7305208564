package actor

// Callers returns the closures on whose behalf the one that was refused ran, the nearest
// first, as far as contexts tell.
func (e *DeadlockError) Callers() []Caller { return callers(e.callers) }

// History returns the last closures of the service that was refused, oldest first, if
// it kept them: see Instruments.
func (e *DeadlockError) History() []Execution { return e.trail.closures() }

// explain completes the error of a wait that was refused to the caller.
func (k *caller) explain(err *DeadlockError) {
	in, c := k.in, k.in.c
	switch {
	case k.via != nil:
		_, err.callers = chainOf(c, k.via.Context)
	default: // it is the goroutine that runs the closure
		if j, ok := c.box.Peek(); ok {
			_, err.callers = callChain(c, j)
		}
	}
	if n := c.notes.Load(); n != nil && !in.lost.Load() {
		err.trail = n.recorder.Load().trail().seenNow()
	}
	c.alarmed()
	c.incident(Incident{Kind: IncidentDeadlock, Err: err})
}
