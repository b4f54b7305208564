package remote

import (
	"errors"
	"fmt"
	"sync"

	"github.com/bruskajp/nano_services/actor"
)

// maxLost is how many errors of casts a client keeps for its next Sync. Of more, it
// keeps the number.
const maxLost = 32

// account is what a client knows of its casts, for Sync. They are in batches: one ends
// when Sync asks, and is over when all of its casts are accounted for.
type account struct {
	mu     sync.Mutex // guards what follows
	batch  *batch     // of the casts to come; nil: there was none since the last Sync
	open   []*batch   // that are not over, batch included
	errs   []missed
	beyond int  // that are not in errs
	mixed  bool // some were accepted, or that is not known
}

// missed is a cast that was not accepted, or of which that is not known.
type missed struct {
	method string
	what   actor.Outcome
	err    error
}

// batch is some casts.
type batch struct {
	casts  int           // that are not accounted for
	closed bool          // there will be no more
	over   chan struct{} // closed when closed and casts is 0
}

// begin enters a cast, and returns where it is to be ended.
func (a *account) begin() *batch {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.batch == nil {
		a.batch = &batch{over: make(chan struct{})}
		a.open = append(a.open, a.batch)
	}
	a.batch.casts++
	return a.batch
}

// end accounts for a cast of the batch, or for one that was never begun. m says that it was
// not accepted.
func (a *account) end(b *batch, m *missed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mixed = a.mixed || m == nil || m.what != actor.NotRun
	switch {
	case m == nil:
	case len(a.errs) < maxLost:
		a.errs = append(a.errs, *m)
	default:
		a.beyond++
	}
	if b != nil {
		b.casts--
		a.conclude(b)
	}
}

// conclude ends a batch that is over. mu is held.
func (a *account) conclude(b *batch) {
	if !b.closed || b.casts > 0 {
		return
	}
	close(b.over)
	for i, other := range a.open {
		if other == b {
			a.open = append(a.open[:i:i], a.open[i+1:]...)
			break
		}
	}
}

// batches closes the present batch, and returns channels that are closed when all casts so
// far are accounted for.
func (a *account) batches() (all []<-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.open {
		all = append(all, b.over)
	}
	if b := a.batch; b != nil {
		a.batch, b.closed = nil, true
		a.conclude(b)
	}
	return all
}

// take returns what was not accepted since it was called last, with the number beyond
// maxLost, and whether some casts were accepted or may have been.
func (a *account) take() (errs []missed, beyond int, mixed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	errs, beyond, mixed = a.errs, a.beyond, a.mixed
	a.errs, a.beyond, a.mixed = nil, 0, false
	return errs, beyond, mixed
}

// lost returns the errors of casts since it was called last, joined. They are NotRun only
// if all casts were.
func (c *Client) lost() error {
	missed, beyond, mixed := c.account.take()
	var errs []error
	for _, m := range missed {
		errs = append(errs, c.failed("cast", m.method, m.what, m.err))
	}
	if beyond > 0 {
		errs = append(errs, fmt.Errorf("remote: and %d casts more were not accepted", beyond))
	}
	err := errors.Join(errs...)
	if err != nil && mixed {
		return actor.WithOutcome(err, actor.Unknown)
	}
	return err
}

// casts counts those of a node. Its numbers move together, so that always Sent = Accepted +
// Refused + Unknown + InFlight.
type casts struct {
	mu  sync.Mutex
	now Casts // guarded by mu
}

func (c *casts) load() Casts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// refuse counts a cast that was not sent.
func (c *casts) refuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Unsent++
}

// open counts a cast that is to be sent.
func (c *casts) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Sent++
	c.now.InFlight++
}

// end counts what has become of a cast; unsent: it was not sent after all.
func (c *casts) end(what actor.Outcome, unsent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.InFlight--
	switch {
	case unsent:
		c.now.Sent--
		c.now.Unsent++
	case what == actor.Ran:
		c.now.Accepted++
	case what == actor.NotRun:
		c.now.Refused++
	default:
		c.now.Unknown++
	}
}
