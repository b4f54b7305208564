package actor

// Signals to the owner of a mailbox.
const (
	sigCut   = 1 << iota // settle, and run nothing more
	sigOver              // the incarnation is over: a restart, or Exit
	sigLate              // work that draining waits for has come to something; see owned.go
	sigAsked             // something is to be done between two closures; see between.go

	sigEnd = sigCut | sigOver
)

// Standing signals: how the owner is to work from now on.
const (
	sigPause = 1 << (16 + iota) // run no closures
	sigSteps                    // ask the scheduler of the seam before each step

	sigAttention = sigEnd | sigPause | sigSteps | sigAsked
)

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
		case s&sigAsked != 0:
			if !in.serveRequests(v) {
				return false
			}
		case s&sigPause != 0 && !c.box.Closed() && !in.open:
			if !in.serveRequests(v) { // what waited for this
				return false
			}
			in.cons.WaitWhile(sigPause, sigEnd|sigAsked)
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
