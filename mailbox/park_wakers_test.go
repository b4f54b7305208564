package mailbox

// parkWaker is what a sender, a signaller, one who pauses or a closer does next.
type parkWaker uint8

const (
	wakerStart   parkWaker = iota
	wakerLine              // has set crowded (the one who stands in line only)
	wakerPublish           // has a ticket
	wakerHand              // has a ticket of an owner that sleeps
	wakerStore             // saw the flag, and does not look again
	wakerFull              // found the ring full at this ticket
	wakerRing              // saw that it is being replaced
	wakerGrown             // has seen to it that there is another
	wakerOpen              // has published, and takes crowded back
	wakerTail              // signalled, closed, or found the flag in a crowd
	wakerLoad              // reads sleep
	wakerSwap              // saw dozing
	wakerSend              // owes a token
	wakerResume            // has paused
	wakerEnd
)

const liner, signaller, pauser, closer = 2, 3, 4, 5 // wakers 0 to 2 are senders

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
		if name = "is refused in line"; s.tail.closed {
			*w, n.tail.crowded = wakerEnd, false
		} else {
			name = m.pushes(&n, i)
		}
	case wakerPublish:
		name, n.slots[s.ticket[i]] = "publishes", true
		switch {
		case m.line && i == liner:
			*w = wakerOpen
		case m.noNudge:
			*w = wakerEnd
		default:
			*w = wakerLoad
		}
	case wakerOpen:
		name, n.tail.crowded, *w = "ends the crowd", false, wakerLoad
		if m.noLineNudge {
			*w = wakerEnd
		}
	case wakerHand:
		name, n.has, n.hands, *w = "hands over", true, s.ticket[i], wakerSend
		if m.tokenFirst {
			*w = wakerEnd
		}
	case wakerStore:
		name, n.tail, *w = "stores the tail", parkTail{tickets: s.ticket[i] + 1}, wakerHand
	case wakerResume:
		name, n.paused, *w = "resumes", false, wakerTail
		if m.noResume {
			*w = wakerEnd
		}
	case wakerFull, wakerRing, wakerGrown:
		name = m.grows(&n, i)
	default:
		name = m.wakes(&n, i)
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
	case i == pauser:
		name, n.paused, *w = "pauses", true, wakerTail
	case i == closer:
		name, n.tail.closed, *w = "closes", true, wakerTail
	case m.oldest:
		name, *w = "is refused", wakerEnd
		if !n.tail.closed {
			name, *w = "puts into the list", wakerTail
			n.listed++
		}
	case m.line && i == liner:
		name, *w, n.lined = "sets crowded", wakerLine, true
		if n.tail.parked && !m.noLineWake {
			*w, n.lined = wakerTail, false
		}
		n.tail.crowded = true
	case n.tail.closed:
		name, *w = "is refused", wakerEnd
	case n.tail.crowded && !n.tail.growing: // full: it goes away
		name, *w = "finds a crowd", wakerEnd
	default:
		name = m.pushes(n, i)
	}
	return name
}

// pushes is the step in which a sender gets a ticket, unless there is none to be had.
//
//go:norace
func (m parkModel) pushes(n *parkState, i int) (name string) {
	w := &n.wakers[i]
	n.ticket[i] = n.tail.tickets
	switch {
	case n.tail.growing:
		name, *w = "meets a growth", wakerRing
	case n.tail.parked && m.handsTwice:
		name, *w = "sees the flag", wakerStore
	case n.tail.parked && !n.tail.crowded:
		name, n.ticket[i], n.tail.parked, *w = "takes a ticket and the flag", n.number(), false, wakerHand
		if m.tokenFirst {
			n.tokens++
		}
		n.tail.tickets++
	case m.slots > 0 && n.tail.tickets-n.ring.base >= m.slots+n.taken-min(n.taken, n.ring.first):
		name, *w = "finds the ring full", wakerFull
	default:
		name, n.ticket[i], *w = "takes a ticket", n.number(), wakerPublish
		n.tail.tickets++
	}
	return name
}

// grows is a step in the replacement of a ring. When it is over the sender begins again.
//
//go:norace
func (m parkModel) grows(n *parkState, i int) (name string) {
	again := wakerStart
	if m.line && i == liner {
		again = wakerLine
	}
	w, ticket := &n.wakers[i], n.ticket[i]
	switch *w {
	case wakerFull:
		name, *w = "finds another tail than the full one", again
		if n.tail == (parkTail{tickets: ticket, crowded: again == wakerLine}) {
			name, n.tail.growing, *w = "announces a growth", true, wakerRing
		}
	case wakerRing:
		name, *w = "replaces the ring", wakerGrown
		n.replace(ticket)
	case wakerGrown:
		name, *w = "ends the growth", again
		n.grown(ticket)
	}
	return name
}

// wakes is a step of rouse, or of nudge.
//
//go:norace
func (m parkModel) wakes(n *parkState, i int) (name string) {
	w := &n.wakers[i]
	switch *w {
	case wakerTail:
		name, *w = "reads the tail", wakerLoad
		if n.tail.parked {
			name, n.tail.parked, *w = "clears the flag", false, wakerSend
		}
	case wakerLoad:
		name, *w = "reads sleep", m.next(n, i)
		if n.dozing {
			*w = wakerSwap
		}
	case wakerSwap:
		name = "swaps sleep"
		if n.dozing || m.noSwap {
			n.dozing, *w = false, wakerSend
		} else {
			*w = m.next(n, i)
		}
	case wakerSend:
		name, *w = "sends the token", m.next(n, i)
		n.tokens++
	}
	return name
}

// next is what a waker does when the owner has been woken.
//
//go:norace
func (m parkModel) next(n *parkState, i int) parkWaker {
	switch {
	case i == pauser && n.paused:
		return wakerResume
	case m.line && i == liner && !n.lined:
		n.lined = true
		return wakerLine
	}
	return wakerEnd
}
