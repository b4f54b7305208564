package actor

// Signals to the owner of a mailbox.
const (
	sigCut  = 1 << iota // settle, and run nothing more
	sigOver             // the incarnation is over: a restart, or Exit
	sigLate             // work that draining waits for has come to something; see owned.go
	sigLook             // a view wants its first snapshot; see view.go

	sigEnd = sigCut | sigOver
)

// Standing signals: how the owner is to work from now on.
const (
	sigPause = 1 << (16 + iota) // run no closures
	sigSteps                    // ask the scheduler of the seam before each step

	sigAttention = sigEnd | sigPause | sigSteps | sigInspect | sigLook
)

// sigInspect asks the owner to look at the inspections that wait, and at what else has
// been asked of it.
const sigInspect = 1 << 8

// attend is called by the owner between two closures, if a signal is set that it has to
// attend to. It reports whether the next closure may run, after another look at the
// signals: otherwise the incarnation is over, and v knows why if it crashed.
func (in *incarnation) attend(v *verdict) (goOn bool) {
	c := in.c
	in.rest()
	for {
		s := c.box.Signals()
		switch {
		case in.mayEndBatch(s):
			return true
		case s&sigEnd != 0:
			in.step(stepEnd)
			return false
		case s&sigInspect != 0:
			if !in.inspect() {
				return false
			}
		case s&sigLook != 0:
			if !in.lookAround(v) {
				return false
			}
		case s&sigPause != 0 && !c.box.Closed() && !in.open:
			c.notePaused()
			in.cons.WaitWhile(sigPause, sigEnd|sigInspect|sigLook)
		case s&sigSteps != 0 && in.step(stepClosure):
			s = c.box.Signals()
			return s&sigEnd == 0 || in.mayEndBatch(s)
		default:
			return true
		}
	}
}

// mayEndBatch reports whether the incarnation, which the signals s tell to end, has a
// batch that has begun: that is ended first, by one more closure, of which there is one.
func (in *incarnation) mayEndBatch(s uint32) bool {
	return in.open && s&sigEnd != 0 && s&sigCut == 0
}
