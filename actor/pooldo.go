package actor

import (
	"context"
	"errors"
	"weak"

	"golang.org/x/sync/errgroup"
)

// elsewhereMayRun reports whether err says that a closure did not run, for a reason
// that speaks of one member and not of the closure or its sender.
func elsewhereMayRun(err error) bool {
	if OutcomeOf(err) != NotRun {
		return false
	}
	var deadlock *DeadlockError
	return errors.Is(err, ErrStopped) || errors.As(err, &deadlock)
}

// Do hands f to the member with the least to do, or, if that has no room, to another
// one, and returns. It is otherwise as Service.Do. A nil f panics.
func (p *Pool[T]) Do(f func(*T)) error {
	if f == nil {
		panic("actor: Do of a nil closure")
	}
	if err := p.tryPut(tell[T](f)); err != nil {
		return p.refuse(tell[T](f), err)
	}
	return nil
}

// tryPut tries one member after the other, and returns ErrMailboxFull if one of them
// was only full.
func (p *Pool[T]) tryPut(j job) error {
	var tried []*Service[T]
	err := ErrStopped
	for m := p.pick(nil); m != nil; m = p.pick(tried) {
		switch e := m.svc.tryPut(j); e {
		case nil:
			return nil
		case ErrMailboxFull:
			err = e
		}
		tried = append(tried, m.svc)
	}
	return err
}

// refuse counts and reports what no member took, as the first one's.
func (p *Pool[T]) refuse(j job, reason error) error {
	if list := *p.list.Load(); len(list) > 0 {
		return list[0].svc.refuse(j, reason)
	}
	return p.nobody().refuse(j, reason)
}

func (p *Pool[T]) refuses() bool { return p.pick(nil) == nil }

func (p *Pool[T]) over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.final
}

func (p *Pool[T]) hear(_ *weak.Pointer[core], pool *func() target) {
	p.made()
	w := weak.Make(p)
	*pool = func() target {
		if p := w.Value(); p != nil {
			return p
		}
		return nil
	}
}

// DoContext is Service.DoContext, on the member with the least to do: it may wait for
// that member's room. A nil f panics.
func (p *Pool[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	if f == nil {
		panic("actor: DoContext of a nil closure")
	}
	if ctx == nil {
		panic("actor: DoContext with a nil context")
	}
	return doContext(ctx, Ref[T](p), f)
}

// doContext is DoContext for a pool or a key.
func doContext[T any](ctx context.Context, ref Ref[T], f func(context.Context, *T)) error {
	for {
		j := &tellContext[T]{ctx: ctx, f: f}
		s := ref.lease()
		err := s.tryPut(j)
		if err == ErrMailboxFull {
			err = s.putWaiting(ctx, j, &j.room, 1)
		}
		if ref = ref.after(s, err); ref != nil {
			continue
		}
		if err != nil {
			return s.refuse(j, err)
		}
		return nil
	}
}

// Run is Service.Run, on the member with the least to do. A nil f panics.
func (p *Pool[T]) Run(ctx context.Context, f func(*T) error) error {
	if f == nil {
		panic("actor: Run of a nil closure")
	}
	_, err := do[T, struct{}](ctx, p, errorOnly, f)
	return err
}

// RunContext is Service.RunContext, on the member with the least to do. A nil f
// panics.
func (p *Pool[T]) RunContext(ctx context.Context, f func(context.Context, *T) error) error {
	if f == nil {
		panic("actor: RunContext of a nil closure")
	}
	_, err := do[T, struct{}](ctx, p, errorContext, f)
	return err
}

// Broadcast is Do to each member, once. It returns how many accepted f, which runs on
// several goroutines at once then, so that what it captures is not changed any more.
// Members that are about to leave or join are counted if they get it. A nil f panics.
func (p *Pool[T]) Broadcast(f func(*T)) (accepted int) {
	if f == nil {
		panic("actor: Broadcast of a nil closure")
	}
	for _, m := range p.members() {
		if m.svc.Do(f) == nil {
			accepted++
		}
	}
	return accepted
}

// Gather calls each member of the pool at once and returns their results, in the
// order of the members; one that leaves meanwhile is left out. With the first error the others' contexts end, and Gather
// returns that error when all of them have; the results of those that ran are there
// all the same. It blocks like Call. A nil f panics.
func Gather[T, R any](ctx context.Context, pool *Pool[T], f func(*T) (R, error)) ([]R, error) {
	if f == nil {
		panic("actor: Gather of a nil closure")
	}
	if ctx == nil {
		panic("actor: Gather with a nil context")
	}
	list := pool.members()
	if len(list) == 0 {
		return nil, ErrStopped
	}
	results := make([]R, len(list))
	left := make([]bool, len(list))
	g, ctx := errgroup.WithContext(ctx)
	for i, m := range list {
		g.Go(func() (err error) {
			results[i], err = Call(ctx, m.svc, f)
			if elsewhereMayRun(err) && m.leaving.Load() {
				left[i], err = true, nil
			}
			return err
		})
	}
	err := g.Wait()
	n := 0
	for i, r := range results {
		if !left[i] {
			results[n] = r
			n++
		}
	}
	return results[:n], err
}
