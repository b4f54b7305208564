package supervisor

import (
	"slices"
	"sync"
	"time"
)

// deliveries are the reporters of a tree that have something to deliver. A supervisor below the
// root may have a hook and a logger of its own, and at its end the root waits for all of them.
type deliveries struct {
	mu   sync.Mutex
	busy []*reporter
	idle []func() // called when everything is delivered
}

// begin notes that r has something to deliver; r.mu is held.
func (d *deliveries) begin(r *reporter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = append(d.busy, r)
}

// end notes that r has nothing to deliver any more; r.mu is held.
func (d *deliveries) end(r *reporter) {
	d.mu.Lock()
	i := slices.Index(d.busy, r)
	d.busy = slices.Delete(d.busy, i, i+1)
	var idle []func()
	if len(d.busy) == 0 {
		idle, d.idle = d.idle, nil
	}
	d.mu.Unlock()
	for _, f := range idle {
		f()
	}
}

// whenIdle has f called when everything has been delivered. If that is so already, it reports
// false and f is not called.
func (d *deliveries) whenIdle(f func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.busy) > 0 {
		d.idle = append(d.idle, f)
	}
	return len(d.busy) > 0
}

// now returns the reporters that have something to deliver.
func (d *deliveries) now() []*reporter {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.busy)
}

// flushed: the hooks have got all events of that life, or have taken too long.
type flushed struct{ life uint64 }

// flushTime is how long the root waits for slow hooks to get their events.
const flushTime = time.Second

// flush waits until the hooks have got all events, but not for ever: a hook that blocks must not
// keep a supervisor from returning. It does not wait if the supervisor is to hurry, or if a hook
// may wait for the supervisor's end.
func (s *Supervisor) flush() {
	all := flushed{s.life}
	over := func() { s.post(all) }
	tree := s.reporter.tree
	if s.cutOffNow || !tree.whenIdle(over) {
		return
	}
	s.steps = nil // a hook's steps are not the tree's
	defer time.AfterFunc(flushTime, over).Stop()
	for !s.cutOffNow {
		if slices.ContainsFunc(tree.now(), func(r *reporter) bool { return r.mayWait.Load() == s }) {
			return
		}
		m := s.receive()
		if m == all {
			return
		}
		refuse(m, ErrStopping)
	}
}

// asked: a hook may wait for the end of the supervisor, so flush looks again whether one does.
type asked struct{}

// mayWait notes that the hook or the logger of r, which runs on the calling goroutine, has asked
// for Done of s: if the end of s waits for r, each may wait for the other until one of them loses
// patience.
func (s *Supervisor) mayWait(r *reporter) {
	if s.tells() != r.tree {
		return
	}
	r.mayWait.Store(s)
	s.post(asked{})
}
