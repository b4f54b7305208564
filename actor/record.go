package actor

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Recording is what Record collects. Its methods may be called by any goroutine.
type Recording struct {
	c *core
	n int

	mu   sync.Mutex
	all  []ClosureRecord
	done chan struct{} // closed when there are n, or by Stop
	over bool
}

// Record is Service.Record.
func (c *core) Record(n int) *Recording {
	c.made()
	must(n >= 1, fmt.Sprintf("actor: Record(%d): a number of closures is at least 1", n))
	r := &Recording{c: c, n: n, done: make(chan struct{})}
	c.changeLens(func(l *lens) { l.sinks = append(l.sinks, r) })
	return r
}

// Wait returns the closures when there are n, and what there is, with an error that
// wraps the context's, when ctx ends before. It goes on to be possible to wait. After
// Stop it returns what there is.
func (r *Recording) Wait(ctx context.Context) ([]ClosureRecord, error) {
	must(ctx != nil, "actor: Wait with a nil context")
	complete := first(r.done, ctx)
	all := r.sofar()
	if !complete {
		return all, fmt.Errorf("actor: %s: %d of %d closures recorded: %w", r.c.Name(), len(all), r.n, foreign.Why(ctx))
	}
	return all, nil
}

// Stop ends the recording, complete or not. It does not block, and may be called again.
func (r *Recording) Stop() {
	r.mu.Lock()
	r.end()
	r.mu.Unlock()
	r.leave()
}

func (r *Recording) sofar() []ClosureRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// end is called under mu.
func (r *Recording) end() {
	if !r.over {
		r.over = true
		close(r.done)
	}
}

// leave takes the recording off the service.
func (r *Recording) leave() {
	r.c.changeLens(func(l *lens) {
		l.sinks = slices.DeleteFunc(l.sinks, func(x sink) bool { return x == r })
	})
}

// add is called by the owner when a closure has ended.
func (r *Recording) add(e past) {
	c := e.closure(now())
	r.mu.Lock()
	if r.over {
		r.mu.Unlock()
		return
	}
	r.all = append(r.all, c)
	complete := len(r.all) == r.n
	if complete {
		r.end()
	}
	r.mu.Unlock()
	if complete {
		r.leave()
	}
}
