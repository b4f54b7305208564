package mailbox

import (
	"fmt"
	"strconv"
	"testing"
)

// The model of the table in park.go: one owner, producers of one value each, a
// signaller and a closer. A value has a ticket first and is published in another
// step. Reads of two words are two steps.
type parkState struct {
	owner   parkOwner
	signal  bool // the signaller's bit
	closed  bool
	parked  bool  // the sleep word
	tokens  uint8 // in the channel
	tickets uint8 // given out
	taken   uint8
	slots   [3]bool // published
	wakers  [5]parkWaker
	ticket  [3]uint8 // of each producer
}

type parkOwner uint8

const (
	ownerLook       parkOwner = iota // takes what there is, or goes to park
	ownerPark                        // sleep = parked
	ownerRecheck                     // the signals, and the slot
	ownerRecheckEnd                  // closed and empty?
	ownerUnpark                      // the compare-and-swap of its own
	ownerReceive                     // waits for a token
	ownerGone                        // saw the end
)

type parkWaker uint8

const (
	wakerStart   parkWaker = iota
	wakerPublish           // has a ticket (producers only)
	wakerLoad              // published, signalled or closed
	wakerSwap              // saw parked
	wakerSend              // owes a token
	wakerEnd
)

const signaller, closer = 3, 4 // wakers 0 to 2 are producers

// parkModel says what is left out.
type parkModel struct {
	noRecheck bool // the owner does not look again after it has written parked
	noSwap    bool // a waker that saw parked stores awake
}

func (m parkModel) steps(s parkState) (steps []step[parkState]) {
	for i := range s.wakers {
		if name, n := m.waker(s, i); name != "" {
			steps = append(steps, step[parkState]{strconv.Itoa(i), name, n})
		}
	}
	if name, n := m.owner(s); name != "" {
		steps = append(steps, step[parkState]{"owner", name, n})
	}
	return steps
}

func (parkModel) published(s parkState) bool {
	return int(s.taken) < len(s.slots) && s.slots[s.taken]
}

// waker returns the next step of a waker, if there is one.
func (m parkModel) waker(s parkState, i int) (name string, n parkState) {
	n = s
	w := &n.wakers[i]
	switch s.wakers[i] {
	case wakerStart:
		switch {
		case i == signaller:
			name, n.signal, *w = "sets a signal", true, wakerLoad
		case i == closer:
			name, n.closed, *w = "closes", true, wakerLoad
		case s.closed:
			name, *w = "is refused", wakerEnd
		default:
			name, n.ticket[i], *w = "takes a ticket", s.tickets, wakerPublish
			n.tickets++
		}
	case wakerPublish:
		name, n.slots[s.ticket[i]], *w = "publishes", true, wakerLoad
	case wakerLoad:
		name, *w = "reads sleep", wakerEnd
		if s.parked {
			*w = wakerSwap
		}
	case wakerSwap:
		name, *w = "swaps sleep", wakerEnd
		if s.parked || m.noSwap {
			n.parked, *w = false, wakerSend
		}
	case wakerSend:
		name, *w = "sends the token", wakerEnd
		n.tokens++
	}
	return name, n
}

// owner returns the owner's next step, if there is one.
func (m parkModel) owner(s parkState) (name string, n parkState) {
	n = s
	switch s.owner {
	case ownerLook:
		switch {
		case m.published(s):
			name = "takes"
			n.taken++
		case s.signal:
			name, n.signal = "clears the signal", false
		case s.closed && s.taken == s.tickets:
			name, n.owner = "goes", ownerGone
		default:
			name, n.owner = "finds nothing", ownerPark
		}
	case ownerPark:
		name, n.parked, n.owner = "writes parked", true, ownerRecheck
		if m.noRecheck {
			n.owner = ownerReceive
		}
	case ownerRecheck:
		name, n.owner = "looks again", ownerRecheckEnd
		if s.signal || m.published(s) {
			n.owner = ownerUnpark
		}
	case ownerRecheckEnd:
		name, n.owner = "looks for the end", ownerReceive
		if s.closed && s.taken == s.tickets {
			n.owner = ownerUnpark
		}
	case ownerUnpark:
		name, n.owner = "swaps sleep", ownerReceive
		if s.parked {
			n.parked, n.owner = false, ownerLook
		}
	case ownerReceive:
		if s.tokens > 0 {
			name, n.owner = "receives the token", ownerLook
			n.tokens--
		}
	}
	return name, n
}

func (m parkModel) wrong(s parkState, end bool) string {
	switch {
	case s.tokens > 1:
		return "two tokens"
	case end && s.tokens != 0:
		return "a token is left"
	case end && s.owner != ownerGone:
		return fmt.Sprintf("the owner sleeps for ever: taken %d of %d, signal %t, closed %t", s.taken, s.tickets, s.signal, s.closed)
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
	sound(t, parkStart(2), parkModel{}.steps, parkModel{}.wrong)
}

// Without a closer the owner may sleep at the end, but not beside a value or a
// signal.
func TestParkModelOpen(t *testing.T) {
	sound(t, parkStart(closer), parkModel{}.steps, openWrong)
}

func openWrong(s parkState, end bool) string {
	if s.tokens > 1 {
		return "two tokens"
	}
	if end && (s.owner != ownerReceive || s.taken != s.tickets || s.signal) {
		return fmt.Sprintf("the owner sleeps: taken %d of %d, signal %t", s.taken, s.tickets, s.signal)
	}
	return ""
}

func TestParkModelFindsTheMissingRecheck(t *testing.T) {
	m := parkModel{noRecheck: true}
	faulty(t, parkStart(), m.steps, m.wrong)
	faulty(t, parkStart(signaller, closer), m.steps, openWrong)
}

func TestParkModelFindsTheSecondToken(t *testing.T) {
	m := parkModel{noSwap: true}
	faulty(t, parkStart(), m.steps, m.wrong)
}
