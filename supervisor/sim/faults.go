package sim

import (
	"path"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/internal/seam"
)

// Faults are the rates, from 0 to 1, at which something goes wrong, for each opportunity.
// Each run has a random half of the kinds that have a rate. The zero Faults has none.
type Faults struct {
	// A closure crashes: before it has done anything, after it has done all, or when it goes
	// on after a call that it has made.
	Crash float64
	// A constructor returns an error, or work of a Pipe panics.
	Build float64
	// A closure takes Delay before it begins.
	Slow float64
	// A bounded service refuses a closure though it has room.
	Full float64
	// A step that is ready is held back for Delay, so that time-outs race with answers.
	Hold float64
	// The context of a client ends before one of its steps.
	Cancel float64

	Max   int           // at most so many in a run. Default: 3, so that a report can be understood
	Delay time.Duration // of Slow and Hold, in virtual time. Default: 10 ms
	// Paths of the services that are meant, as path.Match has them. Default: all of trees.
	// Clients and what Start made are spared: their crash is the end of the test.
	Of []string
}

// Every is a rate for each kind.
var Every = Faults{Crash: .03, Build: .05, Slow: .03, Full: .05, Hold: .02, Cancel: .01}

const (
	maxFaults  = 3
	faultDelay = 10 * time.Millisecond
)

// faultKind is a kind of fault, in the words of reports and kept files.
type faultKind string

const (
	crashBefore faultKind = "crash-before"
	crashAfter  faultKind = "crash-after"
	crashMiddle faultKind = "crash-middle"
	buildFails  faultKind = "build-fails"
	workFails   faultKind = "work-fails"
	slow        faultKind = "slow"
	full        faultKind = "full"
	hold        faultKind = "hold"
	cancel      faultKind = "cancel"
)

var faultKinds = []faultKind{crashBefore, crashAfter, crashMiddle, buildFails, workFails, slow, full, hold, cancel}

// rate returns how often a kind is to happen.
func (f *Faults) rate(kind faultKind) float64 {
	switch kind {
	case crashBefore, crashAfter, crashMiddle:
		return f.Crash
	case buildFails, workFails:
		return f.Build
	case slow:
		return f.Slow
	case full:
		return f.Full
	case hold:
		return f.Hold
	}
	return f.Cancel
}

// means reports whether f is for a service with that path.
func (f *Faults) means(p string) bool {
	return len(f.Of) == 0 || slices.ContainsFunc(f.Of, func(pattern string) bool {
		ok, err := path.Match(pattern, p)
		return ok && err == nil
	})
}

// fault is one that happens: of that kind, at that opportunity.
type fault struct {
	kind faultKind
	at   string
}

func (f fault) String() string { return string(f.kind) + " " + f.at }

// injected is what a fault panics with, or a constructor returns.
type injected struct{ fault }

func (i *injected) Error() string { return "sim: fault: " + i.String() }

// happens reports whether a fault of that kind happens to what has that path at that
// opportunity.
func (k *kernel) happens(kind faultKind, path, at string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.happensLocked(kind, path, at)
}

func (k *kernel) happensLocked(kind faultKind, path, at string) bool {
	f := k.run.faults
	most := f.Max
	if most == 0 {
		most = maxFaults
	}
	rate := f.rate(kind)
	if k.free || rate == 0 || !f.means(path) || len(k.run.struck) >= most || !k.way.strikes(fault{kind, at}, rate) {
		return false
	}
	k.run.struck = append(k.run.struck, fault{kind, at})
	k.notes("fault: " + fault{kind, at}.String())
	return true
}

// strike has a closure crash if a fault of that kind happens.
func (k *kernel) strike(kind faultKind, path, at string) {
	if k.happens(kind, path, at) {
		panic(&injected{fault{kind, at}})
	}
}

// faultOf returns what ends the context of the client whose step is being granted, or the
// fault that is to happen in that step; mu is held.
func (k *kernel) faultOf(t *turn) (cancels func(), err error) {
	if c := k.run.client(t.path); c != nil {
		if k.happensLocked(cancel, t.path, t.key()) {
			return c.cancel, nil
		}
		return nil, nil
	}
	owner, _, _ := cutNumber(t.path)
	s := k.services[owner]
	if s == nil || s.spared || t.aside {
		return nil, nil
	}
	kind, known := map[seam.Kind]faultKind{seam.Begin: buildFails, seam.Resume: crashMiddle, seam.Work: workFails}[t.kind]
	if known && k.happensLocked(kind, owner, t.key()) {
		return nil, &injected{fault{kind, t.key()}}
	}
	return nil, nil
}
