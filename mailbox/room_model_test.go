package mailbox

import (
	"fmt"
	"strconv"
	"testing"
)

// The model of room.go: a full mailbox of capacity one, its owner and two
// senders. A push reads the tail (crowded, pushed), then the head, and then
// swaps the tail: three steps.
type roomState struct {
	crowded       bool
	pushed, taken uint8
	mu            uint8 // who holds it, plus one
	line          [2]uint8
	lined         uint8 // how many of line are in use: senders, plus one
	ready         [2]bool

	owner   roomOwner
	early   bool        // noReread: it has read the flag, and
	saw     bool        // this is what it saw
	push    [3]roomPush // by goroutine: the two senders, the owner
	senders [2]roomSender
}

// roomPush is a push on its way.
type roomPush struct {
	phase   uint8 // 0: reads the tail; 1: reads the head; 2: swaps
	crowded bool
	pushed  uint8
}

type roomOwner uint8

const (
	roomTake      roomOwner = iota // advances head, if there is a value
	roomReadCrowd                  // reads the tail for the flag
	roomLock
	roomAdmit // pushes for the first in line
	roomUncrowd
)

type roomSender uint8

const (
	sendTry roomSender = iota
	sendLock
	sendCrowd // sets the flag
	sendAgain // pushes, if nobody is in line
	sendUncrowd
	sendLine // joins the line
	sendWait
	sendEnd
)

// roomModel says what is left out.
type roomModel struct {
	noReread bool // the owner reads the flag before it advances head, not after
	noCheck  bool // a sender that has set the flag does not look for room again
}

const ownerID = 2

// try does the next step of a push by goroutine id: it is done when verdict is
// not empty.
//
//go:norace
func (roomModel) try(s *roomState, id int, heed bool) (name, verdict string) {
	p := &s.push[id]
	switch p.phase {
	case 0:
		p.phase, p.crowded, p.pushed = 1, s.crowded, s.pushed
		if heed && s.crowded {
			*p = roomPush{}
			return "finds a crowd", "full"
		}
		return "reads the tail", ""
	case 1:
		if p.pushed-s.taken >= 1 { // modulo 256 as in the code: a stale tail is far off
			unchanged := p.pushed == s.pushed && p.crowded == s.crowded
			*p = roomPush{}
			if unchanged {
				return "finds it full", "full"
			}
			return "finds the tail moved", ""
		}
		p.phase = 2
		return "finds room", ""
	}
	ok := p.pushed == s.pushed && p.crowded == s.crowded
	*p = roomPush{}
	if !ok {
		return "fails to swap", ""
	}
	s.pushed++
	return "pushes", "accepted"
}

//go:norace
func (m roomModel) steps(s roomState, steps []step[roomState]) []step[roomState] {
	for i := range s.senders {
		if n, name := s, ""; m.sender(&n, i, &name) {
			steps = append(steps, step[roomState]{strconv.Itoa(i), name, n})
		}
	}
	if n, name := s, ""; m.owner(&n, &name) {
		steps = append(steps, step[roomState]{"owner", name, n})
	}
	return steps
}

//go:norace
func (m roomModel) sender(s *roomState, i int, name *string) bool {
	pc := &s.senders[i]
	var verdict string
	switch *pc {
	case sendTry:
		*name, verdict = m.try(s, i, true)
		switch verdict {
		case "accepted":
			*pc = sendEnd
		case "full":
			*pc = sendLock
		}
	case sendLock:
		if s.mu != 0 {
			return false
		}
		*name, s.mu, *pc = "locks", uint8(i+1), sendCrowd
	case sendCrowd:
		*name, s.crowded, *pc = "sets crowded", true, sendAgain
		if s.lined > 0 || m.noCheck {
			*pc = sendLine
		}
	case sendAgain:
		*name, verdict = m.try(s, i, false)
		switch verdict {
		case "accepted":
			*pc = sendUncrowd
		case "full":
			*pc = sendLine
		}
	case sendUncrowd:
		*name, s.crowded, s.mu, *pc = "clears crowded", false, 0, sendEnd
	case sendLine:
		*name, s.line[s.lined], *pc = "joins the line", uint8(i+1), sendWait
		s.lined++
		s.mu = 0
	case sendWait:
		if !s.ready[i] {
			return false
		}
		*name, *pc = "is served", sendEnd
	default:
		return false
	}
	return true
}

//go:norace
func (m roomModel) owner(s *roomState, name *string) bool {
	switch s.owner {
	case roomTake:
		if s.pushed == s.taken {
			return false
		}
		if m.noReread && !s.early {
			*name, s.early, s.saw = "reads crowded", true, s.crowded
			return true
		}
		*name, s.owner = "takes", roomReadCrowd
		s.taken++
		if m.noReread {
			s.owner = roomTake
			if s.saw {
				s.owner = roomLock
			}
			s.early, s.saw = false, false
		}
	case roomReadCrowd:
		*name, s.owner = "reads crowded", roomTake
		if s.crowded {
			s.owner = roomLock
		}
	case roomLock:
		if s.mu != 0 {
			return false
		}
		*name, s.mu, s.owner = "locks", ownerID+1, roomAdmit
	case roomAdmit:
		if s.lined == 0 {
			*name, s.owner = "sees nobody in line", roomUncrowd
			return true
		}
		var verdict string
		*name, verdict = m.try(s, ownerID, false)
		switch verdict {
		case "accepted":
			s.ready[s.line[0]-1] = true
			s.line[0], s.line[1] = s.line[1], 0
			s.lined--
		case "full":
			s.mu, s.owner = 0, roomTake
		}
	case roomUncrowd:
		*name, s.crowded, s.mu, s.owner = "clears crowded", false, 0, roomTake
	}
	return true
}

//go:norace
func (m roomModel) wrong(s roomState, end bool) string {
	if s.pushed-s.taken > 1 {
		return "more values than the bound"
	}
	if end && (s.senders != [2]roomSender{sendEnd, sendEnd} || s.crowded || s.pushed != 3 || s.taken != 3) {
		return fmt.Sprintf("the end is %+v", s)
	}
	return ""
}

func TestRoomModel(t *testing.T) {
	sound(t, roomState{pushed: 1}, roomModel{}.steps, roomModel{}.wrong)
}

func TestRoomModelFindsTheMissingReread(t *testing.T) {
	m := roomModel{noReread: true}
	faulty(t, roomState{pushed: 1}, m.steps, m.wrong)
}

func TestRoomModelFindsTheMissingCheck(t *testing.T) {
	m := roomModel{noCheck: true}
	faulty(t, roomState{pushed: 1}, m.steps, m.wrong)
}
