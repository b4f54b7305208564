package observer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// How often, and how long, a tree is looked at.
const (
	interval = time.Second // between two samples, at least
	share    = 20          // and so many times what a sample took: at most a twentieth of a processor
	lasting  = time.Minute // for which samples are taken after the last client has asked
)

// sample is a tree as it was at an instant. It is immutable except for next, which the watch
// closes.
type sample struct {
	at     time.Time
	tree   supervisor.Node
	cycles [][]actor.WaitsFor
	err    error         // if the look has failed: instead of all else
	taken  time.Time     // when the sample was complete
	next   chan struct{} // closed when there is a later one
}

// watch takes samples of a tree, which all clients share: at most one a second, and none unless a
// client has asked in the last minute.
//
//	state    event                            next
//	asleep   a client asks                    looking
//	looking  the sample is there              waiting
//	waiting  the interval is over             looking
//	waiting  likewise, unseen for a minute    asleep: the samples are dropped
type watch struct {
	tree   Tree
	series series // has a lock of its own

	mu     sync.Mutex
	latest *sample       // nil: asleep, or the first is being taken
	busy   chan struct{} // closed when a sample has been taken; nil: none is being
	timer  *time.Timer   // nil: asleep
	seen   time.Time     // when a client asked last
}

// look returns the latest sample. If there is none of the last interval it takes one, or waits
// for one that another client takes, but no longer than ctx.
func (w *watch) look(ctx context.Context) (*sample, error) {
	w.mu.Lock()
	w.seen = time.Now()
	s, busy := w.latest, w.busy
	fresh := s != nil && time.Since(s.taken) < interval
	if busy == nil && !fresh {
		w.begin()
	}
	w.mu.Unlock()
	switch {
	case busy != nil:
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	case !fresh:
		w.take()
	}
	if busy != nil || !fresh {
		w.mu.Lock()
		s = w.latest
		w.mu.Unlock()
	}
	return s, s.err
}

// begin notes that a sample is being taken; the caller calls take next. mu is held.
func (w *watch) begin() {
	w.busy = make(chan struct{})
	if w.timer != nil {
		w.timer.Stop()
	}
}

// take takes a sample. The tree may be of any type: if its Snapshot panics, or ends the
// goroutine, that is the error of the sample.
func (w *watch) take() {
	s := &sample{at: time.Now(), next: make(chan struct{}), err: errNoSnapshot}
	defer w.publish(s)
	defer func() {
		if v := recover(); v != nil {
			s.err = fmt.Errorf("the Snapshot of the tree panicked with a %T", v)
		}
	}()
	s.tree = w.tree.Snapshot()
	if s.cycles = cycles(waits(&s.tree, nil)); len(s.cycles) > 0 {
		again := w.tree.Snapshot()
		s.cycles = still(s.cycles, waits(&again, nil))
	}
	w.series.add(s.at, &s.tree)
	s.err = nil
}

var errNoSnapshot = fmt.Errorf("the Snapshot of the tree ended its goroutine")

// publish makes s the latest sample, and sets the timer for the next one.
func (w *watch) publish(s *sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.latest != nil {
		close(w.latest.next)
	}
	s.taken, w.latest = time.Now(), s
	close(w.busy)
	w.busy = nil
	wait := max(interval, share*time.Since(s.at))
	if w.timer == nil {
		w.timer = time.AfterFunc(wait, w.ring)
	} else {
		w.timer.Reset(wait)
	}
}

// ring is called when the next sample is due.
func (w *watch) ring() {
	w.mu.Lock()
	if w.busy != nil { // a client was quicker, and sets the timer again
		w.mu.Unlock()
		return
	}
	if time.Since(w.seen) > lasting {
		close(w.latest.next)
		w.latest, w.timer = nil, nil
		w.mu.Unlock()
		w.series.forget()
		return
	}
	w.begin()
	w.mu.Unlock()
	w.take()
}
