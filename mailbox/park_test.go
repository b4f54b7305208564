package mailbox

import (
	"fmt"
	"os"
	"testing"
)

// wrong is what holds in each state, and at the end, or when all that may still happen is that
// it is closed or resumed: if it is closed the owner has gone, and otherwise it sleeps, but not
// beside a signal, nor beside a value unless it is paused.
//
//go:norace
func (m parkModel) wrong(s parkState, end bool) string {
	switch {
	case s.overran:
		return "a value was taken before its turn"
	case s.tokens > 1:
		return "two tokens"
	case !end && !m.quiet(&s) || s.tokens == 0 && s.owner == ownerGone:
		return ""
	case s.tokens != 0:
		return "a token is left"
	case s.tail.closed || s.signal || !s.paused && !m.all(&s):
		return fmt.Sprintf("the owner sleeps for ever: taken %d, closed %t, signal %t, paused %t; %+v",
			s.taken, s.tail.closed, s.signal, s.paused, s.tail)
	}
	return ""
}

// quiet reports whether nothing has to happen any more.
//
//go:norace
func (parkModel) quiet(s *parkState) bool {
	if s.owner != ownerReceive || s.tokens != 0 {
		return false
	}
	for i, w := range s.wakers {
		if w != wakerEnd && !(i == closer && w == wakerStart) && !(i == pauser && w == wakerResume) {
			return false
		}
	}
	return true
}

// start leaves some of the wakers out, to keep the search short.
func (parkModel) start(without ...int) (s parkState) {
	for _, w := range without {
		s.wakers[w] = wakerEnd
	}
	return s
}

// The searches, and who is left out of each: a signal, a pause, a line and a growth meet the end
// of three senders or two, and each meets each other. With NANO_MAILBOX_LONG, which
// check.sh -long sets, only the first one named is left out: some millions of states.
func TestParkModel(t *testing.T) {
	long := os.Getenv("NANO_MAILBOX_LONG") != ""
	for _, c := range []struct {
		name    string
		m       parkModel
		without []int
	}{
		{"nothing else", parkModel{}, []int{pauser}},
		{"a pause", parkModel{}, []int{signaller}},
		{"a line", parkModel{line: true}, []int{pauser, signaller}},
		{"a line and a signal", parkModel{line: true}, []int{1, pauser}},
		{"a line and a pause", parkModel{line: true}, []int{1, signaller}},
		{"a growth", parkModel{slots: 1}, []int{pauser, signaller}},
		{"a growth and a signal", parkModel{slots: 1}, []int{0, pauser}},
		{"a growth and a pause", parkModel{slots: 1}, []int{0, signaller}},
		{"a growth and a line", parkModel{slots: 1, line: true}, []int{pauser, signaller}},
		{"its oldest dropped", parkModel{oldest: true}, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if long {
				c.without = c.without[:1]
			}
			sound(t, c.m.start(c.without...), c.m.steps, c.m.wrong)
		})
	}
}

// Each step that is left out is found.
func TestParkModelFindsFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		m    parkModel
	}{
		{"no look after it has parked", parkModel{noOver: true}},
		{"no look after dozing", parkModel{noRecheck: true}},
		{"a store in place of the swap", parkModel{noSwap: true}},
		{"a token whoever has cleared it", parkModel{noClear: true}},
		{"a value that wakes no owner", parkModel{noNudge: true}},
		{"a value of a line that wakes no owner", parkModel{line: true, noLineNudge: true}},
		{"an end of a pause that wakes no owner", parkModel{noResume: true}},
		{"two who hand over", parkModel{handsTwice: true}},
		{"it parks though a ticket is out", parkModel{parksAnyway: true}},
		{"it parks though there is a line", parkModel{line: true, parksLined: true}},
		{"it parks in a growth", parkModel{slots: 1, parksGrown: true}},
		{"it parks without tickets", parkModel{oldest: true, parksOldest: true}},
		{"who stands in line does not wake it", parkModel{line: true, noLineWake: true}},
		{"the token first", parkModel{tokenFirst: true}},
		{"it parks on another tail", parkModel{storesTail: true}},
		{"it goes on though another has cleared the flag", parkModel{noUnpark: true}},
		{"it goes on though another has written awake", parkModel{noAwake: true}},
	} {
		other := pauser
		if c.m.noResume {
			other = signaller
		}
		t.Run(c.name, func(t *testing.T) { faulty(t, c.m.start(0, other), c.m.steps, c.m.wrong) })
	}
}
