package supervisor

// What a supervisor does when a child has ended is decided here, by pure functions.

// ending is how a child ended unasked.
type ending uint8

const (
	normal     ending = iota // Serve returned nil
	failure                  // Serve returned an error, panicked, or its goroutine ended
	deliberate               // the service was stopped for good, by its own Stop or Kill
)

// passing is what Transient means for children of a template: they are usually short-lived,
// and a list of all that have done their work would grow without end.
const passing = Temporary + 1

// verdict is what becomes of a child that has ended.
type verdict uint8

const (
	restart  verdict = iota // start it again, and with it whom the strategy names
	leave                   // it is down until Restart or a caller asks for it
	forget                  // it is down, and not a child any more
	escalate                // the supervisor gives up
)

// Decision is the answer of a Decider.
type Decision uint8

// The decisions.
const (
	ByTable      Decision = iota // as the restart type says
	RestartChild                 // restart it, whatever its restart type
	StopChild                    // do not restart it
	Escalate                     // give up: the parent decides
)

// decide applies the table:
//
//	           normal    failure   deliberate
//	Permanent  restart   restart   leave
//	Transient  leave     restart   leave
//	passing    forget    restart   forget
//	Temporary  forget    forget    forget
//
// A Decider comes before the table, but cannot bring back a service that was
// stopped for good. StopChild leaves a child, or forgets a temporary one.
func decide(r Restart, how ending, d Decision) verdict {
	away := leave
	if r == Temporary || r == passing && how != failure {
		away = forget
	}
	switch {
	case how == deliberate || d == StopChild:
		return away
	case d == Escalate:
		return escalate
	case d == RestartChild || r == Permanent || r != Temporary && how == failure:
		return restart
	}
	return away
}

// affected returns the range [from, to) of the n children that are restarted together when
// the one at position i is.
func affected(s Strategy, i, n int) (from, to int) {
	switch s {
	case OneForAll:
		return 0, n
	case RestForOne:
		return i, n
	}
	return i, i + 1
}

// ends reports whether the supervisor ends because a significant child has ended for good
// and left significant ones are left.
func ends(a AutoShutdown, left int) bool {
	return a == AnySignificant || a == AllSignificant && left == 0
}
