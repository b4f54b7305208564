package actor

import (
	"fmt"
	"slices"
)

// State is what a service is doing as a whole.
type State uint8

// The states of a service, in the order in which it can come to them; from Down a
// supervisor, or Serve, brings it back to Running.
const (
	Pending  State = iota // declared, or between two incarnations: queues
	Running               // an incarnation serves
	Draining              // takes nothing new, runs what it accepted
	Down                  // not going to be served now: refuses
	Ended                 // for good: refuses
)

// The table says who moves a service from one state to another; everything happens
// under core.mu. "Owner" is the goroutine that serves, in settle.
//
//	state     event                                      next      queue
//	pending   Serve                                      running   kept
//	pending   Abandon                                    down      answered
//	pending   Stop, Kill                                 ended     answered
//	running   incarnation over; a supervisor serves      pending   kept, or failed if so chosen
//	running   incarnation over; Serve called directly    down      answered
//	running   incarnation over; Start                    ended     answered
//	running   the context of Serve ends with Restart     (running; over after the current closure)
//	running   the context of Serve ends otherwise        draining  runs
//	running   Stop                                       draining  runs; ended afterwards
//	running   CutOff to go on                            pending   kept, or failed if so chosen
//	running   CutOff                                     down      answered
//	running   Abandon                                    (running; over as if Serve had been called directly)
//	running   Kill                                       ended     answered
//	draining  all has run, or a crash                    down      answered; ended if Stop was called
//	draining  Stop                                       draining  runs; ended afterwards
//	draining  time over, CutOff                          down      answered; ended if Stop was called
//	draining  Kill                                       ended     answered
//	down      Serve                                      running   (empty)
//	down      Stop, Kill                                 ended     (empty)
//	ended     anything                                   ended     (empty)
//
// An incarnation is over when a closure, the constructor or Close crashed, when
// Exit was called, or when the constructor failed. "Answered" means that queued
// closures become dead letters, and that queued calls end with ErrStopped. In
// draining, down and ended the mailbox is closed.

var stateNames = [...]string{"pending", "running", "draining", "down", "ended"}

// String returns the state in a word.
func (s State) String() string { return stateNames[s] }

// MarshalText returns the state in a word, for what prints an Info.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes, for what reads an Info.
func (s *State) UnmarshalText(text []byte) error {
	i := slices.Index(stateNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("actor: no state of a service: %q", text)
	}
	*s = State(i)
	return nil
}

// The table says which states of a service, phases of its incarnation, turns of the consumer's
// part of its mailbox and states of the call that runs there occur together whenever core.mu is
// free. The turn "taken" is held by the goroutine that has cut the service off.
//
//	state              phase     turn    reply      when
//	pending            -         vacant  -          declared, or between two incarnations
//	pending            -         held    -          Stop, Kill or Abandon answers the queue
//	running, draining  starting  held    -          the owner is about to construct, or to serve
//	running, draining  building  held    -          the constructor runs
//	running, draining  serving   held    -          between two closures, or asleep
//	running, draining  serving   busy    -          a closure runs for which no caller waits
//	running, draining  serving   busy    queued     it is a call's turn, and it has not begun
//	running, draining  serving   busy    running    a call runs, or one that is answered later has run
//	running, draining  serving   busy    settled    a call is answered, and its turn not over
//	running, draining  serving   busy    abandoned  the caller of the call has gone
//	running, draining  between   held    -          the user's code has T beside closures: a look, Continue
//	running, draining  ending    held    -          the owner answers the queue, and tells who watches
//	running, draining  ending    taken   -          who has cut the service off does so
//	running, draining  closing   held    -          Close runs, or is about to
//	down               -         vacant  -          until it is served again
//	down               -         held    -          Stop or Kill of it reports what is to be reported yet
//	ended              -         vacant  -          for good
//
// A call that is answered is used again at once, so at the end of its turn it may be queued again.
type phase uint8

const (
	starting phase = iota
	building
	serving
	ending
	closing
	between
)

var phaseNames = [...]string{"starting", "building", "serving", "ending", "closing", "between"}
