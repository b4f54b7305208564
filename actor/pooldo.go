package actor

import (
	"context"
	"errors"

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
	return p.put(func(s *Service[T]) error { return s.tryPut(tell[T](f)) }, tell[T](f))
}

// put tries one member after the other.
func (p *Pool[T]) put(try func(*Service[T]) error, j job) error {
	var tried []*Service[T]
	err := ErrStopped
	last := (*Service[T])(nil)
	for m := p.pick(nil); m != nil; m = p.pick(tried) {
		switch e := try(m.svc); e {
		case nil:
			return nil
		case ErrStopped:
		default:
			err, last = e, m.svc
		}
		tried = append(tried, m.svc)
	}
	if last == nil {
		last = p.nobody()
	}
	return last.refuse(j, err)
}

// DoContext is Service.DoContext, on the member with the least to do: it may wait for
// that member's room. A nil f panics.
func (p *Pool[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	if f == nil {
		panic("actor: DoContext of a nil closure")
	}
	var err error
	for ref := Ref[T](p); ref != nil; {
		s := ref.service()
		err = s.DoContext(ctx, f)
		if err == nil {
			return nil
		}
		ref = ref.after(s, err)
	}
	return err
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
	for _, m := range *p.list.Load() {
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
	list := *pool.list.Load()
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
