package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// underWay is the calls that a binding has accepted and not answered. They outlive a Serve
// that is to be followed by another, as the queue of the service does.
type underWay struct {
	most int // immutable

	mu   sync.Mutex          // guards what follows
	open map[string]*request // by inbox
	cut  chan struct{}       // of the requests that are open: closed when they are cut off
	idle chan struct{}       // closed when nothing is open; nil: no one waits for that
	left departed
}

func newUnderWay(most int) *underWay {
	return &underWay{most: most, open: map[string]*request{}, cut: make(chan struct{})}
}

func (u *underWay) len() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.open)
}

// errTwice: the same message has come twice. What answers the first answers both.
var errTwice = errors.New("remote: the call is under way")

// enter takes a call, or returns why not. One that is there already is errTwice.
func (u *underWay) enter(r *request) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.open[r.inbox] != nil:
		return errTwice
	case u.left.has(r.inbox):
		return context.Canceled
	case len(u.open) >= u.most:
		return fmt.Errorf("%w: %d calls are under way", actor.ErrMailboxFull, len(u.open))
	}
	r.cut = u.cut
	u.open[r.inbox] = r
	return nil
}

// leave forgets a call that was answered.
func (u *underWay) leave(r *request) {
	r.cancel()
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, r.inbox)
	if u.idle != nil && len(u.open) == 0 {
		close(u.idle)
		u.idle = nil
	}
}

// cancel ends the context of the call with that inbox. It comes by another subscription than
// the call, and may be earlier.
func (u *underWay) cancel(inbox string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if r := u.open[inbox]; r != nil {
		r.cancel()
	} else if len(inbox) <= maxInbox {
		u.left.add(inbox)
	}
}

// end waits until nothing is open. After the time given, the contexts of the calls that are
// left end, and after the grace their callers are told without an answer of the service.
func (u *underWay) end(patience, grace time.Duration) {
	idle := u.whenIdle()
	if within(idle, patience) {
		return
	}
	u.cancelAll()
	if within(idle, grace) {
		return
	}
	u.cutOff()
	<-idle
}

// within waits for done, and reports whether it is closed in time.
func within(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

func (u *underWay) whenIdle() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	idle := make(chan struct{})
	if len(u.open) == 0 {
		close(idle)
	} else {
		u.idle = idle
	}
	return idle
}

func (u *underWay) cancelAll() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range u.open {
		r.cancel()
	}
}

func (u *underWay) cutOff() {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.cut)
	u.cut = make(chan struct{})
}

const (
	maxInbox    = 256  // bytes
	maxDeparted = 1024 // inboxes
)

// departed is the inboxes of the last calls whose callers have left before they came, or
// that are answered.
type departed struct {
	set  map[string]bool
	ring []string
	next int
}

func (d *departed) has(inbox string) bool { return d.set[inbox] }

func (d *departed) add(inbox string) {
	if d.set == nil {
		d.set = map[string]bool{}
	}
	if d.set[inbox] {
		return
	}
	d.set[inbox] = true
	if len(d.ring) < maxDeparted {
		d.ring = append(d.ring, inbox)
		return
	}
	delete(d.set, d.ring[d.next])
	d.ring[d.next] = inbox
	d.next = (d.next + 1) % maxDeparted
}
