package mailbox

import "strconv"

// The model of the tables in park.go: one owner, up to three senders of one value each, a
// signaller, one who pauses and resumes, and a closer. A decision that a compare-and-swap on
// the tail word confirms is one step with it; all else is a step for each word that another
// writes. Of the queue there is what parking depends on: numbers, publication, and the
// replacement of a ring.
type parkState struct {
	tail    parkTail
	ring    parkRing
	paused  bool // a bit of the Standing
	signal  bool // the signaller's bit
	dozing  bool // the sleep word
	has     bool // a value is handed over, and
	given   bool // the owner has it;
	hands   uint8
	tokens  uint8
	taken   uint8
	slots   [3]bool // published, by number
	listed  uint8   // values of a mailbox that drops its oldest
	overran bool    // a value was taken before its turn

	owner  parkOwner
	seen   parkTail // by the owner
	while  bool     // it is in WaitWhile
	shrunk bool     // it has given a large ring back

	wakers [6]parkWaker
	ticket [3]uint8 // that a sender has seen, or the number of its value
	lined  bool     // the one in line has seen to it that the owner is awake
}

// parkTail is the tail word.
type parkTail struct {
	tickets                          uint8
	closed, growing, crowded, parked bool
}

// parkRing is the ring that takes tickets.
type parkRing struct{ base, first uint8 }

// number of the value that has the next ticket; all before it are accepted.
//
//go:norace
func (s *parkState) number() uint8 {
	if s.tail.tickets < s.ring.base { // replaced, and growing still
		return s.ring.first
	}
	return s.ring.first + s.tail.tickets - s.ring.base
}

// replace is the first half of the growth that was announced at that ticket.
//
//go:norace
func (s *parkState) replace(ticket uint8) {
	if s.ring.base <= ticket {
		s.ring = parkRing{ticket + 1, s.ring.first + ticket - s.ring.base}
	}
}

// grown is the second half.
//
//go:norace
func (s *parkState) grown(ticket uint8) {
	if s.tail.growing && s.tail.tickets == ticket {
		s.tail.growing = false
		s.tail.tickets++
	}
}

// parkModel says what is there, and what is left out.
type parkModel struct {
	line   bool  // the third sender stands in line, and finds room
	slots  uint8 // of a ring, which is replaced when they are taken; 0: any number
	oldest bool  // the mailbox drops its oldest, and has no tickets

	noOver      bool // the owner does not look for signals and the end after it has parked
	noRecheck   bool // nor for anything after it has written dozing
	noSwap      bool // a waker that saw dozing stores awake
	noClear     bool // a waker that saw the flag sends a token, whoever has cleared it
	noNudge     bool // a sender does not wake an owner that dozes
	noLineNudge bool // nor does one in line
	noResume    bool // who resumes wakes no owner
	handsTwice  bool // a sender that saw the flag stores the tail
	parksAnyway bool // the owner parks though a ticket is out
	parksLined  bool // the owner parks though there is a line
	parksGrown  bool // the owner parks though a ring is being replaced
	parksOldest bool // the owner of a mailbox without tickets parks
	noLineWake  bool // who stands in line does not wake the owner first
	tokenFirst  bool // the token is sent before the value is handed over
	storesTail  bool // the owner sets the flag whatever the tail is by now
	noUnpark    bool // an owner that may go on does so, whoever has cleared the flag
	noAwake     bool // or has written awake
}

//go:norace
func (m parkModel) steps(s parkState, steps []step[parkState]) []step[parkState] {
	for i := range s.wakers {
		if name, n := m.waker(s, i); name != "" {
			steps = append(steps, step[parkState]{strconv.Itoa(i), name, m.canon(n)})
		}
	}
	if name, n := m.sleeper(s); name != "" {
		steps = append(steps, step[parkState]{"owner", name, m.canon(n)})
	}
	return steps
}

// canon returns the one that stands for all states from which the same follows: what is not
// looked at any more is zero, and senders that do the same have an order. So in the way to
// a fault their numbers may change.
//
//go:norace
func (m parkModel) canon(s parkState) parkState {
	switch s.owner {
	case ownerLook, ownerGone:
		s.seen, s.while = parkTail{}, false
	case ownerRing, ownerPark, ownerGrow, ownerGrown:
	default:
		s.seen = parkTail{}
	}
	if !s.has && !s.given {
		s.hands = 0
	}
	for i := range min(int(s.taken), len(s.slots)) {
		s.slots[i] = false
	}
	for i := range s.ticket {
		if w := s.wakers[i]; w < wakerPublish || w > wakerGrown {
			s.ticket[i] = 0
		}
	}
	m.order(&s, 0, 1)
	if !m.line {
		m.order(&s, 1, 2)
		m.order(&s, 0, 1)
	}
	return s
}

// order puts two senders in their order.
//
//go:norace
func (parkModel) order(s *parkState, i, j int) {
	if s.wakers[i] > s.wakers[j] || s.wakers[i] == s.wakers[j] && s.ticket[i] > s.ticket[j] {
		s.wakers[i], s.wakers[j] = s.wakers[j], s.wakers[i]
		s.ticket[i], s.ticket[j] = s.ticket[j], s.ticket[i]
	}
}

//go:norace
func (m parkModel) published(s *parkState) bool {
	if m.oldest {
		return s.taken < s.listed
	}
	return int(s.taken) < len(s.slots) && s.slots[s.taken]
}

// all reports whether what was accepted has been taken.
//
//go:norace
func (m parkModel) all(s *parkState) bool {
	if m.oldest {
		return s.taken == s.listed
	}
	return s.taken == s.number()
}
