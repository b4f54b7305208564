package actor

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// leave enters that a member has ended for good; mu is held.
func (p *Pool[T]) leave(m *member[T]) {
	list := *p.list.Load()
	if i := slices.Index(list, m); i >= 0 {
		kept := slices.Delete(slices.Clone(list), i, i+1)
		p.list.Store(&kept)
	} else if i := slices.Index(p.leaving, m); i >= 0 {
		p.leaving = slices.Delete(p.leaving, i, i+1)
	} else {
		return // that is known
	}
	p.past = sum(p.past, m.svc.Info())
}

// sum adds what can be added of two members; see Pool.Info.
func sum(a, b Info) Info {
	a.Accepted += b.Accepted
	a.Executed += b.Executed
	a.Dead += b.Dead
	a.Skipped += b.Skipped
	a.Queued += b.Queued
	a.Running += b.Running
	a.Refused += b.Refused
	a.High = max(a.High, b.High)
	a.WaitsFor = slices.Concat(a.WaitsFor, b.WaitsFor)
	a.Waits, a.Runs = a.Waits.plus(b.Waits), a.Runs.plus(b.Runs)
	a.Crash = later(a.Crash, b.Crash)
	return a
}

// later returns the later of two crashes, either of which may be nil, with the sum of
// their counts.
func later(a, b *Crash) *Crash {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	c := *a
	if b.Time.After(a.Time) {
		c = *b
	}
	c.Count = a.Count + b.Count
	return &c
}

// Stop ends the pool for good. Its members take nothing new, run what they had
// accepted, and end. Stop waits for all of them until ctx ends, and returns their
// errors, joined; see Service.Stop. From a closure of a member it does not wait for
// that member.
func (p *Pool[T]) Stop(ctx context.Context) error {
	if ctx == nil {
		panic("actor: Stop with a nil context")
	}
	all := p.end()
	for _, m := range all {
		m.svc.stopSoon() // so that they drain at the same time
	}
	var errs []error
	for _, m := range all {
		errs = append(errs, m.svc.Stop(ctx))
	}
	p.finish()
	return errors.Join(errs...)
}

// Kill ends the pool for good, at once, as Service.Kill ends each of its members.
func (p *Pool[T]) Kill() {
	for _, m := range p.end() {
		m.svc.Kill()
	}
	p.finish()
}

// end enters that the pool is to end for good, and returns all members.
func (p *Pool[T]) end() []*member[T] {
	p.made()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.final = true
	return p.everybody()
}

// finish closes done if the pool has ended for good.
func (p *Pool[T]) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.final || p.closed {
		return
	}
	for _, m := range p.everybody() {
		if m.svc.Info().State != Ended {
			return // a Serve that goes on will come here
		}
	}
	p.closed = true
	close(p.done)
	if p.life != nil {
		p.life.end() // though a member may be stuck
	}
}

// Done returns a channel that is closed when the pool has ended for good, as
// Service.Done is.
func (p *Pool[T]) Done() <-chan struct{} {
	p.made()
	return p.done
}

// Err returns what Serve returned the last time, and nil while it runs.
func (p *Pool[T]) Err() error {
	p.made()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Name returns the name of the pool: its path in the tree once a supervisor has
// served it, and what WithName gave it, or the type's, otherwise.
func (p *Pool[T]) Name() string {
	p.made()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.path
}

// Info returns what can be seen of its members together, those that have left included:
//
//   - the counters, Queued and Running are sums, and a member that leaves runs a closure
//     of the pool's own, or a few, which are counted;
//   - Waits and Runs are of the closures of all of them, and WaitsFor is all of theirs;
//   - High is the largest of one member;
//   - Crash is the latest of any, with the Count of all;
//   - State is that of the member which is furthest from its end, and Incarnation the
//     highest one.
//
// Paused and Closure are of one service and stay empty: Members has them for each.
func (p *Pool[T]) Info() Info {
	p.made()
	p.mu.Lock()
	defer p.mu.Unlock()
	total := p.past
	if none := p.none.Load(); none != nil {
		total = sum(total, none.Info())
	}
	total.Name, total.State = p.path, Ended
	rank := [...]int{Pending: 3, Running: 4, Draining: 2, Down: 1, Ended: 0}
	for _, m := range p.everybody() {
		i := m.svc.Info()
		total = sum(total, i)
		total.Incarnation = max(total.Incarnation, i.Incarnation)
		if rank[i.State] > rank[total.State] {
			total.State = i.State
		}
	}
	return total
}

// Members returns what can be seen of each member that takes closures, in their order.
func (p *Pool[T]) Members() []Info {
	var all []Info
	for _, m := range p.members() {
		all = append(all, m.svc.Info())
	}
	return all
}
