package actor

import (
	"container/list"
	"context"
	"fmt"
	"slices"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Recording is what Record collects. Its methods may be called by any goroutine.
type Recording struct {
	c     *core
	n     int
	done  chan struct{} // closed when there are n, or it has been ended
	after uint64        // as many closures had been taken before

	// Guarded by recordings.mu.
	all   []ClosureRecord
	place *list.Element // nil: it is over
}

// Record is Service.Record.
func (c *core) Record(n int) *Recording {
	c.made()
	must(n >= 1, fmt.Sprintf("actor: Record(%d): a number of closures is at least 1", n))
	r := &Recording{c: c, n: n, done: make(chan struct{})}
	rs := r.lock()
	defer rs.mu.Unlock()
	r.place = rs.list.PushBack(r)
	if rs.list.Len() == 1 {
		c.changeLens(func(l *lens) { l.recorded = true })
	}
	r.after = c.box.Counts().Taken
	return r
}

func (r *Recording) lock() *recordings {
	must(r != nil && r.c != nil, "actor: a Recording is made by Record")
	rs := &r.c.notes.Get().recordings
	rs.mu.Lock()
	return rs
}

// Wait returns the closures when there are n. If ctx ends before, it ends the recording, as
// Stop does, and returns what there is, with an error that wraps the context's. After the end
// of the recording it returns what there is.
func (r *Recording) Wait(ctx context.Context) ([]ClosureRecord, error) {
	must(ctx != nil, "actor: Wait with a nil context")
	must(r != nil && r.c != nil, "actor: a Recording is made by Record")
	var err error
	if !first(r.done, ctx) {
		err = foreign.Why(ctx)
	}
	rs := r.lock()
	defer rs.mu.Unlock()
	if err != nil && r.end() {
		err = fmt.Errorf("actor: %s: %d of %d closures recorded: %w", r.c.Name(), len(r.all), r.n, err)
	} else {
		err = nil // it has been completed, or stopped, meanwhile
	}
	return slices.Clone(r.all), err
}

// Stop ends the recording, complete or not. It does not block, and may be called again.
func (r *Recording) Stop() {
	rs := r.lock()
	defer rs.mu.Unlock()
	r.end()
}

// end takes the recording off the service, and reports whether it went on; mu is held.
func (r *Recording) end() (went bool) {
	if r.place == nil {
		return false
	}
	rs := &r.c.notes.Get().recordings
	rs.list.Remove(r.place)
	r.place = nil
	close(r.done)
	if rs.list.Len() == 0 {
		r.c.changeLens(func(l *lens) { l.recorded = false })
	}
	return true
}

// add implements sink.
func (r *Recording) add(taken uint64, c ClosureRecord) {
	if taken <= r.after {
		return // it ran already
	}
	if r.all = append(r.all, c); len(r.all) == r.n {
		r.end()
	}
}
