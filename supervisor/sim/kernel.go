package sim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/seam"
)

// kernel has the goroutines of one run take their steps one at a time. It runs on the main
// goroutine of a synctest bubble, and implements seam.Scheduler for what takes part.
//
// Between two steps all goroutines of the bubble are durably blocked: those that are ready
// for a step in Step, the others for what only another step, or the clock, brings about.
type kernel struct {
	run  *run
	way  way   // which turn is next, and what goes wrong
	tale *tale // nil: nothing is told
	at   int   // the number of the latest step
	busy *turn // it

	switched bool // it is not the one of the default order

	mu       sync.Mutex
	new      []*turn           // that came since the latest step
	ready    []*turn           // ordered by when they became ready, and then by name
	taken    map[string]int    // steps, by who has taken them
	names    map[string]int    // how often a name was asked for
	roots    map[any]string    // supervisors without one above them
	strange  map[string]string // goroutines that are no service's, by number
	ends     []func(context.Context) error
	services map[string]*service
	free     bool          // at the end of the run: each step is granted at once
	delayed  int           // closures that are slow, and turns that are held back
	asleep   time.Time     // when the latest Sleep ends
	arrived  chan struct{} // gets a token when a turn comes
	beats    atomic.Uint64 // for the watchdog outside of the bubble
}

// turn is a step that somebody is ready for.
type turn struct {
	path  string // as Step has it
	who   string // no two that are ready have the same
	kind  seam.Kind
	nth   int  // of this actor's steps
	since int  // the step after which it became ready
	aside bool // it is of a goroutine that a closure has started: its panic would be the process's end
	id    string
	until time.Time // held back; zero: not
	take  chan error
}

func (t *turn) key() string { return t.who + "/" + strconv.Itoa(t.nth) }

func newKernel(r *run, w way) *kernel {
	return &kernel{
		run: r, way: w, busy: &turn{},
		taken: map[string]int{}, names: map[string]int{}, roots: map[any]string{}, strange: map[string]string{},
		services: map[string]*service{}, arrived: make(chan struct{}, 1),
	}
}

// Step implements seam.Scheduler.
func (k *kernel) Step(path string, kind seam.Kind) error {
	k.mu.Lock()
	if k.free {
		k.mu.Unlock()
		return nil
	}
	t := &turn{path: path, who: path, kind: kind, id: goid.ID(), take: make(chan error, 1)}
	if _, own := seam.Here(); kind == seam.Resume {
		t.aside = own != path
	}
	k.new = append(k.new, t)
	k.mu.Unlock()
	k.wake()
	return <-t.take
}

func (k *kernel) wake() {
	select {
	case k.arrived <- struct{}{}:
	default:
	}
}

// Around implements seam.Scheduler.
func (k *kernel) Around(path string, closure fmt.Stringer, run func() error) error {
	k.mu.Lock()
	s := k.serviceAt(path)
	if k.free {
		k.mu.Unlock()
		return run()
	}
	s.calls++
	at := path + "/" + strconv.Itoa(s.calls)
	k.tells(s, closure)
	spared := s.spared
	k.mu.Unlock()
	if !spared {
		k.strike(crashBefore, path, at)
		if k.happens(slow, path, at) {
			k.delays(+1)
			time.Sleep(k.run.delay())
			k.delays(-1)
			if err := k.Step(path, seam.Resume); err != nil {
				panic(err)
			}
		}
	}
	err := run()
	if !spared {
		k.strike(crashAfter, path, at)
	}
	return err
}

// Refuses implements seam.Scheduler.
func (k *kernel) Refuses(path string) bool {
	k.mu.Lock()
	s := k.serviceAt(path)
	if k.free || s.spared {
		k.mu.Unlock()
		return false
	}
	k.names["full "+path]++
	at := path + "/" + strconv.Itoa(k.names["full "+path])
	k.mu.Unlock()
	return k.happens(full, path, at)
}

// Trouble implements seam.Scheduler.
func (k *kernel) Trouble(path string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.free {
		k.run.trouble(path, err)
	}
}

// goesOn lets one step after another be taken until the run is over: its clients have
// returned and nothing is ready, or it has failed.
func (k *kernel) goesOn() {
	for {
		k.quiet()
		if k.run.failed() || !k.looks() {
			return
		}
		if k.at >= k.run.opts.steps {
			k.run.fail("too many steps", "", fmt.Sprintf("%d steps were taken, and there are more: nothing ends", k.at))
			return
		}
		if t := k.next(); t != nil {
			k.at++
			k.grant(t)
			continue
		}
		if k.run.over() && !k.delays(0) {
			return
		}
		if !k.waits() {
			return
		}
	}
}

// quiet waits until all goroutines of the run are blocked, and looks at what has come of the
// latest step.
func (k *kernel) quiet() {
	synctest.Wait()
	k.takeIn()
}

// waits lets time go on to the next timer. It reports false if nothing happens.
func (k *kernel) waits() bool {
	k.mu.Lock()
	idle := time.NewTimer(k.run.opts.idle + max(time.Until(k.asleep), 0))
	k.mu.Unlock()
	defer idle.Stop()
	select {
	case <-k.arrived:
		return true
	case <-k.run.changed:
		return true
	case <-idle.C:
		k.run.fail("stuck", "", "nothing has happened for "+k.run.opts.idle.String()+"\n"+k.stuck())
		return false
	}
}

// delays counts what a fault holds up, and reports whether there is any.
func (k *kernel) delays(by int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.delayed += by
	return k.delayed > 0
}

// sleeps is told of a Sleep: who sleeps is not stuck.
func (k *kernel) sleeps(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if until := time.Now().Add(d); until.After(k.asleep) {
		k.asleep = until
	}
}

// takeIn orders what became ready since the latest step by name: in which order they came
// is the Go scheduler's affair.
func (k *kernel) takeIn() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.beats.Add(1)
	k.attributes()
	k.tellState()
	for _, t := range k.new {
		t.since = k.at
	}
	slices.SortFunc(k.new, func(a, b *turn) int {
		return cmp.Or(strings.Compare(a.who, b.who), cmp.Compare(a.kind, b.kind), cmp.Compare(len(a.id), len(b.id)), strings.Compare(a.id, b.id))
	})
	for _, t := range k.new {
		t.who = k.nameOf(t)
		k.ready = append(k.ready, t)
		k.taken[t.who]++
		t.nth = k.taken[t.who]
		if t.kind != seam.Begin && k.happensLocked(hold, t.path, t.key()) {
			t.until = time.Now().Add(k.run.delay())
			k.delayed++
			time.AfterFunc(k.run.delay(), func() { k.delays(-1); k.wake() })
		}
	}
	k.new = nil
}

// next takes the turn that is next out of those that are ready, or returns nil.
func (k *kernel) next() *turn {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	var able, last []*turn
	for _, t := range k.ready {
		switch {
		case t.until.After(now):
		case t.kind == settles:
			last = append(last, t)
		default:
			able = append(able, t)
		}
	}
	if len(able) == 0 {
		able = last
	}
	if len(able) == 0 {
		return nil
	}
	usual := k.usual(able)
	t := usual
	if len(able) > 1 {
		k.run.choices++
		if t = k.way.choose(able, usual); t != usual {
			k.run.taken = append(k.run.taken, deviation{usual.key(), t.who})
		}
		k.switched = t != usual
	} else {
		k.switched = false
	}
	k.ready = slices.DeleteFunc(k.ready, func(other *turn) bool { return other == t })
	return t
}

// usual returns the turn that the default order takes: of what became ready last, the first
// by name. So what was begun is finished before something else begins.
func (k *kernel) usual(able []*turn) *turn {
	best := able[0]
	for _, t := range able[1:] {
		if t.since > best.since {
			best = t
		}
	}
	return best
}

func (k *kernel) grant(t *turn) {
	k.mu.Lock()
	k.busy = t
	k.tellStep(t)
	cancels, fault := k.faultOf(t)
	k.mu.Unlock()
	if cancels != nil {
		cancels()
		synctest.Wait() // a context ends on goroutines of its own, too
	}
	t.take <- fault
}

// release grants every step from now on at once.
func (k *kernel) release() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.free = true
	for _, t := range append(k.ready, k.new...) {
		t.take <- nil
	}
	k.ready, k.new = nil, nil
}
