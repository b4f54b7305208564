package mailbox

import (
	"fmt"
	"strconv"
	"testing"
)

// The model of the tables in park.go: one owner, producers of one value each, one of whom
// may stand in line, a signaller and a closer. A decision that a compare-and-swap on the tail
// word confirms is one step with it; all else is a step for each word.
type parkState struct {
	tail    parkTail
	seen    parkTail // by the owner, before it parks
	owner   parkOwner
	signal  bool // the signaller's bit
	dozing  bool // the sleep word
	tokens  uint8
	taken   uint8
	slots   [3]bool // published
	has     bool    // a value is handed over, and
	hands   uint8   // this is its ticket
	given   bool    // the owner has it
	wakers  [5]parkWaker
	ticket  [3]uint8 // of each producer
	overran bool     // a value was taken before its turn
}

// parkTail is the tail word.
type parkTail struct {
	tickets                 uint8
	closed, parked, crowded bool
}

type parkOwner uint8

const (
	ownerLook       parkOwner = iota // takes what there is, or goes to sleep
	ownerTail                        // reads the tail
	ownerPark                        // sets the flag, if the tail is still the same
	ownerOver                        // a signal, or the end?
	ownerUnpark                      // clears the flag, if it is still there
	ownerDoze                        // sleep = dozing
	ownerRecheck                     // the signals, and the slot
	ownerRecheckEnd                  // closed and empty?
	ownerWake                        // the compare-and-swap of its own
	ownerReceive                     // waits for a token
	ownerGone                        // saw the end
)

type parkWaker uint8

const (
	wakerStart   parkWaker = iota
	wakerLine              // has set crowded (the one who stands in line only)
	wakerPublish           // has a ticket
	wakerOpen              // has published, and takes crowded back
	wakerHand              // has a ticket of an owner that sleeps
	wakerTail              // signalled, closed, or found the flag in a crowd
	wakerLoad              // reads sleep
	wakerSwap              // saw dozing
	wakerSend              // owes a token
	wakerEnd
)

const liner, signaller, closer = 2, 3, 4 // wakers 0 to 2 are producers

// parkModel says what is left out.
type parkModel struct {
	line bool // the third producer stands in line

	noOver      bool // the owner does not look for signals and the end after it has parked
	noRecheck   bool // nor for anything after it has written dozing
	noSwap      bool // a waker that saw dozing stores awake
	noClear     bool // a waker that saw the flag sends a token, whoever has cleared it
	parksAnyway bool // the owner parks though a ticket is out
	parksLined  bool // the owner parks though there is a line
	noLineWake  bool // who stands in line does not wake the owner first
	tokenFirst  bool // the token is sent before the value is handed over
	storesTail  bool // the owner sets the flag whatever the tail is by now
}

//go:norace
func (m parkModel) steps(s parkState, steps []step[parkState]) []step[parkState] {
	for i := range s.wakers {
		if name, n := m.waker(s, i); name != "" {
			steps = append(steps, step[parkState]{strconv.Itoa(i), name, m.canon(n)})
		}
	}
	if name, n := m.owner(s); name != "" {
		steps = append(steps, step[parkState]{"owner", name, m.canon(n)})
	}
	return steps
}

// canon returns the one that stands for all states from which the same follows: what is not
// looked at any more is zero, and producers that do the same have an order. So in the way to
// a fault their numbers may change.
//
//go:norace
func (m parkModel) canon(s parkState) parkState {
	if s.owner != ownerPark {
		s.seen = parkTail{}
	}
	if !s.has && !s.given {
		s.hands = 0
	}
	for i := range min(int(s.taken), len(s.slots)) {
		s.slots[i] = false
	}
	for i := range s.ticket {
		if w := s.wakers[i]; w != wakerPublish && w != wakerHand {
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

// order puts two producers in their order.
//
//go:norace
func (parkModel) order(s *parkState, i, j int) {
	if s.wakers[i] > s.wakers[j] || s.wakers[i] == s.wakers[j] && s.ticket[i] > s.ticket[j] {
		s.wakers[i], s.wakers[j] = s.wakers[j], s.wakers[i]
		s.ticket[i], s.ticket[j] = s.ticket[j], s.ticket[i]
	}
}

//go:norace
func (parkModel) published(s parkState) bool {
	return int(s.taken) < len(s.slots) && s.slots[s.taken]
}

// waker returns the next step of a waker, if there is one.
//
//go:norace
func (m parkModel) waker(s parkState, i int) (name string, n parkState) {
	n = s
	w := &n.wakers[i]
	switch s.wakers[i] {
	case wakerStart:
		name = m.begins(&n, i)
	case wakerLine:
		name, *w, n.ticket[i] = "takes a ticket under crowded", wakerPublish, s.tail.tickets
		n.tail.tickets++
		if s.tail.closed {
			name, *w, n.tail = "is refused in line", wakerEnd, s.tail
			n.tail.crowded = false
		}
	case wakerPublish:
		name, n.slots[s.ticket[i]], *w = "publishes", true, wakerLoad
		if m.line && i == liner {
			*w = wakerOpen
		}
	case wakerOpen:
		name, n.tail.crowded, *w = "ends the crowd", false, wakerLoad
	case wakerHand:
		name, n.has, n.hands, *w = "hands over", true, s.ticket[i], wakerSend
		if m.tokenFirst {
			*w = wakerEnd
		}
	case wakerTail:
		name, *w = "reads the tail", wakerLoad
		if s.tail.parked {
			name, n.tail.parked, *w = "clears the flag", false, wakerSend
		}
		if m.line && i == liner { // it pushes afterwards
			if s.tail.parked {
				n.tokens++
			}
			*w = wakerLine
		}
	case wakerLoad:
		name, *w = "reads sleep", wakerEnd
		if s.dozing {
			*w = wakerSwap
		}
	case wakerSwap:
		name, *w = "swaps sleep", wakerEnd
		if s.dozing || m.noSwap {
			n.dozing, *w = false, wakerSend
		}
	case wakerSend:
		name, *w = "sends the token", wakerEnd
		n.tokens++
	}
	return name, n
}

// begins is the first step of a waker.
//
//go:norace
func (m parkModel) begins(n *parkState, i int) (name string) {
	w := &n.wakers[i]
	switch {
	case i == signaller:
		name, n.signal, *w = "sets a signal", true, wakerTail
		if m.noClear && n.tail.parked {
			*w = wakerSend
		}
	case i == closer:
		name, n.tail.closed, *w = "closes", true, wakerTail
	case m.line && i == liner:
		name, *w = "sets crowded", wakerLine
		if n.tail.parked && !m.noLineWake {
			*w = wakerTail
		}
		n.tail.crowded = true
	case n.tail.closed:
		name, *w = "is refused", wakerEnd
	case n.tail.crowded: // full: it goes away
		name, *w = "finds a crowd", wakerEnd
	default:
		name, n.ticket[i], *w = "takes a ticket", n.tail.tickets, wakerPublish
		if n.tail.parked {
			name, n.tail.parked, *w = "takes a ticket and the flag", false, wakerHand
			if m.tokenFirst {
				n.tokens++
			}
		}
		n.tail.tickets++
	}
	return name
}

// owner returns the owner's next step, if there is one.
//
//go:norace
func (m parkModel) owner(s parkState) (name string, n parkState) {
	n = s
	empty := s.taken == s.tail.tickets
	switch s.owner {
	case ownerLook:
		name, n.owner = m.look(&n)
	case ownerTail:
		name, n.seen, n.owner = "reads the tail", s.tail, ownerDoze
		if (empty || m.parksAnyway) && (!s.tail.crowded || m.parksLined) {
			n.owner = ownerPark
		}
	case ownerPark:
		name, n.seen, n.owner = "finds another tail", parkTail{}, ownerLook
		if s.tail == s.seen || m.storesTail {
			name, n.tail.parked, n.owner = "parks", true, ownerOver
			if m.noOver {
				n.owner = ownerReceive
			}
		}
	case ownerOver:
		name, n.owner = "looks for a signal and the end", ownerReceive
		if s.signal || s.tail.closed {
			n.owner = ownerUnpark
		}
	case ownerUnpark:
		name, n.owner = "clears the flag", ownerReceive
		if s.tail.parked {
			n.tail.parked, n.owner = false, ownerLook
		}
	case ownerDoze:
		name, n.dozing, n.owner = "writes dozing", true, ownerRecheck
		if m.noRecheck {
			n.owner = ownerReceive
		}
	case ownerRecheck:
		name, n.owner = "looks again", ownerRecheckEnd
		if s.signal || s.given || m.published(s) {
			n.owner = ownerWake
		}
	case ownerRecheckEnd:
		name, n.owner = "looks for the end", ownerReceive
		if s.tail.closed && empty {
			n.owner = ownerWake
		}
	case ownerWake:
		name, n.owner = "swaps sleep", ownerReceive
		if s.dozing {
			n.dozing, n.owner = false, ownerLook
		}
	case ownerReceive:
		if s.tokens > 0 {
			name, n.owner, n.seen = "receives the token", ownerLook, parkTail{}
			n.tokens--
			n.given, n.has = s.given || s.has, false
		}
	}
	return name, n
}

// look is the owner's loop: it takes what there is, or goes to sleep.
//
//go:norace
func (m parkModel) look(n *parkState) (name string, next parkOwner) {
	next = ownerLook
	switch {
	case n.given:
		name, n.given, n.overran = "takes what it was given", false, n.overran || n.hands != n.taken
		n.taken++
	case m.published(*n):
		name = "takes"
		n.taken++
	case n.signal:
		name, n.signal = "clears the signal", false
	case n.tail.closed && n.taken == n.tail.tickets:
		name, next = "goes", ownerGone
	default:
		name, next = "finds nothing", ownerTail
	}
	return name, next
}

// wrong is what holds with a closer: at the end, the owner has gone.
//
//go:norace
func (m parkModel) wrong(s parkState, end bool) string {
	switch {
	case s.overran:
		return "a value was taken before its turn"
	case s.tokens > 1:
		return "two tokens"
	case end && s.tokens != 0:
		return "a token is left"
	case end && s.owner != ownerGone:
		return fmt.Sprintf("the owner sleeps for ever: taken %d of %d, signal %t, closed %t",
			s.taken, s.tail.tickets, s.signal, s.tail.closed)
	}
	return ""
}

// open is what holds without a closer: the owner may sleep at the end, but not beside a
// value or a signal.
//
//go:norace
func (m parkModel) open(s parkState, end bool) string {
	switch {
	case s.overran:
		return "a value was taken before its turn"
	case s.tokens > 1:
		return "two tokens"
	case end && (s.owner != ownerReceive || s.taken != s.tail.tickets || s.signal || s.tokens != 0):
		return fmt.Sprintf("the owner sleeps: taken %d of %d, signal %t", s.taken, s.tail.tickets, s.signal)
	}
	return ""
}

// parkStart leaves some of the wakers out, to keep the search short.
func parkStart(without ...int) (s parkState) {
	for _, w := range without {
		s.wakers[w] = wakerEnd
	}
	return s
}

func TestParkModel(t *testing.T) {
	m := parkModel{}
	sound(t, parkStart(2), m.steps, m.wrong)
	sound(t, parkStart(closer), m.steps, m.open)
}

func TestParkModelWithALine(t *testing.T) {
	m := parkModel{line: true}
	sound(t, parkStart(1), m.steps, m.wrong)
	sound(t, parkStart(closer), m.steps, m.open)
}

// Each step that is left out is found.
func TestParkModelFindsFaults(t *testing.T) {
	for name, m := range map[string]parkModel{
		"no look after it has parked":         {noOver: true},
		"no look after dozing":                {noRecheck: true},
		"a store in place of the swap":        {noSwap: true},
		"a token whoever has cleared it":      {noClear: true},
		"it parks though a ticket is out":     {parksAnyway: true},
		"it parks though there is a line":     {line: true, parksLined: true},
		"who stands in line does not wake it": {line: true, noLineWake: true},
		"the token first":                     {tokenFirst: true},
		"it parks on another tail":            {storesTail: true},
	} {
		t.Run(name, func(t *testing.T) {
			start := parkStart(2)
			if m.line {
				start = parkStart(1)
			}
			faulty(t, start, m.steps, func(s parkState, end bool) string {
				if s.wakers[closer] == wakerEnd || s.owner == ownerGone {
					return m.wrong(s, end)
				}
				return m.open(s, end)
			})
		})
	}
}
