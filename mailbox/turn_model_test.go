package mailbox

import (
	"fmt"
	"strconv"
	"testing"
)

// The model of the table in turn.go: one owner, two takers who own after it, and
// an observer. Everybody who owns takes values until there are no more, and
// releases.
type turnState struct {
	head turnWord
	mu   bool // held by the observer
	proc [3]turnProc

	observer turnPeek
	pinned   turnWord // what the observer saw
}

type turnWord struct {
	taken uint8
	state uint8
}

type turnProc struct {
	at   turnAt
	head turnWord // as this one wrote it last, or saw it
}

type turnAt uint8

const (
	turnLoad   turnAt = iota // a taker reads the head
	turnSwap                 // a taker swaps what it saw
	turnOwns                 // Next or Release
	turnUser                 // in user code, then the first step of Done
	turnDone                 // the swap of Done failed: what is there?
	turnLock                 // waits for the observer, in Done
	turnTakeIt               // waits for the observer, in Take
	turnEnd
)

type turnPeek uint8

const (
	peekLock turnPeek = iota
	peekLoad
	peekSwap
	peekCopy // reads current, and unpins
	peekUnlock
	peekEnd
)

const turnValues = 3

// turnModel says what is done wrong.
type turnModel struct {
	takeStores bool // Take stores instead of swapping
	doneStores bool // Done stores instead of swapping
	givesUp    bool // Done takes any failure but a pinned word for a take-over
}

//go:norace
func (m turnModel) steps(s turnState, steps []step[turnState]) []step[turnState] {
	for i := range s.proc {
		n := s
		if name := m.proc(&n, &n.proc[i]); name != "" {
			steps = append(steps, step[turnState]{strconv.Itoa(i), name, n})
		}
	}
	n := s
	if name := m.observe(&n); name != "" {
		steps = append(steps, step[turnState]{"observer", name, n})
	}
	return steps
}

//go:norace
func (m turnModel) proc(s *turnState, p *turnProc) string {
	switch p.at {
	case turnLoad:
		p.head = s.head
		switch s.head.state {
		case busy:
			p.at = turnSwap
			return "sees busy"
		case pinned:
			p.at = turnTakeIt
			return "sees pinned"
		}
		p.at = turnEnd
		return "sees no owner that is busy"
	case turnSwap:
		if s.head != p.head && !m.takeStores {
			p.at = turnLoad
			return "fails to take over"
		}
		p.head.state, p.at = held, turnOwns
		s.head = p.head
		return "takes over"
	case turnOwns:
		if p.head.taken == turnValues {
			p.head.state, p.at = vacant, turnEnd
			s.head = p.head
			return "releases"
		}
		p.head.taken++
		p.head.state, p.at = busy, turnUser
		s.head = p.head
		return "takes a value"
	case turnUser:
		if s.head != p.head && !m.doneStores {
			p.at = turnDone
			return "is not simply done"
		}
		p.head.state, p.at = held, turnOwns
		s.head = p.head
		return "is done"
	case turnDone:
		return m.notDone(s, p)
	case turnLock, turnTakeIt:
		if s.mu {
			return ""
		}
		if p.at == turnLock {
			p.at = turnUser
		} else {
			p.at = turnLoad
		}
		return "waited for the observer"
	}
	return ""
}

//go:norace
func (m turnModel) notDone(s *turnState, p *turnProc) string {
	switch s.head {
	case turnWord{p.head.taken, pinned}:
		p.at = turnLock
		return "sees itself pinned"
	case p.head:
		if !m.givesUp {
			p.at = turnUser
			return "sees that the observer is gone"
		}
	}
	p.at = turnEnd
	return "was taken over"
}

//go:norace
func (m turnModel) observe(s *turnState) string {
	switch s.observer {
	case peekLock:
		s.mu, s.observer = true, peekLoad
		return "locks"
	case peekLoad:
		s.pinned, s.observer = s.head, peekUnlock
		if s.head.state == busy {
			s.observer = peekSwap
		}
		return "reads the head"
	case peekSwap:
		s.observer = peekUnlock
		if s.head == s.pinned {
			s.head.state, s.observer = pinned, peekCopy
		}
		return "pins"
	case peekCopy:
		s.head, s.observer = s.pinned, peekUnlock
		return "unpins"
	case peekUnlock:
		s.mu, s.observer, s.pinned = false, peekEnd, turnWord{}
		return "unlocks"
	}
	return ""
}

//go:norace
func (m turnModel) wrong(s turnState, end bool) string {
	owners := 0
	for _, p := range s.proc {
		if p.at == turnOwns {
			owners++
		}
	}
	switch {
	case owners > 1:
		return "two owners"
	case owners == 1 && s.head.state != held:
		return fmt.Sprintf("an owner, and the head %v is not held", s.head)
	case s.observer == peekCopy && s.head.state != pinned:
		return "current is written while it is copied"
	case end && s.head != turnWord{turnValues, vacant}:
		return fmt.Sprintf("everybody went, and the head is %v", s.head)
	}
	return ""
}

func turnStart() (s turnState) {
	s.head.state = held
	s.proc[0] = turnProc{turnOwns, s.head}
	return s
}

func TestTurnModel(t *testing.T) {
	sound(t, turnStart(), turnModel{}.steps, turnModel{}.wrong)
}

func TestTurnModelFindsTwoOwners(t *testing.T) {
	take, done := turnModel{takeStores: true}, turnModel{doneStores: true}
	faulty(t, turnStart(), take.steps, take.wrong)
	faulty(t, turnStart(), done.steps, done.wrong)
}

// An observer that pinned the word and went again between the two steps of Done
// must not look like somebody who took over.
func TestTurnModelFindsTheLostOwner(t *testing.T) {
	m := turnModel{givesUp: true}
	faulty(t, turnStart(), m.steps, m.wrong)
}
