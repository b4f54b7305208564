package mailbox

import (
	"fmt"
	"strconv"
	"testing"
)

// The model of place.go: three senders that stand in line one after the other, twice each,
// with places that were kept or are new, and the one who serves them.
type placeState struct {
	mu    uint8 // who holds it, plus one
	top   uint8 // of those that are kept; 0: none
	next  [6]uint8
	made  uint8
	token [6]bool
	line  [3]uint8
	lined uint8

	senders [3]placeSender
	server  placeServer
	serves  uint8 // the place that the server has taken out of the line
}

type placeSender struct {
	at        placeStep
	place     uint8 // in its hands
	top, next uint8 // as it has seen them
	rounds    uint8
}

type placeStep uint8

const (
	placeLock placeStep = iota
	placeLook           // at the first that is kept, and the one below
	placeTake           // claims it, or makes one
	placeLine
	placeUnlock
	placeWait
	placeFree // looks at the first, and puts its own above
	placeKeep // publishes that
	placeEnd
)

type placeServer uint8

const (
	serveLock placeServer = iota
	serveFirst
	serveUnlock
	serveToken
)

// placeModel says what is wrong with it.
type placeModel struct {
	noLock  bool // places are taken without the lock
	early   bool // the server keeps a place before it has sent the token
	noToken bool // a sender that finds itself served does not wait for the token
}

//go:norace
func (m placeModel) steps(s placeState, steps []step[placeState]) []step[placeState] {
	for i := range s.senders {
		if n, name := s, ""; m.sender(&n, i, &name) {
			steps = append(steps, step[placeState]{strconv.Itoa(i), name, n})
		}
	}
	if n, name := s, ""; m.serve(&n, &name) {
		steps = append(steps, step[placeState]{"server", name, n})
	}
	return steps
}

func (m placeModel) sender(s *placeState, i int, name *string) bool {
	x := &s.senders[i]
	switch x.at {
	case placeLock:
		if m.noLock {
			*name, x.at = "begins", placeLook
			return true
		}
		if s.mu != 0 {
			return false
		}
		*name, s.mu, x.at = "locks", uint8(i+1), placeLook
	case placeLook:
		*name, x.top, x.next, x.at = "looks", s.top, s.next[s.top], placeTake
	case placeTake:
		switch {
		case x.top == 0:
			s.made++
			*name, x.place, x.at = "makes a place", s.made, placeLine
		case s.top != x.top:
			*name, x.at = "fails to take", placeLook
		default:
			*name, s.top, x.place, x.at = "takes", x.next, x.top, placeLine
		}
		x.top, x.next = 0, 0
	case placeLine:
		if m.noLock {
			if s.mu != 0 {
				return false
			}
			s.mu = uint8(i + 1)
		}
		*name, s.line[s.lined], x.at = "joins the line", x.place, placeUnlock
		s.lined++
	case placeUnlock:
		*name, s.mu, x.at = "unlocks", 0, placeWait
	case placeWait:
		served := s.token[x.place]
		if m.noToken { // it looks whether it is in the line
			served = true
			for _, p := range s.line[:s.lined] {
				served = served && p != x.place
			}
		}
		if !served {
			return false
		}
		*name, x.at = "is served", placeFree
		if !m.noToken {
			s.token[x.place] = false
		}
		if m.early {
			m.ends(x)
		}
	case placeFree:
		*name, x.top, x.at = "frees", s.top, placeKeep
		s.next[x.place] = s.top
	case placeKeep:
		if s.top != x.top {
			*name, x.top, x.at = "fails to keep", 0, placeFree
			return true
		}
		*name, s.top, x.top = "keeps", x.place, 0
		m.ends(x)
	default:
		return false
	}
	return true
}

// ends ends a sender's round.
func (placeModel) ends(x *placeSender) {
	x.place, x.at = 0, placeLock
	if x.rounds++; x.rounds == 2 {
		x.at = placeEnd
	}
}

func (m placeModel) serve(s *placeState, name *string) bool {
	switch s.server {
	case serveLock:
		if s.lined == 0 || s.mu != 0 {
			return false
		}
		*name, s.mu, s.server = "locks", 4, serveFirst
	case serveFirst:
		*name, s.serves, s.server = "takes the first", s.line[0], serveUnlock
		s.line = [3]uint8{s.line[1], s.line[2]}
		s.lined--
	case serveUnlock:
		*name, s.mu, s.server = "unlocks", 0, serveToken
		if m.early {
			s.next[s.serves], s.top = s.top, s.serves
		}
	case serveToken:
		if s.token[s.serves] {
			return false
		}
		*name, s.token[s.serves], s.server, s.serves = "wakes", true, serveLock, 0
	}
	return true
}

func (m placeModel) wrong(s placeState, end bool) string {
	for i, a := range s.senders {
		for _, b := range s.senders[i+1:] {
			if a.place != 0 && a.place == b.place {
				return "two senders have one place"
			}
		}
	}
	if !end {
		return ""
	}
	for _, x := range s.senders {
		if x.at != placeEnd {
			return fmt.Sprintf("a sender has come as far as %d", x.at)
		}
	}
	if s.lined != 0 || s.token != [6]bool{} {
		return "something is left"
	}
	return ""
}

// two places are kept at first.
var placesKept = placeState{top: 1, next: [6]uint8{1: 2}, made: 2}

func TestPlaceModel(t *testing.T) { sound(t, placesKept, placeModel{}.steps, placeModel{}.wrong) }

func TestPlaceModelFindsTheMissingLock(t *testing.T) {
	m := placeModel{noLock: true}
	faulty(t, placesKept, m.steps, m.wrong)
}

func TestPlaceModelFindsTheEarlyPlace(t *testing.T) {
	m := placeModel{early: true}
	faulty(t, placesKept, m.steps, m.wrong)
}

func TestPlaceModelFindsTheTokenThatIsLeft(t *testing.T) {
	m := placeModel{noToken: true}
	faulty(t, placesKept, m.steps, m.wrong)
}
