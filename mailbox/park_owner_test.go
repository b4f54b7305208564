package mailbox

// parkOwner is what the owner does next.
type parkOwner uint8

const (
	ownerLook      parkOwner = iota // takes what there is, or goes to sleep
	ownerShrink                     // gives a ring back that has grown
	ownerGrow                       // which is the first half of a growth,
	ownerGrown                      // and the second
	ownerTail                       // reads the tail
	ownerRing                       // reads the ring: is it empty?
	ownerPark                       // sets the flag, if the tail is still the same
	ownerOver                       // the signals,
	ownerOverEnd                    // and the end?
	ownerUnpark                     // clears the flag, if it is still there
	ownerDoze                       // sleep = dozing
	ownerAgain                      // the signals,
	ownerAgainSlot                  // a value,
	ownerAgainEnd                   // and the end?
	ownerWake                       // the compare-and-swap of its own
	ownerReceive                    // waits for a token
	ownerGone                       // saw the end
)

// sleeper returns the owner's next step, if there is one.
//
//go:norace
func (m parkModel) sleeper(s parkState) (name string, n parkState) {
	n = s
	switch {
	case s.owner == ownerLook:
		name, n.owner = m.look(&n)
	case s.owner < ownerOver:
		name = m.parks(&n)
	case s.owner == ownerReceive:
		if s.tokens > 0 {
			name, n.owner = "receives the token", ownerLook
			n.tokens--
			n.given, n.has = s.given || s.has, false
		}
	case s.owner != ownerGone:
		name = m.looksAgain(&n)
	}
	return name, n
}

// look is the owner's loop: it takes what there is, or goes to sleep.
//
//go:norace
func (m parkModel) look(n *parkState) (name string, next parkOwner) {
	next = ownerLook
	paused := n.paused && !n.tail.closed
	switch {
	case !paused && n.given:
		name, n.given, n.overran = "takes what it was given", false, n.overran || n.hands != n.taken
		n.taken++
	case !paused && m.published(n):
		name = "takes"
		n.taken++
	case n.signal:
		name, n.signal = "clears the signal", false
	case n.tail.closed && m.all(n):
		name, next = "goes", ownerGone
	default:
		name, next, n.while = "finds nothing to do", ownerTail, paused
		if n.ring.base > 0 && !n.shrunk {
			next, n.shrunk = ownerShrink, true
		}
	}
	return name, next
}

// parks is a step on the way to the flag.
//
//go:norace
func (m parkModel) parks(n *parkState) (name string) {
	switch n.owner {
	case ownerShrink:
		name, n.owner = "keeps the ring", ownerTail
		if !n.tail.growing && m.all(n) {
			name, n.seen, n.tail.growing, n.owner = "announces a smaller ring", n.tail, true, ownerGrow
		}
	case ownerGrow:
		name, n.owner = "replaces the ring", ownerGrown
		n.replace(n.seen.tickets)
	case ownerGrown:
		name, n.owner = "ends the growth", ownerTail
		n.grown(n.seen.tickets)
	case ownerTail:
		name, n.seen, n.owner = "reads the tail", n.tail, ownerRing
		if n.tail.growing && !m.parksGrown || n.tail.crowded && !m.parksLined || m.oldest && !m.parksOldest {
			n.owner = ownerDoze
		}
	case ownerRing:
		name, n.owner = "reads the ring", ownerDoze
		if n.ring.first+(n.seen.tickets-n.ring.base) == n.taken || m.parksAnyway {
			n.owner = ownerPark
		}
	case ownerPark:
		name, n.owner = "finds another tail", ownerLook
		if n.tail == n.seen || m.storesTail {
			name, n.tail.parked, n.owner = "parks", true, ownerOver
			if m.noOver {
				n.owner = ownerReceive
			}
		}
	}
	return name
}

// looksAgain is a step of an owner that may be asleep as others see it.
//
//go:norace
func (m parkModel) looksAgain(n *parkState) (name string) {
	signalled := n.signal || n.while && !n.paused
	switch n.owner {
	case ownerOver:
		name, n.owner = "looks for a signal", ownerOverEnd
		if signalled {
			n.owner = ownerUnpark
		}
	case ownerOverEnd:
		name, n.owner = "looks for the end", ownerReceive
		if n.tail.closed {
			n.owner = ownerUnpark
		}
	case ownerUnpark:
		name, n.owner = "clears the flag", ownerReceive
		if n.tail.parked || m.noUnpark {
			n.tail.parked, n.owner = false, ownerLook
		}
	case ownerDoze:
		name, n.dozing, n.owner = "writes dozing", true, ownerAgain
		if m.noRecheck {
			n.owner = ownerReceive
		}
	case ownerAgain:
		name, n.owner = "looks for a signal", ownerAgainSlot
		if n.while {
			n.owner = ownerAgainEnd
		}
		if signalled {
			n.owner = ownerWake
		}
	case ownerAgainSlot:
		name, n.owner = "looks for a value", ownerAgainEnd
		if n.given || m.published(n) {
			n.owner = ownerWake
		}
	case ownerAgainEnd:
		name, n.owner = "looks for the end", ownerReceive
		if n.tail.closed && (n.while || m.all(n)) {
			n.owner = ownerWake
		}
	case ownerWake:
		name, n.owner = "swaps sleep", ownerReceive
		if n.dozing || m.noAwake {
			n.dozing, n.owner = false, ownerLook
		}
	}
	return name
}
